#!/usr/bin/env python3
"""Makes the pictures in this folder again, from real nodes in real terminals.

usage, from anywhere, after "dotnet build":
  docs/screens/make.py              makes them
  docs/screens/make.py --probe      makes the one of the probe's page; needs Chromium and what interop/python/peer.py needs
  docs/screens/make.py --look DIR   renders those that there are in Chromium, for somebody to look at
Needs Python 3 and tmux. Two nodes run on loopback in a temporary folder; what tmux has on its screen becomes an SVG, character by character.
"""

import html
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unicodedata

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = HERE.parents[1] / "src/ActorChat/bin/Debug/net10.0/actorchat.dll"
COLUMNS, PATIENCE = 92, 30
CELL_WIDTH, CELL_HEIGHT, MARGIN = 8.4, 18, 14
BACKGROUND, FOREGROUND, CURSOR = "#16181d", "#d7dae0", "#8f96a3"
BASIC = ["#2b2f37", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d7dae0"]


class Terminals:
    """A tmux server of its own, and a session for each terminal."""

    def __init__(self, folder):
        self.folder = folder
        self.name = f"actorchat-screens-{os.getpid()}"
        self.environment = {k: v for k, v in os.environ.items() if k not in ("TMUX", "NO_COLOR")}
        self.environment |= {"LC_ALL": "C.UTF-8", "XDG_STATE_HOME": str(folder / "state"), "XDG_CONFIG_HOME": str(folder / "config"), "PS1": "$ "}

    def tmux(self, *words):
        return subprocess.run(
            ["tmux", "-L", self.name, "-f", "/dev/null", *words], check=True, capture_output=True, text=True, env=self.environment, cwd=self.folder).stdout

    def open(self, session, rows, command, columns=COLUMNS):
        self.tmux("new-session", "-d", "-s", session, "-x", str(columns), "-y", str(rows), command)

    def type(self, session, text, *keys):
        self.tmux("send-keys", "-t", session, "-l", text)
        if keys:
            self.tmux("send-keys", "-t", session, *keys)

    def wait(self, session, pattern):
        until = time.monotonic() + PATIENCE
        while not re.search(pattern, self.tmux("capture-pane", "-p", "-t", session)):
            if time.monotonic() > until:
                sys.exit(f"{session} never showed {pattern}:\n" + self.tmux("capture-pane", "-p", "-t", session))
            time.sleep(0.1)

    def picture(self, session, title, file, has_cursor=True, columns=COLUMNS):
        lines = self.tmux("capture-pane", "-e", "-p", "-t", session).rstrip("\n").split("\n")
        column, row = self.tmux("display-message", "-p", "-t", session, "#{cursor_x} #{cursor_y}").split()
        (HERE / file).write_text(svg(lines, title, (int(column), int(row)) if has_cursor else None, columns))
        print(file)

    def close(self):
        subprocess.run(["tmux", "-L", self.name, "kill-server"], capture_output=True)


def colour_of(number):
    if number < 16:
        return BASIC[number % 8]
    if number < 232:
        levels = [0, 95, 135, 175, 215, 255]
        number -= 16
        return "#{:02x}{:02x}{:02x}".format(levels[number // 36], levels[number // 6 % 6], levels[number % 6])
    return "#" + "{:02x}".format(8 + 10 * (number - 232)) * 3


def style_after(style, codes):
    """What SGR sequences make of a style: ECMA-48, and the 256 colours of xterm."""
    codes = [int(code or 0) for code in codes.split(";")]
    while codes:
        code = codes.pop(0)
        if code == 0:
            style = {}
        elif code == 1:
            style = style | {"font-weight": "bold"}
        elif code == 2:
            style = style | {"fill-opacity": "0.6"}
        elif 30 <= code <= 37:
            style = style | {"fill": colour_of(code - 30)}
        elif code == 38 and codes[:1] == [5]:
            style = style | {"fill": colour_of(codes[1])}
            codes = codes[2:]
        elif code == 39:
            style = {key: value for key, value in style.items() if key != "fill"}
    return style


def columns_of(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in text)


def look(folder):
    """Renders every picture as a browser shows it, on a light page and on a dark one, into a folder for somebody to look at."""
    browser = shutil.which("chromium") or sys.exit("This needs chromium.")
    folder.mkdir(parents=True, exist_ok=True)
    for picture in sorted(HERE.glob("*.svg")):
        for name, colour in (("light", "#ffffff"), ("dark", "#0d1117")):
            page = folder / f"{picture.stem}-{name}.html"
            page.write_text(f'<body style="background:{colour};margin:24px"><img src="{picture.as_uri()}"></body>')
            subprocess.run(
                [browser, "--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=880,900", f"--screenshot={page.with_suffix('.png')}", page.as_uri()],
                check=True, capture_output=True)
            page.unlink()
    print(f"the pictures as a browser shows them: {folder}")


def svg(lines, title, cursor, columns):
    while lines and not lines[-1].strip() and (cursor is None or len(lines) - 1 > cursor[1]):
        lines.pop()
    width, height = columns * CELL_WIDTH + 2 * MARGIN, len(lines) * CELL_HEIGHT + 2 * MARGIN
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" role="img">',
        f"<title>{html.escape(title)}</title>",
        f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>',
        f'<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" fill="{FOREGROUND}">',
    ]
    style = {}
    for row, line in enumerate(lines):
        column = 0
        for codes, text in re.findall(r"\x1b\[([0-9;]*)m|([^\x1b]+)", line):
            if not text:
                style = style_after(style, codes)
                continue
            look = "".join(f' {key}="{value}"' for key, value in style.items())
            for word in re.findall(r"\s+|\S+", text):  # each word at its own column: what a viewer does with blanks moves nothing
                if word.strip():
                    x, y = MARGIN + column * CELL_WIDTH, MARGIN + row * CELL_HEIGHT + 13
                    length = columns_of(word) * CELL_WIDTH
                    drawn.append(f'<text x="{x:.1f}" y="{y}" textLength="{length:.1f}" lengthAdjust="spacingAndGlyphs"{look}>{html.escape(word)}</text>')
                column += columns_of(word)
    if cursor:
        x, y = MARGIN + cursor[0] * CELL_WIDTH, MARGIN + cursor[1] * CELL_HEIGHT
        drawn.append(f'<rect x="{x:.1f}" y="{y}" width="{CELL_WIDTH}" height="{CELL_HEIGHT - 2}" fill="{CURSOR}" fill-opacity="0.7"/>')
    return "\n".join([*drawn, "</g>", "</svg>", ""])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def probe():
    """The page about a peer with two mistakes: the Python one, with two lines of it altered."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="actorchat-screens-"))
    peer = (HERE.parents[1] / "interop/python/peer.py").read_text()
    mistakes = {
        'pdu["header"]["crc"] = zlib.crc32(json.dumps(pdu).encode())': 'pdu["header"]["crc"] = f"{zlib.crc32(json.dumps(pdu).encode()):08x}"',
        "number + json.dumps(pdu).encode()": "json.dumps(pdu).encode()",
    }
    for right, wrong in mistakes.items():
        if right not in peer:
            sys.exit(f"interop/python/peer.py has no such line any more: {right}")
        peer = peer.replace(right, wrong)
    (folder / "peer.py").write_text(peer)
    (folder / "password").write_text("only these two know it, five words\n")
    (folder / "password").chmod(0o600)
    port, page = free_port(), folder / "report.html"
    running = subprocess.Popen(["/usr/bin/python3", "peer.py", "listen", "--port", str(port), "--name", "bob", "--contact", "alice", "--password-file", "password"], cwd=folder)
    try:
        time.sleep(1)
        subprocess.run(["dotnet", PROGRAM, "probe", f"127.0.0.1:{port}", "--name", "alice", "--password-file", "password", "--html", page], cwd=folder)
        subprocess.run(["chromium", "--headless", "--no-sandbox", "--hide-scrollbars", "--disable-lcd-text", "--font-render-hinting=none", "--window-size=900,640", f"--screenshot={HERE / 'probe.png'}", page.as_uri()], check=True, capture_output=True)
        if shutil.which("pngquant"):
            subprocess.run(["pngquant", "--force", "--ext", ".png", "32", HERE / "probe.png"], check=True)  # a third of the size
        print("probe.png")
    finally:
        running.kill()
        shutil.rmtree(folder)


def main():
    if sys.argv[1:] == ["--probe"]:
        probe()
        return
    if sys.argv[1:2] == ["--look"]:
        look(pathlib.Path(sys.argv[2]))
        return
    if not PROGRAM.exists() or not shutil.which("tmux"):
        sys.exit("This needs the program (dotnet build) and tmux.")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="actorchat-screens-"))
    ports = {"alice": free_port(), "bob": free_port(), "carol": free_port()}  # nobody listens on carol's
    for name in ports:
        entries = [{"username": other, "password": "only these two know it, five words", "ip": "127.0.0.1", "port": ports[other]} for other in ports if other != name]
        (folder / f"{name}.json").write_text(json.dumps(entries))
        (folder / f"{name}.json").chmod(0o600)
    terminals = Terminals(folder)
    try:
        terminals.open("demo", 44, f"dotnet {PROGRAM} demo; sleep {PATIENCE}")
        terminals.wait("demo", "bob's log: ")
        terminals.picture("demo", "actorchat demo", "demo.svg", has_cursor=False)

        for name in ("bob", "alice"):
            node = ["dotnet", str(PROGRAM), "run", "--name", name, "--new-log", "--port", str(ports[name]), "--directory", f"{name}.json"]
            subprocess.run([*node, "--json"], stdin=subprocess.DEVNULL, capture_output=True, check=True, cwd=folder, env=terminals.environment)  # begins the log
            terminals.open(name, 24, " ".join(node))
            terminals.wait(name, "\n>")
        terminals.type("bob", "@alice Did you read https://www.rfc-editor.org/rfc/rfc9382?", "Enter")
        terminals.wait("alice", "bob: Did you")
        terminals.type("alice", "@bob Yes: SPAKE2. Ours is CPace, though.", "Enter")
        terminals.wait("alice", "bob: delivered")
        terminals.type("alice", "@carol Are you there too?", "Enter")
        terminals.wait("alice", "carol is away")
        terminals.type("alice", "/to bob", "Enter")
        terminals.wait("alice", "bob>")
        terminals.type("alice", "I was just about to wri")
        terminals.type("bob", "@alice A balanced PAKE either way: whoever listens or guesses learns nothing from a conversation, not even whether his guess was near.", "Enter")
        terminals.wait("alice", "A balanced PAKE")
        terminals.picture("alice", "A conversation; the line being typed stays whole while messages arrive", "conversation.svg")

        terminals.type("alice", "", "C-u")
        terminals.type("alice", "/to", "Enter")
        terminals.tmux("clear-history", "-t", "alice")
        terminals.type("alice", "", "C-l")
        terminals.type("alice", "Lunch at eight?", "Enter")
        terminals.wait("alice", "To:")
        terminals.type("alice", "ca")
        terminals.wait("alice", "▸ carol")
        terminals.picture("alice", "A few letters choose who gets a message", "recipient.svg")

        terminals.type("alice", "", "Escape")
        terminals.wait("alice", ">\n*$")
        terminals.type("alice", "", "C-l")
        for command, shown in (("/contacts", "last message"), ("/ping bob", "is there and has proved"), ("/history bob 2", "A balanced PAKE"), ("/pnig", "did you mean")):
            terminals.type("alice", command, "Enter")
            terminals.wait("alice", shown)
        terminals.picture("alice", "Commands", "commands.svg")
    finally:
        terminals.close()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
