# psup: marks prompts and commands for the terminal, invisibly. psup spawn --no-integration leaves it out.
# This stands in for ~/.zshenv; the user's own follows, and everything after it is read from the user's own places.
if [[ -n ${PSUP_ZDOTDIR+set} ]]; then
  export ZDOTDIR=$PSUP_ZDOTDIR
  unset PSUP_ZDOTDIR
else
  unset ZDOTDIR
fi
[[ -r ${ZDOTDIR-$HOME}/.zshenv ]] && builtin source "${ZDOTDIR-$HOME}/.zshenv"

if [[ -o interactive ]]; then
  typeset -g __psup_mark='psup=@NONCE@' __psup_file=@COMMAND@ __psup_begun= __psup_off= __psup_sp= __psup_ran= __psup_noisy=
  typeset -g __psup_osc=$'\e]133;' __psup_bel=$'\a' __psup_newline=$'\n'
  # Each prompt has a number, so that what was printed once means nothing when it is printed again. A command that psup
  # runs has two marks of its own, known to nobody before they are printed.
  typeset -gi __psup_n=0
  typeset -g __psup_c= __psup_d=
  typeset -ag precmd_functions preexec_functions

  # These run with the options of a plain zsh, whatever the user's are, and leave no trace in a trace of the user's.
  emulate zsh -o no_xtrace -o no_err_exit -o no_err_return -o unset -c '
    __psup_print() {
      if (( $+functions[builtin] )); then
        print -rn -- "$1" >/dev/tty
      else
        builtin print -rn -- "$1" >/dev/tty
      fi
    }
    # The first of all before a prompt: how the command ended.
    __psup_ended() {
      local code=$? late=
      # What is printed before this cannot be told from what the command printed.
      [[ $precmd_functions[1] == __psup_ended || $functions[precmd] == *__psup_ended* ]] || late=";late"
      [[ -z $functions[precmd] || $functions[precmd] == *__psup_ended* ]] || late=";late"
      [[ $options[prompt_sp] == off ]] || late=";late"
      # A line that zsh cannot parse leaves the code of the one before.
      [[ -n $__psup_d && -z $__psup_ran ]] && code=1
      [[ -n $__psup_d && -z $late ]] && __psup_listen
      [[ -z $__psup_noisy ]] || late=";late"
      __psup_print "${__psup_osc}D;$code;${__psup_d:-$__psup_mark}.$__psup_n$late$__psup_bel"
      [[ -z $1 ]] || return $code
    }
    # A trap prints between our steps as well.
    __psup_listen() {
      local traps=$(trap 2>/dev/null)
      [[ $traps == *DEBUG* || $+functions[TRAPDEBUG] == 1 ]] && __psup_noisy=1
    }
    # The last of all before a command.
    __psup_began() {
      __psup_hook
      __psup_ran=1
      __psup_print "${__psup_osc}C;${__psup_c:-$__psup_mark}.$__psup_n$__psup_bel"
    }
    # The editor takes input, whatever the prompt looks like.
    __psup_line_init() {
      local code=$?
      __psup_print "${__psup_osc}D;$code;${__psup_d:-$__psup_mark}.$__psup_n;late$__psup_bel"
      (( __psup_n += 1 ))
      __psup_c= __psup_d=
      __psup_print "${__psup_osc}B;$__psup_mark.$__psup_n$__psup_bel"
      __psup_hook
    }
    # Ours stay the first and the last, whatever has come since.
    __psup_hook() {
      [[ $precmd_functions[1] == __psup_ended ]] || precmd_functions=(__psup_ended ${precmd_functions:#__psup_ended})
      [[ $precmd_functions[-1] == __psup_prompt ]] || precmd_functions=(${precmd_functions:#__psup_prompt} __psup_prompt)
      [[ $preexec_functions[-1] == __psup_began ]] || preexec_functions=(${preexec_functions:#__psup_began} __psup_began)
      # A function precmd comes before the list of them.
      if [[ -n $functions[precmd] && $functions[precmd] != *__psup_ended* ]]; then
        functions[precmd]="__psup_ended keep && :$__psup_newline$functions[precmd]"
      fi
      # What asks for the rest of a command says so.
      local start="%{$__psup_osc"
      [[ $PS2 == "$start"* ]] && PS2=${PS2#*"$__psup_bel%}"}
      PS2="${start}P;$__psup_mark.$__psup_n$__psup_bel%}$PS2"
      return 0
    }
    __psup_bind() {
      if [[ -z $__psup_begun ]]; then
        __psup_begun=1
        autoload -Uz add-zle-hook-widget
        zle -N __psup_fetch
        zle -N __psup_line_init
      fi
      [[ $widgets[zle-line-init] == user:azhw:* ]] || add-zle-hook-widget line-init __psup_line_init
      local map
      for map in emacs viins vicmd main; do
        bindkey -M $map "${__psup_osc[1]}[13377~" __psup_fetch
        bindkey -M $map "${__psup_osc[1]}[13379~" __psup_line_init
      done
    } 2>/dev/null
    # The command line is what psup exec has put there.
    __psup_take() {
      local all=$(<$__psup_file)
      local tokens=${all%%$__psup_newline*}
      BUFFER=${all#*$__psup_newline}
      __psup_c="psup=${tokens% *}" __psup_d="psup=${tokens#* }"
      __psup_ran= __psup_noisy=
      __psup_listen
      __psup_hook
    }
  '
  # zsh shows an end without a newline before its hooks run; shown here, it comes after the mark.
  __psup_prompt() {
    if [[ -n $__psup_off ]]; then
      setopt bang_hist
      __psup_off=
    fi
    if [[ -o prompt_sp ]]; then
      unsetopt prompt_sp
      __psup_sp=1
    elif [[ -n $__psup_sp ]]; then
      builtin print -Pn -- "${PROMPT_EOL_MARK-%B%S%#%s%b}${(l:$((COLUMNS - 1)):: :):-}"$'\r \r'
    fi
    __psup_bind
    return 0
  }
  # Bound to a key that no keyboard has. The line is taken literally.
  __psup_fetch() {
    __psup_take
    if [[ -o bang_hist ]]; then
      unsetopt bang_hist
      __psup_off=1
    fi
    if [[ -o prompt_sp ]]; then
      unsetopt prompt_sp
      __psup_sp=1
    fi
    zle .accept-line
  }
  __psup_hook
fi
