"""What bench/peers/nncp.sh runs: messages of 100 bytes are queued at alice while bob is down, then both are started, and the clock runs from there to the last
message in bob's hands. NNCP: nncp-file queues, nncp-call carries to nncp-daemon -autotoss, which writes each into bob's folder. ActorChat: alice's node
takes them from her program, says that they wait, and ends; both nodes are started, bob's with presence.announce on, and his program reads them.

Processor time is user and system of every process from the start of both on, as the system counts it when each has ended (wait4): NNCP's tossing and the
starts of our nodes are in it, what it cost to queue is not. Both write to disk with fsync, and both are told to end when the last message is there.
"""

import argparse
import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time

PATIENCE = 300  # seconds, for what must come


class Process:
    """A child whose processor time is known when it has ended."""

    def __init__(self, *command, on_line=None, **options):
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE if on_line else subprocess.DEVNULL, text=True, **options)
        self.reader = threading.Thread(target=lambda: [on_line(line) for line in self.child.stdout]) if on_line else None
        if self.reader:
            self.reader.start()

    def end(self, how=None):
        """Ends it with a signal, or waits for it; gives the seconds of processor time that it used."""
        if how:
            self.child.send_signal(how)
        _, status, usage = os.wait4(self.child.pid, 0)
        self.child.returncode = os.waitstatus_to_exitcode(status)
        if self.reader:
            self.reader.join()
        return usage.ru_utime + usage.ru_stime


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until(is_so, what):
    end = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > end:
            sys.exit(f"FAILED: {what} did not come within {PATIENCE} s")
        time.sleep(0.005)


def texts(count):
    return [f"message {number} ".ljust(100, "x") for number in range(count)]


