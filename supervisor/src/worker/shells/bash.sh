# psup: marks prompts and commands for the terminal, invisibly. psup spawn --no-integration leaves it out.
if [[ $- == *i* && -z ${__psup_mark-} ]] && ((BASH_VERSINFO[0] > 4 || BASH_VERSINFO[0] == 4 && BASH_VERSINFO[1] >= 4)); then
  if [[ ${PROMPT_COMMAND-} == '. '*/bashrc\' ]]; then
    # We came in by this variable: the user's own takes its place.
    PROMPT_COMMAND=${PSUP_PROMPT_COMMAND-}
    \export -n PROMPT_COMMAND
    \unset PSUP_PROMPT_COMMAND
    __psup_late=1
  fi
  __psup_mark='psup=@NONCE@'
  __psup_file=@COMMAND@
  # Each prompt has a number, so that what was printed once means nothing when it is printed again.
  __psup_n=0
  # A command that psup runs has two marks of its own (index 1), known to nobody before they are printed.
  __psup_x=0
  __psup_c=()
  __psup_d=("$__psup_mark")
  __psup_before='\[\e]133;D;$?;${__psup_d[__psup_x]-}.$__psup_n;late\a\e]133;A;${__psup_mark-}.$__psup_n\a\]'
  __psup_after='\[\e]133;B;${__psup_mark-}.$((__psup_n += 1))\a\]'
  # The user's own PS0 stands in the other one, so that the lines of a command of psup are without it.
  __psup_0=('' '')
  __psup_ps0='${__psup_0[__psup_x]@P}${__psup_c[__psup_x ? 1 + __psup_o++ : 0]-}'
  # What asks for the rest of a command says so.
  __psup_ps2='\[\e]133;P;${__psup_mark-}.$__psup_n\a\]'
  # The first thing after every command. Nothing that a trap or a trace of this shell prints here is seen.
  __psup_first='{ __psup_ended; } >/dev/null 2>&1 && :'
  __psup_ended() {
    __psup_code=$?
    # Only what is first can say where the output ended; the prompt itself says how.
    if [[ ${PROMPT_COMMAND-} == "$__psup_first"* ]]; then
      __psup_print $'\e]133;D;'"$__psup_code;${__psup_d[__psup_x]-}.$__psup_n"$'\a'
      __psup_x=0
    fi
    if [[ -n ${__psup_bang-} ]]; then
      \set -H
      __psup_bang=
    fi
    \return "$__psup_code"
  }
  # Somebody may have a function called builtin, or printf.
  __psup_print() {
    __psup_text=
    \builtin printf -v __psup_text %s "$1"
    if [[ $__psup_text == "$1" ]]; then
      \builtin printf %s "$1" >/dev/tty
    else
      \printf %s "$1" >/dev/tty
    fi
  }
  # Bound to another key: what marks the prompt is put back, and it is told that there is one.
  __psup_repair() {
    [[ $BASHOPTS == *promptvars* ]] || \return 0
    __psup_hook bound
    __psup_x=0
    __psup_n=$((__psup_n + 1))
    __psup_print $'\e]133;B;'"$__psup_mark.$__psup_n"$'\a'
  }
  # The last thing before every prompt: whatever it is now, its marks are around it.
  __psup_prompt() {
    __psup_hook
    # This one lets the next command be seen by its own hooks, which take our last step for it.
    [[ -z ${__bp_imported-} ]] || __bp_preexec_interactive_mode=on
  }
  __psup_hook() {
    __psup_c[0]=$'\e]133;C;'"$__psup_mark.$((__psup_n + 1))"$'\a'
    if [[ $BASHOPTS != *promptvars* ]]; then
      # Nothing in a prompt can count: there are no marks until this ends.
      PS0=${PS0/"$__psup_ps0"/"${__psup_0[0]}"}
      PS1=${PS1//"$__psup_before"/} PS1=${PS1//"$__psup_after"/}
      PS2=${PS2//"$__psup_ps2"/}
    else
      if [[ ${PS1-} != *__psup_d* && ${PS1@a} != *r* ]]; then
        PS1=$__psup_before${PS1-}$__psup_after
      fi
      # In a bound key bash has read PS0 already, and keeps no copy of it.
      if [[ ${PS0-} != "$__psup_ps0" && ${PS0@a} != *r* && -z ${1-} ]]; then
        __psup_0[0]=${PS0/"$__psup_ps0"/"${__psup_0[0]}"}
        PS0=$__psup_ps0
      fi
      if [[ ${PS2-} != *__psup_mark* && ${PS2@a} != *r* ]]; then
        PS2=$__psup_ps2${PS2-}
      fi
    fi
    [[ ${PROMPT_COMMAND@a}${PROMPT_COMMAND[0]@a} != *r* ]] || \return 0
    # Who put a step before ours, or took ours away, keeps what he has done; ours goes around it.
    if ((BASH_VERSINFO[0] > 5 || BASH_VERSINFO[0] == 5 && BASH_VERSINFO[1] >= 1)); then
      [[ ${PROMPT_COMMAND-} != "$__psup_first"* || ${PROMPT_COMMAND[*]: -1} != __psup_prompt ]] || \return 0
      __psup_steps=("$__psup_first")
      for __psup_step in "${PROMPT_COMMAND[@]}"; do
        __psup_step=${__psup_step//"$__psup_first"/:}
        case $__psup_step in '' | : | __psup_prompt) ;; *) __psup_steps+=("$__psup_step") ;; esac
      done
      \unset PROMPT_COMMAND
      PROMPT_COMMAND=("${__psup_steps[@]}" __psup_prompt)
      __psup_steps=()
    elif [[ ${PROMPT_COMMAND-} != "$__psup_first"*__psup_prompt ]]; then
      __psup_step=${PROMPT_COMMAND-}
      __psup_step=${__psup_step//"$__psup_first"/:}
      PROMPT_COMMAND=$__psup_first$'\n'${__psup_step//__psup_prompt/:}$'\n__psup_prompt'
    fi
  }
  # Bound to a key that no keyboard has: the command line is what psup exec has put there, taken literally.
  __psup_fetch() {
    # Not by a command substitution: in a bound key that confuses the parser of bash 5.2.
    __psup_open= __psup_end= READLINE_LINE=
    { IFS=' ' \builtin read -r __psup_open __psup_end && IFS= \builtin read -r -d '' READLINE_LINE; } <"$__psup_file" || :
    if [[ -z $__psup_end ]]; then
      { IFS=' ' \read -r __psup_open __psup_end && IFS= \read -r -d '' READLINE_LINE; } <"$__psup_file" || :
    fi
    READLINE_POINT=${#READLINE_LINE}
    __psup_hook bound
    __psup_x=1 __psup_o=0
    __psup_c[1]=$'\e]133;C;psup='"$__psup_open.$__psup_n"$'\a'
    __psup_d[1]=psup=$__psup_end
    if [[ $- == *a* ]]; then
      \export -n __psup_open __psup_end __psup_x __psup_o
    fi
    if [[ $- == *H* ]]; then
      __psup_bang=1
      \set +H
    fi
  }
  __psup_hook
  for __psup_map in emacs vi-insert vi-command; do
    \builtin bind -m "$__psup_map" -x '"\e[13378~": { __psup_fetch; } >/dev/null 2>&1'
    \builtin bind -m "$__psup_map" '"\e[13377~": "\e[13378~\C-m"'
    \builtin bind -m "$__psup_map" -x '"\e[13379~": { __psup_repair; } >/dev/null 2>&1'
  done 2>/dev/null
  \unset __psup_map
  if [[ -n ${__psup_late-} ]]; then
    \unset __psup_late
    __psup_prompt
  fi
fi
