"""A made-up site: its settings, and posts as people write them, the same ones everywhere."""

from collections.abc import Callable, Iterator
from typing import Final

_WORDS: Final = (  # parted by blanks
    "the of and to in a is that for it as was with be by on not he his but at are this have from "
    "or had an they which one you were all her she there would their we him been has when who "
    "will no more if out so up said what its about than into them can only other time new some "
    "could these two may first then do any like my now over such our man me even most made after "
    "also did many fore before must years through much where your way well down should because "
    "river harbour council station winter bridge engine market village letter signal window"
)
_EACH: Final = _WORDS.split()
_SHAPES: Final = ("jekyll", "jekyll", "jekyll", "hugo", "zola", "eleventy", "astro", "obsidian")
_MODULUS: Final = (1 << 61) - 1
_NOWHERE: Final = 'proxy = "http://127.0.0.1:9/"'  # no picture is fetched
_SETTINGS: Final = """\
[site]
title = "Made up"
url = "https://site.example/"
timezone = "{zone}"
[content]
root = "content"
static = ["static"]
[archive]
root = "archive"
[network]
{network}
[serve]
url = "https://feeds.example/"
{serve}
"""
_FEED: Final = """\
[[publish]]
type = "{kind}"
limit = {limit}
"""


def settings(
    *,
    zone: str = "Asia/Taipei",
    limit: int = 50,
    network: str = _NOWHERE,
    serve: str = "",
    more: str = "",
) -> str:
    """Return the configuration of the site, with ``feed.xml``, ``atom.xml`` and ``feed.json``.

    ``network`` and ``serve`` are lines of those tables, ``more`` is what follows them.
    """
    site = _SETTINGS.format(zone=zone, network=network, serve=serve)
    feeds = (_FEED.format(kind=kind, limit=limit) for kind in ("rss", "atom", "json"))
    return site + "".join(feeds) + more


class _Dice:
    """A stream of numbers that depends on nothing but its seed."""

    def __init__(self, seed: int) -> None:
        self._state = (seed * 2_654_435_761 + 1) % _MODULUS

    def roll(self, sides: int) -> int:
        self._state = (self._state * 6_364_136_223_846_793_005 + 1_442_695) % _MODULUS
        return (self._state >> 20) % sides

    def words(self, count: int) -> str:
        return " ".join(_EACH[self.roll(len(_EACH))] for _ in range(count))

    def sentence(self) -> str:
        return self.words(6 + self.roll(14)).capitalize() + "."


def posts(count: int, first: int = 0) -> Iterator[tuple[str, bytes]]:
    """Yield paths and bytes of ``count`` posts of about 5 kB, from number ``first`` on.

    Three in eight are Jekyll's, the others of five more generators: YAML, TOML and JSON.
    """
    for number in range(first, first + count):
        dice = _Dice(number)
        shape = _SHAPES[number % len(_SHAPES)]
        day = f"{2005 + number % 20}-{1 + number // 20 % 12:02}-{1 + number // 240 % 28:02}"
        text = _front(shape, number, day, dice) + _body(number, day, dice)
        yield f"news/{day}-post-{number}.md", text.encode()


def plain(count: int) -> Iterator[tuple[str, bytes]]:
    """Yield posts that every generator reads: YAML, and one in ten with a picture on this disk."""
    for number in range(count):
        dice = _Dice(number)
        day = f"{2005 + number % 20}-{1 + number // 20 % 12:02}-{1 + number // 240 % 28:02}"
        tags = ", ".join(f'"{dice.words(1)}"' for _ in range(1 + dice.roll(4)))
        picture = f"![{dice.words(3)}](/images/{number}.png)\n\n" if number % 10 == 0 else ""
        text = (
            f"---\ntitle: {dice.words(5).capitalize()} {number}\ndate: {day}T10:00:00+08:00\n"
            f"tags: [{tags}]\ndescription: {dice.sentence()}\n---\n\n"
            f"{picture}{_body(number, day, dice, pictures=False)}"
        )
        yield f"{day}-post-{number}.md", text.encode()


