"""Draws how seconds grow with posts: both scales logarithmic, one line a name, as SVG."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from math import log10

WIDE, HIGH, LEFT, RIGHT, EDGE = 940, 520, 60, 290, 40
COLOURS = ("#0b62a4", "#c2410c", "#15803d", "#7e22ce", "#b91c1c", "#57534e")
DASHES = {"cold": "", "nothing changed": "2 4", "one changed": "8 4"}
Points = Sequence[tuple[float, float]]


def plot(lines: Mapping[str, Points]) -> str:
    """Return the drawing; a line is called ``who: what``, and gets its colour by who."""
    spots = [spot for points in lines.values() for spot in points]
    axes = _Axes([x for x, _ in spots], [y for _, y in spots])
    parts = [*axes.grid(), *_lines(lines, axes)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" font-size="13" '
        'font-family="sans-serif" role="img">\n<title>Seconds by number of posts</title>\n'
        f'<rect width="{WIDE}" height="{HIGH}" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


class _Axes:
    """Both scales, from the power of ten below the least to the one above the most."""

    def __init__(self, across: Sequence[float], up: Sequence[float]) -> None:
        self.across, self.up = _powers(across), _powers(up)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Tell where a point is drawn."""
        return (
            LEFT + _share(x, self.across) * (WIDE - LEFT - RIGHT),
            HIGH - EDGE - _share(y, self.up) * (HIGH - 2 * EDGE),
        )

    def grid(self) -> Iterator[str]:
        """Draw a line at each power of ten, and say which."""
        for power in range(self.across[0], self.across[1] + 1):
            x, bottom = self.place(10**power, 10 ** self.up[0])
            yield f'<path d="M{x:.1f} {EDGE}V{bottom:.1f}" stroke="#ddd"/>'
            middle = f'x="{x:.1f}" y="{bottom + 18:.1f}" text-anchor="middle"'
            yield f"<text {middle}>{10**power:,}</text>"
        for power in range(self.up[0], self.up[1] + 1):
            left, y = self.place(10 ** self.across[0], 10**power)
            yield f'<path d="M{left:.1f} {y:.1f}H{WIDE - RIGHT}" stroke="#ddd"/>'
            beside = f'x="{left - 8:.1f}" y="{y + 4:.1f}" text-anchor="end"'
            yield f"<text {beside}>{10.0**power:g} s</text>"


def _powers(values: Sequence[float]) -> tuple[int, int]:
    low, high = int(log10(min(values)) // 1), -int(-log10(max(values)) // 1)
    return low, max(high, low + 1)


def _share(value: float, ends: tuple[int, int]) -> float:
    return (log10(value) - ends[0]) / (ends[1] - ends[0])


def _lines(lines: Mapping[str, Points], axes: _Axes) -> Iterator[str]:
    names = list(dict.fromkeys(name.partition(": ")[0] for name in lines))
    for at, (name, points) in enumerate(lines.items()):
        who, _, what = name.partition(": ")
        colour = COLOURS[names.index(who) % len(COLOURS)]
        drawn = " ".join("{:.1f},{:.1f}".format(*axes.place(x, y)) for x, y in sorted(points))
        dashes = DASHES.get(what, "")
        style = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"'
        yield f'<polyline points="{drawn}" {style}/>'
        top = EDGE + at * 20
        yield f'<polyline points="{WIDE - RIGHT + 15},{top} {WIDE - RIGHT + 45},{top}" {style}/>'
        yield f'<text x="{WIDE - RIGHT + 52}" y="{top + 4}">{escape(name)}</text>'
