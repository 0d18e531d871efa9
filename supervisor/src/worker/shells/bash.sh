# psup: marks prompts and commands for the terminal, invisibly. psup spawn --no-integration leaves it out.
if [[ $- == *i* && -z ${__psup_mark-} ]] && ((BASH_VERSINFO[0] > 4 || BASH_VERSINFO[0] == 4 && BASH_VERSINFO[1] >= 4)); then
  if [[ ${PROMPT_COMMAND-} == '. '*/bashrc\' ]]; then
    # We came in by this variable: the user's own takes its place.
    PROMPT_COMMAND=${PSUP_PROMPT_COMMAND-}
    export -n PROMPT_COMMAND
    unset PSUP_PROMPT_COMMAND
    __psup_late=1
  fi
  __psup_mark='psup=@NONCE@'
  __psup_file=@COMMAND@
  # First of all prompt commands: how the command ended.
  __psup_ended() {
    local code=$?
    builtin printf '\e]133;D;%s;%s\a' "$code" "$__psup_mark"
    if [[ -n ${__psup_bang-} ]]; then
      set -H
      unset __psup_bang
    fi
    return "$code"
  }
  # Last of all prompt commands: whatever the prompt is now, its marks are around it.
  __psup_prompt() {
    local code=$?
    [[ $PS1 == *"$__psup_mark"* ]] || PS1='\[\e]133;D;$?;'$__psup_mark'\a\e]133;A;'$__psup_mark'\a\]'$PS1'\[\e]133;B;'$__psup_mark'\a\]'
    [[ ${PS0-} == *"$__psup_mark"* ]] || PS0=${PS0-}'\e]133;C;'$__psup_mark'\a'
    return "$code"
  }
  # Bound to a key that no keyboard has: the command line is what psup exec has put there, taken literally.
  __psup_fetch() {
    # Not by a command substitution: in a bound key that confuses the parser of bash 5.2.
    IFS= builtin read -r -d '' READLINE_LINE <"$__psup_file"
    READLINE_POINT=${#READLINE_LINE}
    if [[ $- == *H* ]]; then
      __psup_bang=1
      set +H
    fi
  }
  if [[ "$(declare -p PROMPT_COMMAND 2>/dev/null)" == 'declare -a'* ]]; then
    PROMPT_COMMAND=(__psup_ended "${PROMPT_COMMAND[@]}" __psup_prompt)
  else
    PROMPT_COMMAND=$'__psup_ended\n'${PROMPT_COMMAND-}$'\n__psup_prompt'
  fi
  for __psup_map in emacs vi-insert vi-command; do
    builtin bind -m "$__psup_map" -x '"\e[13378~": __psup_fetch'
    builtin bind -m "$__psup_map" '"\e[13377~": "\e[13378~\C-m"'
  done 2>/dev/null
  unset __psup_map
  if [[ -n ${__psup_late-} ]]; then
    unset __psup_late
    __psup_prompt
  fi
fi
