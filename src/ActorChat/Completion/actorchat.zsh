#compdef actorchat
# actorchat's completion for zsh. For this shell:       source <(actorchat completion zsh)
# For every shell, with a folder of $fpath:  actorchat completion zsh > ~/.zfunc/_actorchat

_actorchat() {
    local -a candidates
    candidates=(${(f)"$("${words[1]}" '[suggest]' "${words[2,CURRENT-1]} $PREFIX" 2>/dev/null)"})
    # Where the program has nothing to offer, there are file names.
    if (( $#candidates )); then
        compadd -- "${candidates[@]}"
    else
        _files
    fi
}

if [[ ${funcstack[1]} == _actorchat ]]; then
    _actorchat "$@"
else
    compdef _actorchat actorchat
fi
