"""SVG: made safe by one program, then judged by another; what does not pass is not published.

A browser runs no script of a picture in ``img``, but it does of one that is opened by itself. So
what could run, be loaded, or name its maker is taken out by py-svg-hush (an allow-list in Rust);
then the result is read again, by expat, and must hold nothing that refers to anywhere else.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from xml.parsers import expat

import py_svg_hush

from syndicator.archive.formats import Torn

_NAMESPACE: Final = "http://www.w3.org/2000/svg"
_XLINK: Final = "http://www.w3.org/1999/xlink"
_XML: Final = "http://www.w3.org/XML/1998/namespace"
_LONGEST: Final = 2 * 1024 * 1024  # bytes
_MOST: Final = 50_000  # elements; with both limits, the worst takes about a second
_DEEPEST: Final = 64  # elements within each other: the sanitiser indents each
_ENTITY: Final = 64  # characters an entity may stand for: the names of namespaces have fewer
_EMBEDDED: Final = re.compile(rb"data:image/(?:png|jpeg|gif|webp);base64,([A-Za-z0-9+/=\s]*)")
_TYPES: Final = {"image": ["png", "jpeg", "gif", "webp"]}
_RUNS: Final = frozenset(("script", "foreignObject", "handler", "listener", "iframe"))
_ESCAPE: Final = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)", re.DOTALL)
_LOADS: Final = re.compile(
    r"@import|image-set|expression\s*\(|-moz-binding|javascript:"
    r"|url\(\s*(?!['\"]?\s*(?:#|data:image/(?:png|jpeg|gif|webp);base64,))",
    re.IGNORECASE,
)
_IMPORT: Final = re.compile(rb"@import\b[^;<{}]*(;?)", re.IGNORECASE)
_LENGTH: Final = re.compile(r"\s*([0-9]{1,6}(?:\.[0-9]{1,9})?)(?:px)?\s*")
_BLANKS: Final = re.compile(r"[\s,]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A drawing as readers may get it, its size in pixels (0 where it has none of its own)."""

    safe: bytes
    width: int
    height: int
    scripted: bool  # what came had a script, or something else that runs


def clean(data: bytes, embedded: Callable[[bytes], bytes | None]) -> Drawing:
    """Make a drawing safe; raise Torn for one that can't be.

    ``embedded`` returns what readers may get of a picture within it, None for none.
    """
    if len(data) > _LONGEST:
        raise Torn(f"larger than {_LONGEST} bytes")
    data = _IMPORT.sub(_imported, data)
    came = _Reader(data)
    try:
        hushed = py_svg_hush.filter_svg(data, keep_data_url_mime_types=_TYPES)
    except ValueError as error:
        raise Torn(f"it can't be read ({error})") from None
    if len(hushed) > 4 * _LONGEST:
        raise Torn("what is made of it is too large")
    safe = _EMBEDDED.sub(lambda found: _embed(found, embedded), hushed)
    left = _Judge(safe)
    if py_svg_hush.filter_svg(safe, keep_data_url_mime_types=_TYPES) != safe:
        raise Torn("what is made of it would never come to rest")
    width, height = _size(left.root)
    return Drawing(safe=safe, width=width, height=height, scripted=came.scripted)


def _imported(found: re.Match[bytes]) -> bytes:
    """Drop a whole ``@import``, which the sanitiser would leave in part; it loads nothing here."""
    return b"" if found[1] else found[0]


