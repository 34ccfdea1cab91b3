#!/usr/bin/env bash
# Answers "uptime", beside a running node: uptime-bot.sh NAME DIRECTORY. The file NAME.cursor holds the cursor of the last message dealt with.
name=$1 directory=$2
actorchat feed --name "$name" --from "$(cat "$name.cursor" 2>/dev/null || echo 0)" --follow |
while IFS=$'\t' read -r cursor from text; do
  if [ "$text" = uptime ]; then
    actorchat send --name "$name" --directory "$directory" "$from" "$(uptime)" </dev/null
  fi
  echo "$cursor" >"$name.cursor.new" && mv "$name.cursor.new" "$name.cursor"
done
