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
  typeset -g __psup_mark='psup=@NONCE@' __psup_file=@COMMAND@ __psup_begun= __psup_off=

  # The first of the hooks before a prompt: how the command ended.
  __psup_precmd() {
    local code=$?
    builtin print -rn -- $'\e]133;D;'"$code;$__psup_mark"$'\a'
    if [[ -n $__psup_off ]]; then
      setopt bang_hist
      __psup_off=
    fi
    if [[ -z $__psup_begun ]]; then
      __psup_begun=1
      autoload -Uz add-zle-hook-widget && add-zle-hook-widget line-init __psup_line_init
      zle -N __psup_fetch
      local map
      for map in emacs viins vicmd main; do
        bindkey -M $map $'\e[13377~' __psup_fetch
      done
    fi 2>/dev/null
    # zsh shows an end without a newline before its hooks run; shown here, it comes after the mark.
    if [[ -o prompt_sp ]]; then
      unsetopt prompt_sp
      __psup_sp=1
    fi
    [[ -n ${__psup_sp-} ]] && builtin print -Pn -- "${PROMPT_EOL_MARK-%B%S%#%s%b}${(l:$((COLUMNS - 1)):: :)}"$'\r \r'
    # Stay first, whoever has come since.
    [[ ${precmd_functions[1]-} == __psup_precmd ]] || precmd_functions=(__psup_precmd ${precmd_functions:#__psup_precmd})
    return $code
  }
  __psup_preexec() {
    builtin print -rn -- $'\e]133;C;'"$__psup_mark"$'\a'
    preexec_functions=(${preexec_functions:#__psup_preexec} __psup_preexec)
  }
  # The editor takes input, whatever the prompt looks like.
  __psup_line_init() {
    builtin print -rn -- $'\e]133;B;'"$__psup_mark"$'\a'
  }
  # Bound to a key that no keyboard has: the command line is what psup exec has put there, taken literally.
  __psup_fetch() {
    BUFFER=$(<$__psup_file)
    if [[ -o bang_hist ]]; then
      unsetopt bang_hist
      __psup_off=1
    fi
    zle .accept-line
  }
  typeset -ag precmd_functions preexec_functions
  precmd_functions+=(__psup_precmd)
  preexec_functions+=(__psup_preexec)
fi
