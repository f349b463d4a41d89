"""Pictures in a body: each leaves one URL, absolute, and its text."""

from typing import Final

from selectolax.lexbor import LexborNode

from syndicator.normalise import embeds, plain, urls
from syndicator.normalise.findings import Findings, Place
from syndicator.normalise.pictures import Pictures, best_of
from syndicator.normalise.spots import Spots

_LAZY: Final = ("data-src", "data-lazy-src", "data-original")
_LAZY_SETS: Final = ("data-srcset", "data-lazy-srcset")
_RIVALS: Final = frozenset((*_LAZY, *_LAZY_SETS, "srcset"))
_KEPT: Final = frozenset(("src", "alt", "title", "width", "height"))


class Figures:
    """Reads the ``img`` elements of a body, in their order."""

    def __init__(self, pictures: Pictures, spots: Spots) -> None:
        self._pictures = pictures
        self._spots = spots

    def read(self, image: LexborNode) -> None:
        """Give an ``img`` one absolute URL and its text; without a URL the text alone stays."""
        given = dict(image.attributes)
        alt = plain.fit(given.get("alt") or "")
        take = self._pictures.take_embedded if embeds.MARK in given else self._pictures.take
        url, place = "", (0, 0)
        for candidate in _candidates(given):
            written, place = self._spots.find(candidate)
            url = take(candidate, place, written)
            if url:
                break
        if not url:
            image.replace_with(alt)
            return
        if given.get("width") in ("0", "1") and given.get("height") in ("0", "1"):
            self._spots.findings.info(
                "IMG018",
                "a picture of one pixel: it counts who reads, and shows nothing",
                "take it out; feeds keep a copy that counts nobody",
                place,
            )
        elif not alt.strip():
            told_without_text(self._spots.findings, place)
        for name, value in given.items():
            digits = name not in ("width", "height") or (value or "").isdecimal()
            if name not in _KEPT or not digits:
                del image.attrs[name]
        if url != given.get("src"):
            image.attrs["src"] = url
        if alt != given.get("alt"):
            image.attrs["alt"] = alt


def told_without_text(findings: Findings, place: Place) -> None:
    """Say that a picture has no text."""
    findings.info(
        "IMG010",
        "a picture without a text: who can't see it gets nothing",
        "say between the brackets what it shows",
        place,
    )


def flatten(picture: LexborNode) -> None:
    """Leave the ``img`` of a ``picture``, with a source's candidates when it has no URL."""
    image = picture.css_first("img")
    for source in picture.css("source"):
        given = source.attributes.get("srcset") or source.attributes.get("data-srcset")
        if image is not None and given and not image.attributes.get("srcset"):
            image.attrs["srcset"] = given
        source.decompose()
    picture.unwrap()


def poster(video: LexborNode, pictures: Pictures, spots: Spots) -> None:
    """Take the picture a video shows before it plays."""
    given = video.attributes.get("poster") or ""
    written, place = spots.find(given)
    if url := pictures.take(given, place, written):
        video.attrs["poster"] = url
    else:
        del video.attrs["poster"]


def _candidates(given: dict[str, str | None]) -> list[str]:
    """Return the URLs an ``img`` offers, best first: a lazy one hides behind a placeholder."""
    src = given.get("src") or ""
    if _RIVALS.isdisjoint(given):
        return [src] if src.strip() else []
    lazy = [given.get(name) or "" for name in _LAZY]
    sets = [best_of(given.get(name) or "") for name in _LAZY_SETS]
    late = [best_of(given.get("srcset") or "")]
    offered = (
        [*lazy, *sets, src, *late]
        if urls.parts(src).scheme != "data"
        else [*lazy, *sets, *late, src]
    )
    return [url for url in offered if url.strip()]
