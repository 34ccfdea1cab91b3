#!/usr/bin/env bash
# Every figure of docs/performance.md from one published program, in one go: bench/all.sh NODE FOLDER [short]
# NODE was published with -p:StartupHookSupport=true. FOLDER gets what each measurement said (.txt) and its figures (.json), and docs/plots the plots.
# It takes about 35 minutes on a quiet machine with 2 cores, 3 GB of room in the folder for temporary files, and root, for the peers of peers/run.sh
# and for perf, which it leaves out where there is none. "short" takes a tenth of everything, to see that all of it works.
# A measurement that fails does not stop the others; the exit code says that one has.

set -uo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
node=$(realpath "$1")
folder=$(mkdir -p "$2" && realpath "$2")
short=${3:-}
status=0
cd "$root"

dotnet build -c Release bench/ActorChat.Delivery -v q || exit 1

# run NAME ARGUMENT...: one measurement.
run() {
  local name=$1
  shift
  echo "== $name, $(date +%H:%M)"
  "$@" 2>&1 | tee "$folder/$name.txt"
  [ "${PIPESTATUS[0]}" = 0 ] || { echo "== $name has failed"; status=1; }
}

measure() {
  local name=$1
  shift
  run "$name" bench/ActorChat.Delivery/bin/Release/net10.0/ActorChat.Delivery "$@" --node "$node" --json "$folder/$name.json"
}

if [ -z "$short" ]; then
  export NODE=$node
  run peers bench/peers/run.sh --rounds 7 --deliveries 1000 --json "$folder/peers.json"
  measure deliver deliver
  measure no-ml-kem deliver --recipients 1 --config <(echo 'actorchat.conversation.post-quantum = off')
  measure burst burst
  measure idle idle
  measure connections connections
  measure contacts contacts --rounds 7
  measure log log --megabytes 0,100,1000 --rounds 7
else
  measure deliver deliver --recipients 1,8 --seconds 3 --warm-up 300
  measure no-ml-kem deliver --recipients 1 --seconds 3 --warm-up 300 --config <(echo 'actorchat.conversation.post-quantum = off')
  measure burst burst --texts 1000 --warm-up 100
  measure idle idle --seconds 3
  measure connections connections --counts 100,200
  measure contacts contacts --contacts 10,50 --rounds 2 --deliveries 100 --warm-up 300
  measure log log --megabytes 0,20 --rounds 2 --deliveries 100 --warm-up 300
fi

if command -v perf > /dev/null; then
  run where bench/where.sh "$node" "$folder" $([ -z "$short" ] && echo 20 || echo 5)
fi

[ -n "$short" ] || run plots python3 bench/plots.py docs/plots "$folder"/{deliver,connections,contacts,log}.json
exit $status
