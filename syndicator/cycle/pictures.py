"""The pictures of a post as they are now: on this disk, or in the archive if there is one."""

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from syndicator.archive import local
from syndicator.archive.local import Roots
from syndicator.archive.sniff import Picture, Unfit, judge
from syndicator.cycle.similar import ENDINGS, KNOWN_ENDINGS, Nearby, Similar
from syndicator.doors import files
from syndicator.doors.index import Kept
from syndicator.errors import Failed
from syndicator.model.pictures import Want
from syndicator.model.posts import Edit, ImageRef, Post, Problem, Severity

_TOO_MUCH = re.compile(r"larger than|too many (?:pixels|frames)|pixels are too many")
_BROKEN = re.compile(r"(?:JPEG|PNG|GIF|WEBP|AVIF): ")
_NOT_PUBLISHED = re.compile(r"SVG can|not a JPEG")
_NOT_ASKED = re.compile(r"not allowed|only http and https|not a usable URL|not asked|private")
_COPIED = "the feeds' copy does not; take it out of the file too"
_TOLD = (
    ("position", "IMG009", "tells where it was taken", f"{_COPIED}: exiftool -gps:all= -xmp:all="),
    ("script", "IMG015", "carries a script", _COPIED),
)
_LINE_END = re.compile(rb"\r\n|\n|\r")
_WINDOW = 65536  # bytes in which an address is looked for: a post may be one line of 32 MiB
_SHOWN = 120  # characters of an address that are worded
_PLAIN = "!$&'*+,;=:@~"  # besides letters and digits: what a step of a path may hold


@dataclass(slots=True, kw_only=True)
class Pictures:
    """What can be said of pictures; each file is judged once, however many posts show it."""

    roots: Roots
    limit: int  # bytes
    kept: Mapping[str, Kept] | None  # by URL; None: there is no archive to ask
    attempts: bool = True  # whether to tell how often and when one was asked for: that ages
    judged: dict[Path, Picture | Unfit] = field(default_factory=dict)
    nearby: Nearby = field(default_factory=Nearby)

    def examine(self, path: str, read: Callable[[], bytes], post: Post) -> Iterator[Problem]:
        """Yield what is wrong with the pictures of a post.

        ``read`` returns the bytes of its file, and is called where a problem is to be placed.
        """
        digests: dict[str, str] = {}
        text = _Text(read)
        for ref in post.images:
            place = _Place(path, ref, text)
            if ref.inline:
                yield from _told(place, judge(base64.b64decode(ref.inline)))
                continue
            want = Want(
                url=ref.url,
                beside=(ref.beside,) if ref.beside else (),
                static=(ref.static,) if ref.static else (),
            )
            file = local.find(want, self.roots).file
            if file is not None:
                yield from self._near(place, file)
            elif ref.beside or (ref.static and self.roots.static):
                yield from self._missing(place)
            else:
                yield from self._far(place)
            known = (self.kept or {}).get(ref.url)
            if known is not None and known.digest:
                other = digests.setdefault(known.digest, ref.url)
                if other != ref.url:
                    says = f"these are the bytes of {other} too"
                    yield place.problem("info", "IMG019", says, "use one of the two addresses")

    def _near(self, place: "_Place", file: Path) -> Iterator[Problem]:
        verdict = self.judged.get(file)
        if verdict is None:
            verdict = self.judged[file] = self._judge(file)
        yield from _told(place, verdict)
        if isinstance(verdict, Unfit):
            return
        ending = file.suffix.lower()
        if ending in KNOWN_ENDINGS and ending not in ENDINGS[verdict.media_type]:
            says = f"{place.shown} is not what its name says, but {verdict.media_type}"
            yield place.problem("warning", "IMG002", says, f"name it *{verdict.extension}")

    def _judge(self, file: Path) -> Picture | Unfit:
        try:
            data, _ = files.read(file, self.limit)
        except Failed as error:
            return Unfit(reason=error.says)
        if len(data) > self.limit:
            return Unfit(reason=f"larger than {self.limit} bytes ([network] max_image_bytes)")
        return judge(data)

    def _missing(self, place: "_Place") -> Iterator[Problem]:
        ref, state = place.ref, (self.kept or {}).get(place.ref.url)
        if state is not None and state.digest and not ref.beside:
            return  # the site itself served it
        similar = self._similar(ref)
        where = "beside the post" if ref.beside else "in a static folder"
        if ref.beside and ref.static:  # embedded as from a vault
            where += ", nor in a static folder"
        says = f"{place.shown} is not there: no such file {where}"
        hint = "put the file there, or correct the name"
        severity: Severity = "error"
        edits: tuple[Edit, ...] = ()
        if state is not None and state.digest:
            severity, hint = "warning", "the copy that is kept stays in the feeds"
        if similar is not None and similar.path == similar.instead:
            says, similar = f"{place.shown} is a link that leads out of its folder", None
            hint = "put the file itself there"
        elif similar is not None:
            hint = f"did you mean {similar.path.rpartition('/')[2]}?"
            edits = place.renamed(similar.instead, similar.path)
        elif state is None and not ref.beside:
            severity = "warning"  # the site may still serve it: the next run asks
            hint = "the next run asks the site for it"
        safe = similar is not None and similar.sure
        yield place.problem(severity, "IMG001", says, hint, edits, safe=safe)

    def _similar(self, ref: ImageRef) -> Similar | None:
        tries = [(self.roots.content, ref.beside)] if ref.beside else []
        tries += [(root, ref.static) for root in self.roots.static if ref.static]
        found = (self.nearby.find(root, relative) for root, relative in tries)
        return next((one for one in found if one is not None), None)

    def _far(self, place: "_Place") -> Iterator[Problem]:
        if self.kept is None:
            return
        state = self.kept.get(place.ref.url)
        if state is None:
            says = f"{place.shown} lies on another server and is not kept yet"
            hint = "`syndicate run` fetches it; `syndicate status` tells whether its host rests"
            yield place.problem("info", "IMG013", says, hint)
        elif state.plan != "kept":
            times = "once" if state.tries == 1 else f"{state.tries} times, last"
            tried = f"asked for {times} on {state.at[:10]}; " if self.attempts else ""
            reason = f"{state.reason} ({state.plan})"
            if state.digest:
                says = f"{place.shown}: its source gives something else by now: {reason}"
                hint = f"{tried}the copy that is kept stays"
                yield place.problem("warning", "IMG006", says, hint)
                return
            code = _code(state.reason, refused=state.plan == "refused")
            severity: Severity = "error" if code == "IMG008" else "warning"
            hint = f"{tried}put a copy beside the post and name that"
            yield place.problem(severity, code, f"{place.shown}: {reason}", hint)


