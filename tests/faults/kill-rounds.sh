#!/usr/bin/env bash
# SIGKILL at a random moment at either end while messages flow, to be run by hand: kill-rounds.sh [ROUNDS] (200 when left out). In each round alice writes 50
# messages to bob, and one of the two is killed and started again. In the end every message in alice's log must be in bob's, once and in order, and both
# logs must verify. NODE=FILE takes a published program in place of building src/ActorChat. Needs the .NET SDK.

set -euo pipefail
umask 077
trap '' PIPE

rounds=${1:-200}
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
declare -A port=([alice]=$((20000 + RANDOM % 5000)) [bob]=$((25000 + RANDOM % 5000))) peer=([alice]=bob [bob]=alice) input=() process=() killed=([alice]=0 [bob]=0)

clean_up() {
  kill -9 "${process[@]}" 2>/dev/null || true
  rm -rf "$work"
}

start_node() { # NAME [OPTION...]
  local other=${peer[$1]}
  [[ -z ${input[$1]:-} ]] || exec {input[$1]}>&-
  echo "[{\"username\": \"$other\", \"password\": \"only alice and bob know\", \"ip\": \"127.0.0.1\", \"port\": ${port[$other]}}]" > "$work/$1.json"
  rm -f "$work/$1.in" "$work/$1.out" # what is read below is not of the life before
  mkfifo "$work/$1.in"
  # A node that held the other one's input open would keep it from ending.
  (
    for open in "${input[@]}"; do exec {open}>&-; done
    exec "${program[@]}" --json --name "$1" --port "${port[$1]}" --directory "$work/$1.json" --state "$work/$1" --config "$work/conf" "${@:2}" \
      < "$work/$1.in" > "$work/$1.out" 2> "$work/$1.err"
  ) &
  process[$1]=$!
  exec {input[$1]}> "$work/$1.in"
  until grep -qs '"event":"listening"' "$work/$1.out"; do
    kill -0 "${process[$1]}" || { cat "$work/$1.out" "$work/$1.err" && exit 1; }
    sleep 0.05
  done
}

end_node() { # NAME
  exec {input[$1]}>&-
  unset "input[$1]"
  wait "${process[$1]}" || { echo "$1 ended with $?" && tail -5 "$work/$1.out" "$work/$1.err" && exit 1; }
}

write_messages() { # ROUND
  for i in {1..50}; do
    echo "{\"to\": \"bob\", \"text\": \"message $i of round $1\"}" >&"${input[alice]}" || true
    sleep 0.01
  done 2> /dev/null
}

log() { "${program[@]}" log "$1" --state "$work/$2" "${@:3}"; }

ids() { grep "\"direction\":\"$1\"" | grep -o '"id":"[^"]*"'; }

trap clean_up EXIT
if [[ -n ${NODE:-} ]]; then
  program=("$NODE")
else
  dotnet build "$root/src/ActorChat" --configuration Release --output "$work/bin" > "$work/build" || { cat "$work/build" && exit 1; }
  program=(dotnet "$work/bin/actorchat.dll")
fi
echo 'actorchat { presence.announce = on, texts.per-minute = 100000 }' > "$work/conf"
for name in alice bob; do
  start_node "$name" --verification-key-out "$work/$name.key"
done
for ((round = 1; round <= rounds; round++)); do
  write_messages "$round" &
  writer=$!
  victim=$([[ $((RANDOM % 2)) == 0 ]] && echo alice || echo bob)
  sleep "0.$(printf %03d $((RANDOM % 700)))"
  kill -9 "${process[$victim]}"
  wait "${process[$victim]}" 2> /dev/null || true
  wait "$writer" || true
  killed[$victim]=$((killed[$victim] + 1))
  start_node "$victim"
  ((round % 20)) || echo "$round rounds"
done

# To the end of the input everything has its outcome or waits; what waits goes when the node runs again.
end_node alice
while grep -q 'until this node runs again' "$work/alice.err"; do
  start_node alice
  sleep 3
  end_node alice
done
end_node bob

log export alice | ids sent | awk '!seen[$0]++' > "$work/sent"
log export bob | ids received > "$work/received"
echo "$rounds rounds, alice killed ${killed[alice]} times and bob ${killed[bob]}: $(wc -l < "$work/sent") messages accepted, $(wc -l < "$work/received") received"
for name in alice bob; do log verify "$name" --verification-key-file "$work/$name.key"; done
[[ -z $(sort "$work/received" | uniq -d) ]] || { echo "WRONG: a message is twice in the log of bob" && exit 1; }
diff "$work/sent" "$work/received" > "$work/diff" || { head -20 "$work/diff" && echo "WRONG: what was accepted and what was received differ" && exit 1; }
