"""Posts that are refused, each the dearest of its kind that is known."""

from collections.abc import Callable
from typing import Final

_KIB: Final = 1 << 10
_MIB: Final = 1 << 20


def _fenced(fence: str, lines: str) -> bytes:
    return f"{fence}\n{lines}\n{fence}\n".encode()


def _json(text: str) -> bytes:
    return f"---json\n{text}\n---\n".encode()


def _yaml(number: int, line: str, end: str) -> Callable[[], bytes]:
    """Return what makes YAML of so many lines, its fault at the end."""
    return lambda: _fenced("---", "".join(line.format(n=n) for n in range(number)) + end)


def _toml(number: int, line: str, end: str) -> Callable[[], bytes]:
    return lambda: _fenced("+++", "".join(line.format(n=n) for n in range(number)) + end)


def _whole(text: str, last: bytes) -> bytes:
    """Return a file of 32 MiB that is refused for its last byte, or for all of it."""
    piece = text.encode()
    head = b"---\ntitle: A\ndate: 2020-12-01\n---\n"
    return head + piece * ((32 * _MIB - len(head) - len(last)) // len(piece)) + last


POSTS: Final[dict[str, Callable[[], bytes]]] = {
    "yaml: 10,000 keys, then an error": _yaml(9_990, "k{n}: v\n", "a: ["),
    "yaml: 10,000 keys with remarks, then an error": _yaml(9_990, "k{n}: 012 #x\n", "a: ["),
    "yaml: 10,000 keys, the last one twice": _yaml(9_990, "k{n}: v\n", "k9989: v"),
    "yaml: 10,000 keys in quotes, the last one twice": _yaml(9_990, '"k{n}": "v"\n', '"k9989": v'),
    "yaml: 10,000 keys, then an escape": _yaml(9_990, "k{n}: v\n", 'a: "\\x01"'),
    "yaml: 10,000 keys, then a merge": _yaml(9_990, "k{n}: v\n", "<<: v"),
    "yaml: 10,000 keys, then an anchor": _yaml(9_990, "k{n}: v\n", "a: &b c"),
    "yaml: 10,000 keys, then a key that is a list": _yaml(9_980, "k{n}: v\n", "? [a]\n: b"),
    "yaml: 10,000 keys, a sign of odd breaks, then an error": _yaml(
        9_990, "k{n}: v\n", "z: \u2028\na: ["
    ),
    "yaml: 20,000 values, then an error": lambda: _fenced("---", "a: [" + "1," * 19_990),
    "yaml: 20,000 lists, then an error": lambda: _fenced("---", "a: [" + "[]," * 19_990),
    "yaml: 10,000 mappings, then an error": lambda: _fenced("---", "a: [" + "{a: }," * 6_600),
    "yaml: lists of a level each, then one too deep": _yaml(
        600, "k{n}: " + "[" * 31 + "]" * 31 + "\n", "a: " + "[" * 33
    ),
    "yaml: a million blank lines": lambda: _fenced("---", "a: b" + "\n" * (_MIB - 100) + "b: ["),
    "yaml: a million letters on one line, then an error": lambda: _fenced(
        "---", "a: " + "x " * (_MIB // 2 - 100) + "\nb: ["
    ),
    "yaml: half a million escapes, then an error": lambda: _fenced(
        "---", 'a: "' + "\\n" * (_MIB // 2 - 100) + '"\nb: ['
    ),
    "yaml: lines of one text, then an error": lambda: _fenced(
        "---", "a: |\n" + " x\n" * (_MIB // 3 - 100) + "b: ["
    ),
    "yaml: comments, then an error": lambda: _fenced(
        "---", "a: b\n" + "#\n" * (_MIB // 2 - 100) + "b: ["
    ),
    "yaml: Chinese, then an error": lambda: _fenced(
        "---", "a: " + "\u65e5" * (_MIB // 3 - 100) + "\nb: ["
    ),
    "toml: 5,000 values, then an error": lambda: _fenced("+++", "a=[" + "1," * 4_990 + "]\nb="),
    "toml: 2,500 keys, then an error": _toml(2_490, "k{n}=1\n", "b="),
    "toml: 2,500 keys, the last one twice": _toml(2_490, "k{n}=1\n", "k2489=1"),
    "toml: 2,500 keys, one a list of lines, the last one twice": _toml(
        2_480, "k{n}=1\n", "k=[\n1]\nk2479=1"
    ),
    "toml: 2,500 keys, one with dots, the last one twice": _toml(
        2_480, "k{n}=1\n", "a.b=1\nk2479=1"
    ),
    "toml: 1,600 keys with dots, the last one twice": _toml(1_650, "a.k{n}=1\n", "a.k0=1"),
    "toml: tables, the last one twice": _toml(4_990, "[k{n}]\n", "[k0]"),
    "toml: tables with dots, the last one twice": _toml(2_490, "[a.k{n}]\n", "[a.k0]"),
    "toml: tables within lists, then an error": _toml(2_490, "[[k]]\n", "b="),
    "toml: tables in a line, then an error": lambda: _fenced(
        "+++", "a=[" + "{a=1}," * 1_240 + "]\nb="
    ),
    "toml: lists of a level each, then an error": _toml(
        150, "k{n}=" + "[" * 31 + "]" * 31 + "\n", "b="
    ),
    "toml: days, then an error": lambda: _fenced(
        "+++", "a=[" + "1979-05-27T07:32:00Z," * 4_980 + "]\nb="
    ),
    "toml: fractions, then an error": lambda: _fenced("+++", "a=[" + "1.5e3," * 2_490 + "]\nb="),
    "toml: 2,500 keys with texts, then an error": _toml(2_490, 'k{n}="' + "x" * 20 + '"\n', "b="),
    "toml: 10,000 comments and blank lines, then an error": _toml(4_990, "#\n\n", "b="),
    "toml: a long text, then an error": lambda: _fenced("+++", 'a="' + "x" * 120 * _KIB + '"\nb='),
    "toml: escapes, then an error": lambda: _fenced("+++", 'a="' + "\\n" * 9_900 + '"\nb='),
    "toml: quotes alone": lambda: _fenced("+++", "a=" + '"' * (_MIB - 100)),
    "json: 20,000 values, then one key twice": lambda: _json(
        '{"a": [' + "1," * 19_900 + '1], "a": 2}'
    ),
    "json: 10,000 keys, the last one twice": lambda: _json(
        "{" + "".join(f'"k{n}":1,' for n in range(9_900)) + '"k0":1}'
    ),
    "json: 10,000 keys, then an escape": lambda: _json(
        "{" + "".join(f'"k{n}":1,' for n in range(9_900)) + '"b":"\\u0001"}'
    ),
    "json: 10,000 keys and an escape, the last one twice": lambda: _json(
        '{"b":"\\n",' + "".join(f'"k{n}":1,' for n in range(9_900)) + '"k0":1}'
    ),
    "json: 20,000 lists, then an error": lambda: _json('{"a": [' + "[]," * 19_900 + "1], x"),
    "json: half a million escapes, then an error": lambda: _json(
        '{"a": "' + "\\n" * (_MIB // 2 - 100) + '"}x'
    ),
    "json: a number of a million digits": lambda: _json('{"a": ' + "1" * (_MIB - 100) + "}"),
    "json: 200 numbers of 4,000 digits, then an error": lambda: _json(
        '{"a": [' + ("1" * 4_000 + ",") * 200 + "1]}x"
    ),
    "no fence: keys without end": lambda: b"Title: a\n" + b"Key: v\n" * 100_000 + b"\x01",
    "32 MiB: letters, then no UTF-8": lambda: _whole("x", b"\xff"),
    "32 MiB: Chinese, then no UTF-8": lambda: _whole("\u65e5", b"\xff"),
    "32 MiB: faces, then no UTF-8": lambda: _whole("\U0001f600", b"\xff"),
    "32 MiB: accents, then no UTF-8": lambda: _whole("e\u0301", b"\xff"),
    "32 MiB: lines, then a control character": lambda: _whole("x\n", b"\x01"),
    "32 MiB: Chinese, then a control character": lambda: _whole("\u65e5", b"\x01"),
    "32 MiB: Chinese, then a noncharacter": lambda: _whole("\u65e5", b"\xef\xbf\xbf"),
    "32 MiB: stars": lambda: _whole("*", b""),
    "32 MiB: lists within lists": lambda: _whole("- ", b""),
    "32 MiB: attributes of one tag": lambda: _whole("x=y ", b">").replace(b"x=y", b"<x ", 1),
    "32 MiB: Chinese, no end of the front matter": lambda: _whole("\u65e5", b"").replace(
        b"\n---\n", b"\n", 1
    ),
    "32 MiB: Chinese, after YAML of 10,000 keys and an error": lambda: (
        _yaml(9_990, "k{n}: v\n", "a: [")() + "\u65e5".encode() * (31 * _MIB // 3)
    ),
    "32 MiB: 16 KiB of lists, accents, letters, then no UTF-8": lambda: (
        _fenced("---", "title: A\na: [" + "[]," * 5_440 + "]")
        + "e\u0301".encode() * (2 * _MIB - _KIB)
        + b"x" * (26 * _MIB - 20 * _KIB)
        + b"\xff"
    ),
    "32 MiB: lines, after a wrong date": lambda: _whole("x x x x x x x x\n", b"").replace(
        b"-12-01", b"-13-01", 1
    ),
    "4 MiB: lines, after a wrong date": lambda: (
        _fenced("---", "title: A\ndate: 2020-13-01") + b"It fell for days.\n" * 230_000
    ),
    "16 KiB: links, after a wrong date": lambda: (
        _fenced("---", "title: A\ndate: 2020-13-01") + b"*a* [b](c.md) `d`\n" * 900
    ),
    "16 KiB: pictures, after a wrong address": lambda: (
        _fenced("---", "title: A\npermalink: /:nobody/") + b"![](a.png)\n" * 1_480
    ),
    "32 MiB: no end of the front matter": lambda: _whole("x", b"").replace(b"\n---\n", b"\n", 1),
}


def _post(body: str) -> Callable[[], bytes]:
    return lambda: b"---\ntitle: A\ndate: 2020-12-01\n---\n" + body.encode()


_WIDE: Final = "a\uff0cb"

# known only once much was read, or right to the end: nothing is aimed at
LATE: Final[dict[str, Callable[[], bytes]]] = {
    "late: 4 MiB, accents, after 10,000 keys and a wrong date": lambda: (
        _yaml(9_980, "k{n}: v\n", "date: 2020-13-01")() + "e\u0301".encode() * 1_300_000
    ),
    "late: 10,000 keys with remarks, 3 MiB of text, a wrong date": lambda: (
        _yaml(9_980, "k{n}: 012 #x\n", "date: 2020-13-01")() + b"It fell for days.\n" * 170_000
    ),
    "late: 0.2 MiB, emphasis within emphasis": _post("*a _b " * 17_000 + "c_ d* " * 17_000),
    "late: 400,000 marks of Markdown": _post("*a* " * 200_000),
    "late: 31 MiB, 20,000 tags at the end": _post(
        "It fell for days. " * 1_800_000 + "<b>" * 20_000
    ),
    "late: 2 million targets without end, a full-width comma": _post(
        "](" * (2 * _MIB - _KIB) + _WIDE
    ),
    "late: 240,000 brackets without end, a full-width comma": _post("[[" * 240_000 + _WIDE),
    "late: 240,000 tags without end, a full-width comma": _post("<a " * 240_000 + _WIDE),
    "late: 240,000 runs of backticks, a full-width comma": _post("` `` " * 120_000 + _WIDE),
    "late: 31 MiB, blanks behind the sign of an embedded picture": _post(
        "![[" + " " * (31 * _MIB) + "x"
    ),
}
