"""Posts that are refused, each the dearest of its kind that is known."""

from collections.abc import Callable
from typing import Final

_KIB: Final = 1 << 10
_MIB: Final = 1 << 20


def _fenced(fence: str, lines: str) -> bytes:
    return f"{fence}\n{lines}\n{fence}\n".encode()


def _whole(text: str, last: bytes) -> bytes:
    """Return a file of 32 MiB that is refused for its last byte, or for all of it."""
    piece = text.encode()
    head = b"---\ntitle: A\ndate: 2020-12-01\n---\n"
    return head + piece * ((32 * _MIB - len(head) - len(last)) // len(piece)) + last


POSTS: Final[dict[str, Callable[[], bytes]]] = {
    "yaml: 10,000 keys, then an error": lambda: _fenced(
        "---", "".join(f"k{n}: v\n" for n in range(9_990)) + "a: ["
    ),
    "yaml: 10,000 keys with remarks, then an error": lambda: _fenced(
        "---", "".join(f"k{n}: 012 #x\n" for n in range(9_990)) + "a: ["
    ),
    "yaml: 10,000 keys, the last one twice": lambda: _fenced(
        "---", "".join(f"k{n}: v\n" for n in range(9_990)) + "k9989: v"
    ),
    "yaml: 10,000 keys in quotes, the last one twice": lambda: _fenced(
        "---", "".join(f'"k{n}": "v"\n' for n in range(9_990)) + '"k9989": v'
    ),
    "yaml: 20,000 values, then an error": lambda: _fenced("---", "a: [" + "1," * 19_990),
    "yaml: a million blank lines": lambda: _fenced("---", "a: b" + "\n" * (_MIB - 100) + "b: ["),
    "toml: 20,000 values, then an error": lambda: _fenced("+++", "a=[" + "1," * 19_900 + "]\nb="),
    "toml: 10,000 keys, then an error": lambda: _fenced(
        "+++", "".join(f"k{n}=1\n" for n in range(9_900)) + "b="
    ),
    "toml: 10,000 keys, the last one twice": lambda: _fenced(
        "+++", "".join(f"k{n}=1\n" for n in range(9_900)) + "k9899=1"
    ),
    "toml: 10,000 keys, one of them a list of lines, the last one twice": lambda: _fenced(
        "+++", "k=[\n1]\n" + "".join(f"k{n}=1\n" for n in range(9_900)) + "k9899=1"
    ),
    "toml: a text of 240 KiB, then an error": lambda: _fenced(
        "+++", 'a="' + "x" * 240 * _KIB + '"\nb='
    ),
    "toml: quotes alone": lambda: _fenced("+++", "a=" + '"' * (_MIB - 100)),
    "json: 20,000 values, then one key twice": lambda: _fenced(
        "---json", '{"a": [' + "1," * 19_900 + '1], "a": 2}'
    ).replace(b"\n---json", b"\n---"),
    "json: half a million escapes, then an error": lambda: _fenced(
        "---json", '{"a": "' + "\\n" * (_MIB // 2 - 100) + '"}x'
    ).replace(b"\n---json", b"\n---"),
    "32 MiB: letters, then no UTF-8": lambda: _whole("x", b"\xff"),
    "32 MiB: Chinese, then no UTF-8": lambda: _whole("\u65e5", b"\xff"),
    "32 MiB: lines, then a control character": lambda: _whole("x\n", b"\x01"),
    "32 MiB: Chinese, then a control character": lambda: _whole("\u65e5", b"\x01"),
    "32 MiB: stars": lambda: _whole("*", b""),
    "32 MiB: lists within lists": lambda: _whole("- ", b""),
    "32 MiB: attributes of one tag": lambda: _whole("x=y ", b">").replace(b"x=y", b"<x ", 1),
}
