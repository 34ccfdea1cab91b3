# actorchat's completion for bash. For this shell:      source <(actorchat completion bash)
# For every shell:  actorchat completion bash > ~/.local/share/bash-completion/completions/actorchat

_actorchat() {
    local line=${COMP_LINE:0:COMP_POINT} candidate
    COMPREPLY=()
    while IFS= read -r candidate; do
        # What was begun with a quote is quoted already.
        [[ $2 == [\"\']* ]] || printf -v candidate %q "$candidate"
        COMPREPLY+=("$candidate")
    done < <("$1" '[suggest]' "${line#*[[:space:]]}" 2>/dev/null)
}

# Where the program has nothing to offer, there are file names.
complete -o default -F _actorchat actorchat
