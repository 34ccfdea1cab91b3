#!/usr/bin/env bash
# Does the suite ever cry wolf? Runs it again and again on a machine that is busy with something else, and counts the failures by test.
#
#   tests/steady.sh 10                                   ten runs of the whole suite
#   tests/steady.sh 3 tests/ActorChat.Storage.Tests      three of one project; what follows the number goes to dotnet test
#
# Four loops hold the processors of a machine with two. The results of each run stay in a folder that is named at the end.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:?how many runs?}
shift
results=$(mktemp -d "${TMPDIR:-/tmp}/steady.XXXXXX")
loops=()
trap 'kill "${loops[@]}" 2>/dev/null || true' EXIT

dotnet build ${1:+"$1"} --verbosity quiet
for _ in 1 2 3 4; do
  (while :; do :; done) &
  loops+=($!)
done

failed=0
for run in $(seq "$runs"); do
  begun=$SECONDS
  if dotnet test "$@" --no-build --logger trx --results-directory "$results/$run" >"$results/$run.log" 2>&1; then
    said=passed
  else
    said=failed
    failed=$((failed + 1))
  fi
  echo "run $run of $runs: $said in $((SECONDS - begun)) s"
done

echo "$failed of $runs runs failed; results in $results"
# A host that died has written no results: its log says why.
grep -hoE '<UnitTestResult [^>]*outcome="Failed"' -r "$results" --include='*.trx' | sed -E 's/.*testName="([^"]*)".*/\1/' | sort | uniq -c | sort -rn || true
exit $((failed > 0))
