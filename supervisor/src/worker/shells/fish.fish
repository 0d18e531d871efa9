# psup: marks prompts and commands for the terminal, invisibly. psup spawn --no-integration leaves it out.
set -g __psup_mark psup=@NONCE@
set -g __psup_file @COMMAND@

# The command's own end, before anything is drawn.
function __psup_postexec --on-event fish_postexec
    set -l code $status
    printf '\e]133;D;%s;%s\a' $code $__psup_mark
end

function __psup_preexec --on-event fish_preexec
    printf '\e]133;C;%s\a' $__psup_mark
end

# Before each prompt: whatever draws it now gets its marks around it.
function __psup_wrap --on-event fish_prompt
    if not functions fish_prompt | string match -q '*__psup_mark*'
        functions -e __psup_prompt
        functions -c fish_prompt __psup_prompt
        function fish_prompt
            printf '\e]133;A;%s\a' $__psup_mark
            __psup_prompt
            printf '\e]133;B;%s\a' $__psup_mark
        end
    end
end

# Bound to a key that no keyboard has: the command line is what psup exec has put there.
function __psup_fetch
    commandline -r -- (string collect <$__psup_file)
    commandline -f execute
end

function __psup_bind --on-event fish_prompt
    functions -e __psup_bind
    for mode in default insert visual replace_one
        bind -M $mode \e\[13377~ __psup_fetch
    end
end
