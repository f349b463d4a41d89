"""Where something of the rendered text stands in the file: looked for, and told when found."""

import re
from typing import Final

from syndicator.normalise.findings import NOWHERE, Findings, Place, line_of
from syndicator.normalise.pictures import spellings

_SOUGHT: Final = 100  # things not found in the source before looking for them ends


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
        self._left = _SOUGHT

    def find(self, url: str) -> tuple[str, Place]:
        """Return a URL, or a text, as its author wrote it, and where; as it is if not found."""
        at = self._body.find(url, self._at) if url else -1
        if at >= 0:
            self._at = at
            return url, self._place(at)
        for written in spellings(url) if self._left > 0 and url else ():
            at = self._body.find(written, self._at)
            at = at if at >= 0 else self._body.find(written)
            if at >= 0:
                self._at = at
                return written, self._place(at)
        self._left -= 1
        return url, NOWHERE

    def tag(self, name: str) -> Place:
        """Return the place of the next tag of this name."""
        pattern = re.compile(rf"<{re.escape(name)}\b", re.IGNORECASE)
        match = pattern.search(self._body, self._tags.get(name, 0)) if self._left > 0 else None
        if match is None:
            self._left -= 1
            return NOWHERE
        self._tags[name] = match.end()
        return self._place(match.start())

    def heading(self, text: str) -> Place:
        """Return the place of a heading with this text."""
        marked = re.compile(rf"^[ ]{{0,3}}#?[ \t]*{re.escape(text)}", re.MULTILINE)
        match = marked.search(self._body) if self._left > 0 else None
        if match is None:
            self._left -= 1
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
