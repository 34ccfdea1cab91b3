#!/usr/bin/env bash
# Fuzzes the readers of bytes that come from others, with SharpFuzz and AFL++:
#
#   tests/ActorChat.Fuzzing/run.sh [seconds of processor time for each target, 60] [target…]
#
# Builds (or takes what is built already in the folder that FUZZING_APP names), instruments ActorChat.Protocol and ActorChat.Storage in a copy under
# artifacts/fuzzing (not in git), runs one target after the other and prints a table. Exit code 0 when nothing was found; else 1, with the inputs that did it and how to run one again.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-60}
targets=("${@:2}")
[ ${#targets[@]} -gt 0 ] || targets=(framer pdu text directory sealed log)

if ! command -v afl-fuzz > /dev/null; then
  echo "afl-fuzz is missing: apt-get install afl++" >&2
  exit 1
fi
if ! dotnet tool restore > /dev/null; then
  echo "The sharpfuzz tool of .config/dotnet-tools.json cannot be restored: is the package source within reach?" >&2
  exit 1
fi

work=$PWD/artifacts/fuzzing
rm -rf "$work"
mkdir -p "$work"
memory=$(mktemp -d -p "$([ -d /dev/shm ] && echo /dev/shm || echo /tmp)")
fuzzer=
trap '[ -z "$fuzzer" ] || kill "$fuzzer" 2> /dev/null || true; wait; rm -rf "$memory"' EXIT
trap 'exit 130' INT TERM

if [ -n "${FUZZING_APP:-}" ]; then
  cp -r "$FUZZING_APP" "$work/app"
else
  dotnet publish tests/ActorChat.Fuzzing -c Release -o "$work/app" --artifacts-path "$work/build" > "$work/publish.log" || { cat "$work/publish.log"; exit 1; }
fi
cp -r "$work/app" "$work/plain"
dotnet sharpfuzz "$work/app/ActorChat.Protocol.dll" > /dev/null
dotnet sharpfuzz "$work/app/ActorChat.Storage.dll" > /dev/null
"$work/plain/ActorChat.Fuzzing" seeds "$work/seeds"

# A seed that crashes is left out by AFL without a word, and all that it would have led to with it.
for target in "${targets[@]}"; do
  if ! "$work/plain/ActorChat.Fuzzing" "$target" "$work/seeds/$target"/* > "$work/seeds.log" 2>&1; then
    tail -n 12 "$work/seeds.log" >&2
    echo "The seed named last is a finding by itself." >&2
    exit 1
  fi
done

export AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_SKIP_BIN_CHECK=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_MAP_SIZE=65536 AFL_FORKSRV_INIT_TMOUT=60000
export AFL_TMPDIR=$memory ACTORCHAT_FUZZING_SCRATCH=$memory

# Processor time, in seconds, of a process and all below it: the time on the clock says little where others work as well.
processor_time() {
  ps -eo pid=,ppid=,cputimes= | awk -v root="$1" '
    { parent[$1] = $2; time[$1] = $3 }
    END { for (p in time) { q = p; while (q != root && q in parent) q = parent[q]; if (q == root) sum += time[p] } print sum + 0 }'
}

figure() {
  sed -n "s/^$2 *: *//p" "$work/$1/default/fuzzer_stats"
}

found=0
printf '%-10s %9s %11s %9s %8s %10s %8s %6s\n' target seconds executions per-second corpus stability crashes hangs
for target in "${targets[@]}"; do
  # A run takes a millisecond; one that takes seconds is a finding. Long enough for a machine that others use as well.
  nice -n 15 afl-fuzz -i "$work/seeds/$target" -o "$work/$target" -x tests/ActorChat.Fuzzing/words.dict -t 5000 -m none -G 20000 \
    -- "$work/app/ActorChat.Fuzzing" "$target" > "$work/$target.log" 2>&1 &
  fuzzer=$!
  spent=0
  while [ "$spent" -lt "$seconds" ] && kill -0 "$fuzzer" 2> /dev/null; do
    sleep 1
    spent=$(processor_time "$fuzzer")
  done
  if ! kill -INT "$fuzzer" 2> /dev/null; then
    tail -n 20 "$work/$target.log" >&2
    echo "afl-fuzz ended by itself; all that it said is in $work/$target.log" >&2
    exit 1
  fi
  wait "$fuzzer" || true
  fuzzer=

  crashes=$(figure "$target" saved_crashes)
  hangs=$(figure "$target" saved_hangs)
  executions=$(figure "$target" execs_done)
  printf '%-10s %9s %11s %9s %8s %10s %8s %6s\n' "$target" "$seconds" "$executions" "$((executions / seconds))" \
    "$(figure "$target" corpus_count)" "$(figure "$target" stability)" "$crashes" "$hangs"
  found=$((found + crashes + hangs))
done

if [ "$found" -gt 0 ]; then
  echo "Found $found. The inputs:" >&2
  find "$work"/*/default/crashes "$work"/*/default/hangs -name 'id:*' >&2
  echo "To see what one does: $work/plain/ActorChat.Fuzzing TARGET FILE" >&2
  exit 1
fi
