#!/usr/bin/env bash
# Two nodes, mosquitto and the bare OpenSSL floor deliver the same message in turns on 127.0.0.1, and the ratios of their processor time are
# printed: bench/peers/run.sh [options of "ActorChat.Delivery compare", such as --rounds 7 --deliveries 1000 --json FILE].
# NODE=FILE takes a published program in place of publishing src/ActorChat. Needs the .NET SDK, a C compiler, and Debian's mosquitto,
# libmosquitto-dev and libssl-dev, which it installs where they are missing (as root).

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
work=$(mktemp -d)
broker=
trap '[ -z "$broker" ] || { kill "$broker"; wait "$broker" || true; }; rm -rf "$work"' EXIT

if ! command -v mosquitto >/dev/null || ! [ -e /usr/include/mosquitto.h ] || ! [ -e /usr/include/openssl/ssl.h ]; then
  apt-get install -y --no-install-recommends mosquitto libmosquitto-dev libssl-dev || { apt-get update && apt-get install -y --no-install-recommends mosquitto libmosquitto-dev libssl-dev; }
fi

for program in mosquitto-client openssl-floor; do
  libraries=$([ $program = mosquitto-client ] && echo "-lmosquitto -lssl" || echo "-lssl -lcrypto")
  # shellcheck disable=SC2086
  cc -O2 -Wall -Wextra -Werror -o "$work/$program" "$here/$program.c" $libraries
done

if [ -z "${NODE:-}" ]; then
  dotnet publish "$root/src/ActorChat" --output "$work/published" -v q
  NODE=$work/published/actorchat
fi

# A PSK and nothing on disk. A port that is free now is taken by the broker in a moment.
key=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
echo "alice:$key" > "$work/psk"
chmod 644 "$work/psk"
cat > "$work/mosquitto.conf" <<CONFIG
listener $port 127.0.0.1
psk_hint actorchat
psk_file $work/psk
use_identity_as_username true
allow_anonymous false
persistence false
log_type error
set_tcp_nodelay true
user $(id -un)
CONFIG
"$(command -v mosquitto || echo /usr/sbin/mosquitto)" -c "$work/mosquitto.conf" &
broker=$!
for _ in $(seq 100); do (: < "/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; kill -0 "$broker"; sleep 0.1; done

dotnet run -c Release --project "$root/bench/ActorChat.Delivery" -- compare --node "$NODE" \
  --peer "mosquitto=$work/mosquitto-client $port $broker $key 1000" \
  --peer "openssl=$work/openssl-floor 1000" "$@"
