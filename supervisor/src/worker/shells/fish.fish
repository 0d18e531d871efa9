# psup: marks prompts and commands for the terminal, invisibly. psup spawn --no-integration leaves it out.
set -g __psup_mark psup=@NONCE@
set -g __psup_file @COMMAND@
# Each prompt has a number, so that what was printed once means nothing when it is printed again. A command that psup
# runs has two marks of its own, known to nobody before they are printed.
set -g __psup_n 0
set -g __psup_c
set -g __psup_d

# The command's own end, before anything else is told of it.
function __psup_postexec --on-event fish_postexec
    set -l code $status
    set -l mark $__psup_mark
    builtin test -n "$__psup_d" && set mark $__psup_d
    builtin printf '\e]133;D;%s;%s.%s\a' $code $mark $__psup_n >/dev/tty
end

function __psup_preexec --on-event fish_preexec
    set -l mark $__psup_mark
    builtin test -n "$__psup_c" && set mark $__psup_c
    builtin printf '\e]133;C;%s.%s\a' $mark $__psup_n >/dev/tty
end

# Before each prompt: whatever draws it now gets its marks around it.
function __psup_wrap --on-event fish_prompt
    set -g __psup_c
    set -g __psup_d
    if not functions fish_prompt | builtin string match -q '*__psup_mark*'
        functions -e __psup_prompt
        functions -c fish_prompt __psup_prompt
        function fish_prompt
            set -l code $status
            set -g __psup_n (builtin math $__psup_n + 1)
            builtin printf '\e]133;A;%s.%s\a' $__psup_mark $__psup_n
            __psup_status $code
            __psup_prompt
            builtin printf '\e]133;B;%s.%s\a' $__psup_mark $__psup_n
        end
    end
end

function __psup_status
    return $argv[1]
end

# Events are told in the order in which their functions were defined: ours is the first of those that hear of a
# command's end, and the last of those that hear of its beginning.
function __psup_order
    for name in (functions --handlers-type generic | builtin string match -rg '^fish_postexec (.+)')
        builtin test $name = __psup_postexec || functions $name | source
    end
    functions __psup_preexec | source
end

# Bound to a key that no keyboard has: the command line is what psup exec has put there.
function __psup_fetch
    set -l all (builtin string split -m 1 \n -- (builtin string collect <$__psup_file))
    set -l tokens (builtin string split ' ' -- $all[1])
    builtin commandline -r -- $all[2]
    # Else fish would stay at the line.
    if not builtin commandline --is-valid
        builtin commandline -r ''
        builtin printf '\e]133;P;%s.%s;late\a' $__psup_mark $__psup_n >/dev/tty
        builtin commandline -f repaint
        return
    end
    __psup_order
    set -g __psup_c psup=$tokens[1]
    set -g __psup_d psup=$tokens[2]
    builtin commandline -f execute
end

# Bound to another key: what marks the prompt is put back.
function __psup_repair
    __psup_wrap
    builtin commandline -f repaint
end

function __psup_bind --on-event fish_prompt
    functions -e __psup_bind
    for mode in default insert visual replace_one
        bind -M $mode \e\[13377~ __psup_fetch
        bind -M $mode \e\[13379~ __psup_repair
    end
end
