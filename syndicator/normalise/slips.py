"""Slips of front matter that leave it readable, but not as its author meant."""

import re
from typing import Final

from syndicator.normalise import fields, keys
from syndicator.normalise.findings import Findings, shown
from syndicator.normalise.remarks import Remark
from syndicator.normalise.urls import templated
from syndicator.normalise.values import Front, Mark, Table, Value, folded

_SWITCHES: Final = frozenset(
    ("draft", "published", "publish", "render", "eleventyexcludefromcollections")
)
_WORD: Final = re.compile(r"[A-Za-z]+")
# said with a code of their own
_ADDRESSES: Final = frozenset(
    (*keys.spellings("address"), *keys.spellings("image"), *keys.spellings("redirects"))
)
_MANY: Final = 200  # keys of one post that are looked at
_DEEP: Final = 8


def tell(front: Front, table: Table, remarks: tuple[Remark, ...], findings: Findings) -> None:
    """Keep FM011, FM012, FM014, FM015, FM016 and FM017 of a post's front matter."""
    for remark in remarks:
        if remark.kind == "cut":
            _cut(remark, findings)
        elif remark.kind == "changed":
            _changed(remark, findings)
        else:
            glued(remark, findings)
    for key in list(table)[:_MANY]:
        near = keys.meant(key)
        if near and not front.has(folded(near)):
            _near(key, near, table.marks.get(key, Mark(0, 0)), findings)
    if templated(findings.text):
        _templates(table, Mark(0, 0), findings, 0)
    fields.two_meanings(front, findings)


def _cut(remark: Remark, findings: Findings) -> None:
    """Say what a ``#`` after a blank took away: a comment begins there."""
    if isinstance(remark.value, bool):
        return
    begin, end = remark.start, remark.end + len(remark.text.rstrip())
    whole = findings.text[begin:end]
    lead = whole[: len(whole) - len(whole.lstrip())]
    findings.add(
        "warning",
        "FM011",
        f"{shown(remark.key)}: the # cut off {shown(remark.text.strip())!r}, a comment to YAML",
        f"if it belongs to the value, write {fields.quoted(whole.strip())[:100]}",
        remark.place,
        edits=(findings.edit(begin, end, lead + fields.quoted(whole.strip())),),
        safe=False,
    )


def _changed(remark: Remark, findings: Findings) -> None:
    name = folded(remark.key)
    if name == "title" or (name in _SWITCHES and _WORD.fullmatch(remark.text)):
        return  # TXT011 says it; and what is meant as a switch is read as one everywhere
    findings.add(
        "warning",
        "FM012",
        f"{shown(remark.key)}: {remark.text} is read as something else by tools with YAML 1.1",
        "put quotes around it; here it stays as written",
        remark.place,
        edits=(findings.edit(remark.start, remark.end, fields.quoted(remark.text)),),
    )


def glued(remark: Remark, findings: Findings) -> None:
    """Say that a key lacks the space after its colon, and is no key."""
    at = remark.start + remark.text.index(":") + 1
    sure = findings.text.startswith(remark.text, remark.start)
    findings.add(
        "warning",
        "FM015",
        f"{shown(remark.text)!r} is text, not a key with its value",
        "put a space after the colon that follows the key",
        remark.place,
        edits=(findings.edit(at, at, " "),) if sure else (),
        safe=False,
    )


def _near(key: str, near: str, mark: Mark, findings: Findings) -> None:
    begin = mark.at + (findings.text[mark.at : mark.at + 1] in "\"'")
    sure = mark.at >= 0 and findings.text.startswith(key, begin)
    findings.add(
        "info",
        "FM014",
        f"nothing is known by the key {shown(key)!r}; did you mean {near!r}?",
        f"write {near}, if that is what you mean",
        mark.place,
        edits=(findings.edit(begin, begin + len(key), near),) if sure else (),
        safe=False,
    )


def _templates(value: Value, mark: Mark, findings: Findings, depth: int) -> None:
    if isinstance(value, Table) and depth < _DEEP:
        for key, inner in value.items():
            if folded(key) not in _ADDRESSES:
                _templates(inner, value.marks.get(key, mark), findings, depth + 1)
    elif isinstance(value, list) and depth < _DEEP:
        for inner in value:
            _templates(inner, mark, findings, depth + 1)
    elif isinstance(value, str) and templated(value):
        findings.warn(
            "FM016",
            f"{shown(value)!r} holds a template, which is not filled in here",
            "write what it stands for",
            mark.place,
        )
