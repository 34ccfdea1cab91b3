#!/usr/bin/env python3
"""Plays the first two minutes of two people, from nothing to a message each way, and draws what each of them sees.

usage, from anywhere, after "dotnet build":  docs/screens/first-day.py [COLUMNS ROWS]      (80 24 when left out)
Needs Python 3 and tmux. Alice and Bob have a terminal and an empty home folder each; the line that Alice's node prints is all that goes from one to the
other. Every step waits for what the person would wait for, and the exit code is 1 where it never comes. With 80 24 the pictures of this folder are drawn.
"""

import pathlib
import re
import shutil
import sys
import tempfile
import time

import make

COLUMNS, ROWS = (int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) == 3 else (80, 24)


def flat(screen):
    """The screen as one line: where a row ends does not matter to who reads it."""
    return re.sub(r"\s+", " ", screen)


class Person:
    def __init__(self, terminals, name, port):
        self.terminals, self.name, self.port = terminals, name, port
        self.home = terminals.folder / name
        self.home.mkdir()
        (self.home / "actorchat").write_text(f'#!/bin/sh\nexec dotnet {make.PROGRAM} "$@"\n')
        (self.home / "actorchat").chmod(0o700)
        self.open(name)

    def open(self, session):
        variables = f"HOME={self.home} USER={self.name} PATH={self.home}:$PATH XDG_CONFIG_HOME= XDG_STATE_HOME= HISTFILE= PS1='$ '"
        self.terminals.open(session, ROWS, f"cd {self.home} && exec env {variables} bash --norc", COLUMNS)
        self.terminals.wait(session, r"\$\s*$")

    def says(self, text, then, session=None):
        """Types a line, and waits for what comes of it."""
        session = session or self.name
        self.terminals.type(session, text)
        if text:
            self.sees(text[-8:].strip(), session, is_pattern=False)
        self.terminals.type(session, "", "Enter")
        self.sees(then, session)

    def sees(self, what, session=None, is_pattern=True):
        until = time.monotonic() + make.PATIENCE
        pattern = what if is_pattern else re.escape(what)
        while not re.search(pattern, flat(screen := self.terminals.tmux("capture-pane", "-p", "-t", session or self.name))):
            if time.monotonic() > until:
                sys.exit(f"{self.name} never saw {what}:\n{screen}")
            time.sleep(0.05)

    def begins(self):
        self.says("actorchat", "Port for incoming")
        self.says(str(self.port), "Directory file")
        self.says("", "Your name")
        self.says(self.name, "Your address")
        self.says("127.0.0.1", r"under a passphrase\? \[y/N\]")
        self.says("n", f"{self.name} listens on port {self.port}")
        self.sees(r">\s*$")


def main():
    if not make.PROGRAM.exists() or not shutil.which("tmux"):
        sys.exit("This needs the program (dotnet build) and tmux.")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="actorchat-first-day-"))
    terminals = make.Terminals(folder)
    try:
        alice, bob = Person(terminals, "alice", make.free_port()), Person(terminals, "bob", make.free_port())
        start = time.monotonic()
        alice.begins()
        bob.begins()
        alice.open("alice's shell")
        alice.says(f"actorchat directory add bob 127.0.0.1:{bob.port} > for-bob", "other side takes this line in", "alice's shell")
        bob.open("bob's shell")
        bob.says("actorchat directory import", "The line that you were given", "bob's shell")
        terminals.type("bob's shell", (alice.home / "for-bob").read_text().strip(), "Enter")
        bob.sees(r"Add this contact to .*\[y/N\]", "bob's shell")
        bob.says("y", "now. A node that is running takes it up by itself", "bob's shell")
        for person in (alice, bob):
            person.sees("The directory was loaded again: 1 contact")
        alice.says("@bob hello, bob", "bob: delivered")
        bob.sees("alice: hello, bob")
        bob.says("/r hello, alice", "alice: delivered")
        alice.sees("bob: hello, alice")
        print(f"From nothing to a message each way: {time.monotonic() - start:.1f} s, with hands that never rest")
        if (COLUMNS, ROWS) == (80, 24):
            terminals.picture("alice", "Alice's first start and first message", "first-day-alice.svg", columns=COLUMNS)
            terminals.picture("bob's shell", "Bob takes in the line that Alice has sent him", "first-day-bob.svg", columns=COLUMNS)
        for person in (alice, bob):
            person.says("/quit", r"\$\s*$")
    finally:
        terminals.close()
        shutil.rmtree(folder)


main()
