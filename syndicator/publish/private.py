"""What others are shown of a message that was worded for the person at this machine."""

import re
from collections.abc import Iterable
from pathlib import PurePath

from syndicator.publish.text import ELLIPSIS

# An address of the web, so that nothing in it is taken for a path; or where a path begins, not
# in the middle of a relative one, and its folders. A name may have blanks and marks in it; a mark
# before a blank ends it, and so does a slash after one.
_MARK = r"[,;](?=\S)|:(?![\s/])"
_WORD = rf"(?:[^\s/\",;:]|{_MARK})+"
_TOLD = re.compile(
    r"(?P<web>\b(?!file:)[a-z][a-z0-9+.-]{0,15}://)(?:[^\s/?#@\"<>]*@)?"
    r"(?P<place>[^\s/?#'\"<>]+[^\s?'\"<>]*)(?P<query>\?[^\s\"<>]*)?"
    rf"|(?:(?<=file:)//[^/\s]*/+|(?<=:)///+|(?<=:)/(?!/)|(?<![\w.:/~{ELLIPSIS}])~?/)"
    rf"(?:{_WORD}(?: (?!'){_WORD}){{0,5}}/+)+",
    re.IGNORECASE,
)
_USER = re.compile(r"(?<=//)[^\s/?#]*@")


def without_folders(text: str, roots: Iterable[PurePath] = ()) -> str:
    """Return a text without the folders of paths, and without what may be a key in addresses.

    Of a path its last part stays, and what is below ``roots``, which are left out whatever
    characters they hold; of an address all but user, password and query.
    """
    known = sorted({str(one) for one in roots if len(one.parts) > 1}, key=len, reverse=True)
    for root in known:
        text = re.sub(rf"{re.escape(root)}(?![\w-])", ELLIPSIS, text)
    return _TOLD.sub(_shown, text)


def without_query(url: str) -> str:
    """Return an address without user, password and query: a signature or token may be there."""
    place, mark, _ = _USER.sub("", url).partition("?")
    return f"{place}?{ELLIPSIS}" if mark else place


def _shown(found: re.Match[str]) -> str:
    if found["web"] is None:
        return f"{ELLIPSIS}/"
    return found["web"] + found["place"] + (f"?{ELLIPSIS}" if found["query"] else "")