def nncp(folder, _, count, kills):
    keys = {name: dict(re.findall(r"^    (\w+): (\w+)$", subprocess.check_output(["nncp-cfgnew", "-nocomments"], text=True), re.M)) for name in ("alice", "bob")}
    port = free_port()
    for name in keys:
        neighbours = {other: {word: value for word, value in keys[other].items() if not word.endswith("prv")} for other in keys if other != name}
        for other in neighbours:
            (folder / name).mkdir(exist_ok=True)
            neighbours[other] |= {"incoming": str(folder / name / "in"), "addrs": {"main": f"127.0.0.1:{port}"}}
        (folder / name / "in").mkdir()
        config = {"spool": str(folder / name / "spool"), "log": str(folder / name / "log"), "self": keys[name], "neigh": neighbours | {"self": {
            word: value for word, value in keys[name].items() if not word.endswith("prv")}}}
        (folder / f"{name}.hjson").write_text(json.dumps(config))
        (folder / name / "spool").mkdir()

    for number, text in enumerate(texts(count)):
        (folder / "text").write_text(text)
        subprocess.run(["nncp-file", "-quiet", "-noprogress", "-cfg", folder / "alice.hjson", folder / "text", f"bob:{number}"], check=True)

    incoming = folder / "bob" / "in"
    arrived = lambda: sum(1 for entry in os.scandir(incoming) if entry.name.isdigit())
    carried = lambda: arrived() + sum(len(files) for _, _, files in os.walk(folder / "bob" / "spool"))

    def daemon():
        process = Process("nncp-daemon", "-quiet", "-noprogress", "-autotoss", "-cfg", folder / "bob.hjson", "-bind", f"127.0.0.1:{port}", stderr=subprocess.DEVNULL)
        wait_until(lambda: answers(port), "nncp-daemon")
        return process

    def call():
        return Process("nncp-call", "-quiet", "-noprogress", "-cfg", folder / "alice.hjson", "bob", stderr=subprocess.DEVNULL)

    began, used = time.monotonic(), 0.0
    receiver, sender = daemon(), call()
    if kills:
        wait_until(lambda: carried() >= count // 3, "a third of the messages")
        used += receiver.end(signal.SIGKILL)
        receiver = daemon()
        used += sender.end()
        sender = call()
    wait_until(lambda: arrived() == count, "the last message")
    seconds = time.monotonic() - began
    used += sender.end(signal.SIGTERM) + receiver.end(signal.SIGTERM)
    for number, text in enumerate(texts(count)):
        if (incoming / str(number)).read_text() != text:
            sys.exit(f"FAILED: NNCP brought message {number} altered")
    return seconds, used


def answers(port):
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def actorchat(folder, node, count, kills):
    ports = {"alice": free_port(), "bob": free_port()}
    for name, other in (("alice", "bob"), ("bob", "alice")):
        (folder / f"{name}.json").write_text(json.dumps([{"username": other, "password": "only alice and bob know", "ip": "127.0.0.1", "port": ports[other]}]))
        (folder / f"{name}.json").chmod(0o600)
    # No limit on how many texts a minute: it is there against floods. Bob's node says that it is there.
    (folder / "conf").write_text("actorchat { presence.announce = on, texts.per-minute = 1000000 }")
    arrived, waiting = [], []

    def on_line(line):
        event = json.loads(line)
        if event["event"] == "message":
            arrived.append((event["id"], event["text"]))
        elif event["event"] == "waiting":
            waiting.append(event["id"])

    def start(name):
        return Process(node, "--json", "--name", name, "--port", str(ports[name]), "--directory", folder / f"{name}.json", "--state", folder / name,
                       "--config", folder / "conf", on_line=on_line, stderr=subprocess.DEVNULL)

    # Both have run before, so Argon2id is behind them, as the making of NNCP's keys is.
    before = start("bob")
    wait_until((folder / "bob" / "secrets.sealed").exists, "bob's secrets")
    before.end(signal.SIGTERM)
    writer = start("alice")
    for text in texts(count):
        writer.child.stdin.write(json.dumps({"to": "bob", "text": text}) + "\n")
    writer.child.stdin.flush()
    wait_until(lambda: len(waiting) == count, "the word that all wait")
    writer.end(signal.SIGTERM)

    began, used = time.monotonic(), 0.0
    receiver, sender = start("bob"), start("alice")
    if kills:
        wait_until(lambda: len(arrived) >= count // 3, "a third of the messages")
        used += receiver.end(signal.SIGKILL)
        receiver = start("bob")
    wait_until(lambda: len(set(arrived)) == count, "the last message")
    seconds = time.monotonic() - began
    used += sender.end(signal.SIGTERM) + receiver.end(signal.SIGTERM)
    export = subprocess.check_output([node, "log", "export", "--state", folder / "bob"], text=True)
    logged = [json.loads(line)["text"] for line in export.splitlines() if '"direction":"received"' in line]
    if logged != texts(count):
        sys.exit(f"FAILED: bob's log has {len(logged)} messages, {len(set(logged))} of them different, and not each of {count} once and in order")
    return seconds, used


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--node", required=True)
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(f"{options.messages} messages that waited, medians of {options.rounds} turns; a load of {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores")
    print(f"{'':<28}{'to the last, s':>16}{'CPU, s':>10}{'CPU a message, ms':>20}")
    for kills in (False, True):
        results = {nncp: [], actorchat: []}
        for turn in range(options.rounds):
            for carrier in results:
                folder = options.folder / f"{carrier.__name__}-{kills}-{turn}"
                folder.mkdir()
                results[carrier].append(carrier(folder, options.node, options.messages, kills))
        times = {carrier: [statistics.median(column) for column in zip(*results[carrier])] for carrier in results}
        for carrier, (seconds, used) in times.items():
            print(f"{carrier.__name__ + (', killed in the middle' if kills else ''):<32}{seconds:>12.2f}{used:>10.2f}{1000 * used / options.messages:>20.2f}")
        ratios = [ours / theirs for ours, theirs in zip(times[actorchat], times[nncp])]
        print(f"{'ours over theirs':<32}{ratios[0]:>12.2f}{ratios[1]:>10.2f}", flush=True)


main()