def _front(shape: str, number: int, day: str, dice: _Dice) -> str:
    title = dice.words(4 + dice.roll(5)).capitalize()
    summary = dice.sentence()
    tags = [dice.words(1) for _ in range(1 + dice.roll(4))]
    listed = ", ".join(tags)
    picture = f"/images/{number}.jpg"
    if shape == "hugo":
        return (
            f'+++\ntitle = "{title}"\ndate = {day}T08:00:00Z\ndraft = false\n'
            f'description = "{summary}"\ntags = {tags!r}\nimages = ["{picture}"]\n+++\n'
        )
    if shape == "zola":
        return (
            f'+++\ntitle = "{title}"\ndate = {day}\n[taxonomies]\ntags = {tags!r}\n'
            f'[extra]\nimage = "{picture}"\n+++\n'
        )
    if shape == "eleventy":
        quoted = ", ".join(f'"{tag}"' for tag in tags)
        return (
            f'---json\n{{\n  "title": "{title}",\n  "date": "{day}",\n  "tags": [{quoted}],\n'
            f'  "image": "{picture}"\n}}\n---\n'
        )
    if shape == "astro":
        return (
            f"---\ntitle: '{title}'\ndescription: '{summary}'\npubDate: {day}\n"
            f"heroImage: '{picture}'\ntags: [{listed}]\n---\n"
        )
    if shape == "obsidian":
        items = "".join(f"  - {tag}\n" for tag in tags)
        return f"---\ntitle: {title}\ncreated: {day}\ntags:\n{items}publish: true\n---\n"
    return (
        f'---\nlayout: post\ntitle: "{title}"\ndate: {day} 10:00:00 +0800\n'
        f"categories: [news]\ntags: [{listed}]\nexcerpt: {summary}\n"
        f"image:\n  path: {picture}\n  alt: {dice.words(3)}\nauthor: {dice.words(2)}\n---\n"
    )


def _body(number: int, day: str, dice: _Dice, *, pictures: bool = True) -> str:
    parts = [_block(number, at, dice, pictures=pictures) for at in range(12 + dice.roll(8))]
    if number % 3 == 0:
        parts.append(f"<br/>\nDate: {day}\n<br/>\nSource: Harbour Gazette\n")
    return "\n\n".join(parts) + "\n"


def _block(number: int, at: int, dice: _Dice, *, pictures: bool) -> str:
    kind = dice.roll(16)
    special = _SPECIAL.get(kind)
    if special is not None and (pictures or special is not _picture):
        return special(number, at, dice)
    linked = f" [{dice.words(2)}](/news/{dice.roll(1000)}/) *{dice.words(2)}*" if kind % 2 else ""
    return " ".join(dice.sentence() for _ in range(3 + dice.roll(4))) + linked


def _table(_number: int, _at: int, dice: _Dice) -> str:
    row = " | ".join(dice.words(1) for _ in range(3))
    return f"| {row} |\n|---|---|---|\n" + "\n".join(f"| {row} |" for _ in range(4))


def _picture(number: int, at: int, dice: _Dice) -> str:
    return f"![{dice.words(3)}](https://pictures.example/{number}/{at}.jpg)"


def _code(_number: int, _at: int, _dice: _Dice) -> str:
    lines = "\n".join(f"{name} = {value}" for value, name in enumerate("abcdef"))
    return f"```python\n{lines}\n```"


_SPECIAL: Final[dict[int, Callable[[int, int, _Dice], str]]] = {
    0: lambda _number, _at, dice: f"## {dice.words(4).capitalize()}",
    1: lambda _number, _at, dice: "\n".join(f"- {dice.sentence()}" for _ in range(4)),
    2: _picture,
    3: _code,
    4: _table,
    5: lambda _number, _at, dice: "> " + dice.sentence(),
}
