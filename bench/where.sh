#!/usr/bin/env bash
# Where the time of two nodes goes while one delivery follows another, as a table: bench/where.sh NODE FOLDER [SECONDS]
# Needs root and Debian's linux-perf. Code that was compiled while running is told apart by the map that .NET writes for perf; with its usual pages,
# mapped twice, perf would not find it.

set -euo pipefail

node=$(realpath "$1")
folder=$2
seconds=${3:-20}
bench=$(cd "$(dirname "$0")" && pwd)

"$bench"/ActorChat.Delivery/bin/Release/net10.0/ActorChat.Delivery deliver --recipients 1 --seconds $((seconds + 10)) --node "$node" \
  --env DOTNET_PerfMapEnabled=1 --env DOTNET_EnableWriteXorExecute=0 > "$folder/where-deliver.txt" &
deliveries=$!
trap 'kill $deliveries 2>/dev/null || true' EXIT
until grep -q "recipients at a time" "$folder/where-deliver.txt"; do
  kill -0 $deliveries
  sleep 1
done

nodes=$(pgrep --parent $deliveries --delimiter ,)
perf record --quiet -e cpu-clock -F 1500 -g --pid "$nodes" --output "$folder/perf.data" -- sleep "$seconds"
wait $deliveries
perf script --input "$folder/perf.data" --fields ip,sym,dso --no-inline 2> /dev/null | python3 "$bench/where.py"
rm -f "$folder/perf.data" $(tr , '\n' <<< "$nodes" | sed 's|.*|/tmp/perf-&.map|')
