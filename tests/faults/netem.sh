#!/usr/bin/env bash
# Two real nodes talk over a bad network, to be run by hand: netem.sh [MESSAGES]. Each has a network namespace of its own; between them
# packets take 200 ms ± 100 each way, so that many overtake others, 10 % are lost and 5 % come twice. Each node sends the other MESSAGES
# messages (100 when left out). Whatever was delivered must be in the other's log, and nothing in a log twice.
# Needs Linux, root, iproute2 and the .NET SDK. Where the kernel has no netem, wire.py spoils the packets in its place, which takes Python 3.

set -euo pipefail

messages=${1:-100}
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
declare -A address=([alice]=10.99.7.1 [bob]=10.99.7.2) peer=([alice]=bob [bob]=alice) input=()
processes=()

space() { echo "actorchat-$$-$1"; }

clean_up() {
  kill "${processes[@]}" 2>/dev/null || true
  wait "${processes[@]}" 2>/dev/null || true
  for name in alice bob; do ip netns delete "$(space $name)" 2>/dev/null || true; done
  rm -rf "$work"
}

lay_netem() {
  ip -n "$(space alice)" link add wire type veth peer name wire netns "$(space bob)"
  for name in alice bob; do
    ip netns exec "$(space $name)" tc qdisc add dev wire root netem delay 200ms 100ms loss 10% duplicate 5% 2>/dev/null || return 1
  done
}

lay_wire() {
  ip -n "$(space alice)" link delete wire 2>/dev/null || true
  python3 "$root/tests/faults/wire.py" "$(space alice)" "$(space bob)" &
  processes+=($!)
  until ip -n "$(space bob)" link show wire >/dev/null 2>&1; do kill -0 $!; sleep 0.1; done
}

lay_line() {
  for name in alice bob; do ip netns add "$(space $name)"; done
  if lay_netem; then line=netem; else line=wire.py && lay_wire; fi
  for name in alice bob; do
    ip -n "$(space $name)" address add "${address[$name]}/24" dev wire
    ip -n "$(space $name)" link set wire up
    ip -n "$(space $name)" link set lo up
  done
}

start_node() { # NAME
  local other=${peer[$1]}
  echo "[{\"username\": \"$other\", \"password\": \"only alice and bob know\", \"ip\": \"${address[$other]}\", \"port\": 5001}]" > "$work/$1.json"
  mkfifo "$work/$1.in"
  ip netns exec "$(space "$1")" dotnet "$work/bin/actorchat.dll" --json --name "$1" --port 5001 --directory "$work/$1.json" --state "$work/$1" \
    < "$work/$1.in" > "$work/$1.out" 2> "$work/$1.err" &
  processes+=($!)
  exec {input[$1]}> "$work/$1.in"
  until grep -q '"event":"listening"' "$work/$1.out"; do kill -0 $!; sleep 0.1; done
}

sent() { grep '"event":"sent"' "$work/$1.out" || true; }

ids() { grep -o '"id":"[^"]*"' | sort; }

judge() { # NAME
  local other=${peer[$1]} delivered logged
  delivered=$(sent "$1" | grep '"outcome":"delivered"' | ids)
  logged=$(dotnet "$work/bin/actorchat.dll" log export --state "$work/$other" | grep '"direction":"received"' | ids)
  echo "$1 to $other: $(sent "$1" | grep -o '"outcome":"[^"]*"' | sort | uniq -c | xargs); $(grep -c . <<< "$logged" || true) in the log of $other"
  [[ -z $(uniq -d <<< "$logged") ]] || { echo "WRONG: a message is twice in the log of $other" && return 1; }
  [[ -z $(comm -23 <(echo "$delivered") <(echo "$logged")) ]] || { echo "WRONG: a delivered message is not in the log of $other" && return 1; }
}

[[ $(id -u) == 0 ]] || { echo "This makes network namespaces: run it as root." && exit 1; }
trap clean_up EXIT
dotnet build "$root/src/ActorChat" --configuration Release --output "$work/bin" > "$work/build" || { cat "$work/build" && exit 1; }
lay_line
start_node alice
start_node bob
began=$SECONDS
for ((i = 1; i <= messages; i++)); do
  for name in alice bob; do echo "{\"to\": \"${peer[$name]}\", \"text\": \"message $i of $name\"}" >&"${input[$name]}"; done
done
until (($(sent alice | wc -l) == messages && $(sent bob | wc -l) == messages)); do sleep 1; done
echo "$((2 * messages)) messages in $((SECONDS - began)) s over a line spoiled by $line"
for name in alice bob; do exec {input[$name]}>&-; done
wait "${processes[@]: -2}"
judge alice
judge bob