class _Reader:
    """Reads every element of a document; raises Torn where XML ends, or bursts."""

    def __init__(self, data: bytes) -> None:
        self.root: dict[str, str] = {}  # attributes of the first element
        self.scripted = False
        self._depth, self._count, self._size = 0, 0, 0
        self._style: list[str] = []
        self._styled = 0  # how deep the style lies that is being read
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler, parser.EntityDeclHandler = self._text, self._entity
        try:
            parser.Parse(data, True)  # noqa: FBT003  # expat's own: this is all
        except expat.ExpatError as error:
            raise Torn(f"it is no XML: {expat.ErrorString(error.code)}") from None
        except (ValueError, LookupError) as error:  # an encoding nobody knows
            raise Torn(f"it can't be read ({error})") from None
        _style("".join(self._style))

    def see(self, name: str, given: dict[str, str]) -> None:
        """Note of a drawing as it came whether something in it would run, or load by its style."""
        _style(given.get("style", ""))
        self.scripted = (
            self.scripted
            or name.rpartition(" ")[2] in _RUNS
            or any(key.lower().startswith("on") for key in given)
            or any(value.lstrip().lower().startswith("javascript:") for value in given.values())
        )

    def _start(self, name: str, given: dict[str, str]) -> None:
        self._depth += 1
        self._count += 1
        if self._depth > _DEEPEST:
            raise Torn("its elements lie too deep within each other")
        if self._count > _MOST:
            raise Torn(f"more than {_MOST} elements")
        if self._depth == 1:
            if name != f"{_NAMESPACE} svg":
                raise Torn("its first element is not svg")
            self.root = given
        if name == f"{_NAMESPACE} style":
            self._styled = self._styled or self._depth
        self.see(name, given)

    def _end(self, _name: str) -> None:
        if self._styled == self._depth:
            self._styled = 0
        self._depth -= 1

    def _text(self, said: str) -> None:
        self._size += len(said)
        if self._size > _LONGEST:
            raise Torn("its entities stand for too much, or for another file")
        if self._styled:
            self._style.append(said)

    def _entity(self, *declared: object) -> None:
        value = declared[2]
        if not isinstance(value, str) or len(value) > _ENTITY or re.search("[<&]", value):
            raise Torn("its entities stand for too much, or for another file")


class _Judge(_Reader):
    """Lets through what can't run, and refers to nothing but itself."""

    def see(self, name: str, given: dict[str, str]) -> None:
        """Raise Torn for an element, or an attribute, that is not let through."""
        space, _, local = name.rpartition(" ")
        if space != _NAMESPACE or local in _RUNS:
            raise Torn(f"it holds <{local}>")
        for key, value in given.items():
            owner, _, attribute = key.rpartition(" ")
            if owner not in ("", _XLINK, _XML) or attribute.lower().startswith("on"):
                raise Torn(f"it holds the attribute {attribute}")
            if attribute in ("href", "src") and not _inside(value):
                raise Torn("it refers to something outside of itself")
            _style(value)


def _inside(reference: str) -> bool:
    reference = reference.strip()
    return reference.startswith("#") or bool(_EMBEDDED.fullmatch(reference.encode()))


def _style(text: str) -> None:
    """Raise Torn for CSS, or a value, that would load something; escapes are read as CSS does."""
    read = _ESCAPE.sub(
        lambda found: chr(min(int(found[1], 16), 0x10FFFF)) if found[1] else found[2], text
    )
    if _LOADS.search(text) or _LOADS.search(read):
        raise Torn("it refers to something outside of itself")


def _embed(found: re.Match[bytes], embedded: Callable[[bytes], bytes | None]) -> bytes:
    """Put what readers may get in the place of a picture within the drawing."""
    try:
        whole = base64.b64decode(b"".join(found[1].split()), validate=True)
    except binascii.Error:
        raise Torn("a picture within it is broken") from None
    safe = embedded(whole)
    if safe is None:
        raise Torn("a picture within it can't be published")
    if safe == whole:
        return found[0]
    return found[0][: found.start(1) - found.start()] + base64.b64encode(safe)


def _size(given: dict[str, str]) -> tuple[int, int]:
    """Return width and height in pixels: as the root says, else its view box, else zeros."""
    sides = [_LENGTH.fullmatch(given.get(name, "")) for name in ("width", "height")]
    numbers = [side[1] for side in sides if side]
    if len(numbers) != 2:  # noqa: PLR2004  # width and height
        numbers = _BLANKS.split(given.get("viewBox", "").strip())[2:]
        numbers = numbers if all(_LENGTH.fullmatch(one) for one in numbers) else []
    if len(numbers) != 2:  # noqa: PLR2004
        return 0, 0
    width, height = (round(float(number)) for number in numbers)
    return (width, height) if width > 0 and height > 0 else (0, 0)
