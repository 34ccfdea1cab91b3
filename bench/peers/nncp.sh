#!/usr/bin/env bash
# Messages queued while the other side is down, then both up: two NNCP nodes beside two of ours, on 127.0.0.1, once undisturbed and once with a SIGKILL of the
# receiver in the middle: bench/peers/nncp.sh [--messages 1000] [--rounds 3]. A message that is lost, or is there twice, fails the run. See nncp.py.
# NODE=FILE takes a published program in place of publishing src/ActorChat. Needs the .NET SDK, Python 3, and Debian's nncp, which it installs
# where it is missing (as root).

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

command -v nncp-daemon >/dev/null || apt-get install -y --no-install-recommends nncp || { apt-get update && apt-get install -y --no-install-recommends nncp; }

if [ -z "${NODE:-}" ]; then
  dotnet publish "$here/../../src/ActorChat" --output "$work/published" -v q
  NODE=$work/published/actorchat
fi

python3 "$here/nncp.py" --node "$NODE" --folder "$work" "$@"
