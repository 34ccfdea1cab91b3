#!/usr/bin/env python3
"""Says everything back. It runs its own node: echo-bot.py --port 5001 --directory people.json, and whatever else run takes."""
import json, os, subprocess, sys

PLACE = "echo-bot.cursor"  # that of the last message dealt with
node = subprocess.Popen(["actorchat", "run", "--json", *sys.argv[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")

def tell(command):
    print(json.dumps(command), file=node.stdin, flush=True)

tell({"feed": {"from": int(open(PLACE).read()) if os.path.exists(PLACE) else 0}})
fed = False
for event in map(json.loads, node.stdout):
    fed = fed or event["event"] == "feed"  # what comes before this comes again behind it
    if fed and event["event"] == "message":
        tell({"to": event["from"], "text": "you said: " + event["text"]})
        with open(PLACE + ".new", "w") as place:
            place.write(str(event["cursor"]))
        os.replace(PLACE + ".new", PLACE)
