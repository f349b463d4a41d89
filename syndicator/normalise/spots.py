"""Where something of the rendered text stands in the file: looked for, and told when found."""

import re
from typing import Final

from syndicator.normalise.findings import NOWHERE, Findings, Place, line_of
from syndicator.normalise.pictures import spellings

_TIMES: Final = 20  # how often a body is looked through before looking ends
_LEAST: Final = 1_000_000  # characters


class Spots:
    """Finds places in a body that begins at character ``begin`` of the file's text.

    Things are looked for in the order in which they stand, each after the one before it.
    """

    def __init__(self, body: str, begin: int, findings: Findings) -> None:
        self.findings = findings
        self._body = body
        self._begin = begin
        self._at = 0
        self._tags: dict[str, int] = {}
        self._known = (0, 0)  # an offset, and its line, which is 0 before the first
        self._left = _TIMES * len(body) + _LEAST

    def find(self, url: str) -> tuple[str, Place]:
        """Return a URL, or a text, as its author wrote it, and where; as it is if not found."""
        at = self._find(url, self._at)
        if at >= 0:
            self._at = at
            return url, self._place(at)
        for written in spellings(url):
            at = self._find(written, self._at)
            at = at if at >= 0 else self._find(written, 0)
            if at >= 0:
                self._at = at
                return written, self._place(at)
        return url, NOWHERE

    def _find(self, text: str, start: int) -> int:
        """Look for a text, while what was looked through is not many times the body."""
        if not text or self._left <= 0:
            return -1
        at = self._body.find(text, start)
        self._left -= (at if at >= 0 else len(self._body)) - start
        return at

    def tag(self, name: str) -> Place:
        """Return the place of the next tag of this name."""
        pattern = re.compile(rf"<{re.escape(name)}\b", re.IGNORECASE)
        match = pattern.search(self._body, self._tags.get(name, 0)) if self._left > 0 else None
        self._left -= len(self._body) if match is None else 0
        if match is None:
            return NOWHERE
        self._tags[name] = match.end()
        return self._place(match.start())

    def heading(self, text: str) -> Place:
        """Return the place of a heading with this text."""
        marked = re.compile(rf"^[ ]{{0,3}}#?[ \t]*{re.escape(text)}", re.MULTILINE)
        match = marked.search(self._body) if self._left > 0 else None
        self._left -= len(self._body)
        if match is None:
            return NOWHERE
        return self._place(match.start())

    def _place(self, at: int) -> Place:
        known, line = self._known if self._known[0] <= at else (0, 0)
        if not line:
            known, line = 0, line_of(self.findings.text, self._begin)
        line += line_of(self._body[known:at]) - 1
        self._known = (at, line)
        begins = max(self._body.rfind("\n", 0, at), self._body.rfind("\r", 0, at)) + 1
        return line, at - begins + 1