def _told(place: "_Place", verdict: Picture | Unfit) -> Iterator[Problem]:
    """Yield what the bytes of a picture of the author's own say."""
    if isinstance(verdict, Unfit):
        says = f"{place.shown}: {verdict.reason}"
        yield place.problem("warning", _code(verdict.reason), says, "it is not published")
        return
    for what, code, tells, hint in _TOLD:
        if what in verdict.without:
            yield place.problem("warning", code, f"{place.shown} {tells}", hint)


def _code(reason: str, *, refused: bool = False) -> str:
    """Return the code for the reason that ``archive`` gives for not publishing something."""
    if refused and _NOT_ASKED.search(reason):
        return "IMG008"
    if _TOO_MUCH.search(reason):
        return "IMG007"
    if _BROKEN.match(reason):
        return "IMG016"
    if reason.startswith("an HTML page"):
        return "IMG005"
    return "IMG003" if _NOT_PUBLISHED.match(reason) else "IMG004"


class _Text:
    """The bytes of a post's file, read once they are needed."""

    def __init__(self, read: Callable[[], bytes]) -> None:
        self._read = read

    @cached_property
    def data(self) -> bytes:
        return self._read()

    @cached_property
    def lines(self) -> list[int]:
        """Where each line begins, and the end, in bytes."""
        return [0, *(end.end() for end in _LINE_END.finditer(self.data)), len(self.data)]


class _Place(NamedTuple):
    """A picture where a post refers to it."""

    path: str
    ref: ImageRef
    text: _Text

    @property
    def shown(self) -> str:
        written = self.ref.written
        return written if len(written) <= _SHOWN else f"{written[: _SHOWN - 1]}…"

    @property
    def _line(self) -> tuple[int, int]:
        """Begin and end, in bytes, of where the address stands: its line, or the whole file."""
        lines = self.text.lines
        if 0 < self.ref.line < len(lines):
            return lines[self.ref.line - 1], lines[self.ref.line]
        return 0, lines[-1]

    @property
    def offset(self) -> int:
        """Where in the file the address stands, in bytes; -1 where that is not sure."""
        data, written = self.text.data, self.ref.written.encode("utf-8", "replace")
        begin, end = self._line
        if end - begin > _WINDOW or not written:
            return -1
        at = data.find(written, begin, end)
        return at if at >= 0 and data.find(written, at + 1, end) < 0 else -1

    def problem(
        self,
        severity: Severity,
        code: str,
        says: str,
        hint: str,
        edits: tuple[Edit, ...] = (),
        *,
        safe: bool = True,
    ) -> Problem:
        """Make a problem at the line, and the column if it is sure."""
        at, column = self.offset, 0
        if at >= 0 and self.ref.line:
            column = len(self.text.data[self._line[0] : at].decode("utf-8", "replace")) + 1
        return Problem(
            path=self.path,
            code=code,
            says=says,
            hint=hint,
            line=self.ref.line,
            column=column,
            severity=severity,
            edits=edits,
            safe=safe,
        )

    def renamed(self, missing: str, better: str) -> tuple[Edit, ...]:
        """Return the edit that writes ``better`` for the last steps of the path as written.

        Between double brackets a name stands as it is on the disk, elsewhere it is a URL.
        """
        old, new = missing.split("/"), better.split("/")
        if len(old) != len(new) or self.offset < 0:
            return ()
        first = next((n for n, both in enumerate(zip(old, new, strict=True)) if len({*both}) > 1))
        path = re.split(r"[?#]", self.ref.written)[0]
        steps = path.split("/")[first - len(old) :]
        plain = self.text.data[: self.offset].rstrip().endswith(b"[[")
        if [step if plain else unquote(step) for step in steps] != old[first:]:
            return ()
        tail = "/".join(steps)
        end = self.offset + len(path.encode())
        names = new[first:]
        text = "/".join(names if plain else (quote(step, safe=_PLAIN) for step in names))
        return (Edit(start=end - len(tail.encode()), end=end, text=text),)
