#!/usr/bin/env python3
"""Folds what "perf script --fields ip,sym,dso" says on standard input to a table: where a node's time goes."""

import collections
import sys

# What a stack is counted under: the first of these whose name is part of a frame's, from the innermost frame out.
CALLS = {
    "__x64_sys_fdatasync": "fdatasync",
    "__x64_sys_futex": "futex: threads that wait, and wake one another",
    "__x64_sys_epoll_wait": "epoll_wait",
    "__x64_sys_sendmsg": "sendmsg: sending over loopback, and receiving there",
    "__x64_sys_": "other system calls",
    "crypto_scalarmult": "libsodium: X25519",
}

LIBRARIES = {"kernel": "kernel: switches and interrupts", "libsodium": "libsodium: ML-KEM-768 and the rest", "libcrypto": "libcrypto: AES, HMAC, hashes, randomness",
             "libc.so": "libc: memory, locks", "perf-": "code compiled while running: node, Akka, .NET", "actorchat": "runtime, and code compiled ahead"}


def kind(stack):
    symbols = [symbol for symbol, _ in stack]
    for part, name in CALLS.items():
        if any(part in symbol for symbol in symbols):
            return name
    library = stack[0][1]
    return next((name for part, name in LIBRARIES.items() if part in library), library)


def stacks(lines):
    stack = []
    for line in [*lines, ""]:
        frame = line.strip()
        if frame.endswith(")") and " (" in frame:
            code, library = frame[:-1].rsplit(" (", 1)
            stack.append((code.split(" ", 1)[-1], library))
        elif stack:
            yield stack
            stack = []


def main():
    where, own, count = collections.Counter(), collections.Counter(), 0
    for stack in stacks(sys.stdin):
        count += 1
        where[kind(stack)] += 1
        own[next((symbol for symbol, _ in stack if "ActorChat." in symbol or "Akka." in symbol), "?")] += 1
    if count == 0:
        sys.exit("perf has seen nothing")
    print(f"{count} samples of both nodes\n")
    for title, counter in ("where the time goes", where), ("the innermost method of the node's or Akka's", own):
        print(f"    %  {title}")
        for name, samples in counter.most_common(25):
            print(f"{100 * samples / count:5.1f}  {name[:120]}")
        print()


if __name__ == "__main__":
    main()
