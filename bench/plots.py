#!/usr/bin/env python3
"""Draws what bench/ActorChat.Delivery wrote with --json: python3 bench/plots.py FOLDER FILE.json [FILE.json …]

Python's standard library only. Each plot is an SVG for light and dark backgrounds (it follows the reader's colour scheme). A plot whose
measurements are in none of the files is left out, and said so. Of several blocks at one value the median is drawn.
"""

import json
import math
import statistics
import sys
from pathlib import Path

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 150, 44, 52

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 15px; font-weight: 600 }
  .grid { stroke: #d0d7de; stroke-width: 1 }
  .a { stroke: #0969da; fill: #0969da } .b { stroke: #bc4c00; fill: #bc4c00 }
  polyline { stroke-width: 2; fill: none !important }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .grid { stroke: #3d444d }
    .a { stroke: #4493f8; fill: #4493f8 } .b { stroke: #f0883e; fill: #f0883e }
  }
  text.a, text.b { stroke: none }
"""


def rows(measurements, mode, **wanted):
    return [m for m in measurements if m["mode"] == mode and all(m[key] == value for key, value in wanted.items())]


def series(measurements, x, y):
    """Points (x, median of y), in the order of x."""
    by_x = {}
    for row in measurements:
        by_x.setdefault(row[x], []).append(y(row))
    return [(value, statistics.median(figures)) for value, figures in sorted(by_x.items())]


def ticks(highest):
    """About five round numbers from 0 to a bit above the highest."""
    step = 10 ** math.floor(math.log10(highest / 4)) if highest > 0 else 1
    step = next(step * factor for factor in (1, 2, 2.5, 5, 10) if step * factor * 5 >= highest)
    return [step * i for i in range(math.ceil(highest / step) + 1)]


def number(value):
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2g}"


def plot(title, x_name, y_name, lines, logarithmic):
    """One SVG. lines is [(name, points)]; where the values of x span decades they stand at equal factors."""
    xs = sorted({x for _, points in lines for x, _ in points})
    positions = [math.log10(x + 1) for x in xs] if logarithmic else xs
    low, high = positions[0], max(positions[-1], positions[0] + 1e-9)
    levels = ticks(max(y for _, points in lines for _, y in points))

    def place_x(x):
        position = math.log10(x + 1) if logarithmic else x
        return LEFT + (WIDTH - LEFT - RIGHT) * (position - low) / (high - low)

    def place_y(y):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * y / levels[-1]

    svg = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}">',
        f"<style>{STYLE}</style>",
        f'<text class="title" x="{LEFT}" y="20">{title}</text>',
        f'<text x="{LEFT}" y="{TOP - 8}">{y_name}</text>',
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">{x_name}</text>',
    ]
    for level in levels:
        svg.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{place_y(level):.1f}" y2="{place_y(level):.1f}"/>')
        svg.append(f'<text x="{LEFT - 8}" y="{place_y(level) + 4:.1f}" text-anchor="end">{number(level)}</text>')
    for x in xs:
        svg.append(f'<text x="{place_x(x):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{number(x)}</text>')

    # The names stand at the lines' ends, at least a line's height apart.
    at = {name: place_y(points[-1][1]) for name, points in lines}
    for below, above in zip(sorted(at, key=at.get)[1:], sorted(at, key=at.get)):
        at[below] = max(at[below], at[above] + 16)
    for colour, (name, points) in zip("ab", lines):
        path = " ".join(f"{place_x(x):.1f},{place_y(y):.1f}" for x, y in points)
        svg.append(f'<polyline class="{colour}" points="{path}"/>')
        svg += [f'<circle class="{colour}" cx="{place_x(x):.1f}" cy="{place_y(y):.1f}" r="3"/>' for x, y in points]
        svg.append(f'<text class="{colour}" x="{place_x(points[-1][0]) + 8:.1f}" y="{at[name] + 4:.1f}">{name}</text>')
    return "\n".join([*svg, "</svg>", ""])


def plots(measurements):
    """(file name, title, name of x, name of y, lines, whether x is logarithmic) of each plot."""
    deliver = rows(measurements, "deliver")
    yield "throughput", "Throughput over concurrency", "recipients at a time", "deliveries per second", [
        ("deliveries/s", series(deliver, "recipients", lambda row: row["per_second"]))], True
    yield "latency", "Latency over concurrency", "recipients at a time", "ms from the line to its outcome", [
        ("p99", series(deliver, "recipients", lambda row: row["p99_ms"])), ("p50", series(deliver, "recipients", lambda row: row["p50_ms"]))], True
    yield "memory", "Memory over connections held open", "connections", "resident MB of the node", [
        (kind, series(rows(measurements, "connections", kind=kind), "connections", lambda row: row["resident_bytes"] / 1e6))
        for kind in ("authenticated", "unauthenticated")], False
    for mode, x_name, title in (("contacts", "contacts at each end", "Cost over contacts"), ("log", "MB of log at each end", "Cost over the log's size")):
        yield mode, title, x_name, "ms of processor time per delivery", [
            (end, series(rows(measurements, mode), mode, lambda row, end=end: row[end]["cpu_ms"])) for end in ("receiver", "sender")], True


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    measurements = [row for file in sys.argv[2:] for row in json.loads(Path(file).read_text())["measurements"]]
    for name, title, x_name, y_name, lines, logarithmic in plots(measurements):
        lines = [(line, points) for line, points in lines if len(points) > 1]
        if not lines:
            print(f"{name}.svg: not drawn, fewer than two values were measured")
            continue
        (folder / f"{name}.svg").write_text(plot(title, x_name, y_name, lines, logarithmic))
        print(folder / f"{name}.svg")


if __name__ == "__main__":
    main()
