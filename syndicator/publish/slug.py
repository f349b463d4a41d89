"""The safe names that values have in paths and addresses, stable and free of collisions."""

import re
import unicodedata
from hashlib import sha256

from syndicator.publish.text import line

_LONGEST = 200  # characters of a value by which anything is selected
_JOINTS = re.compile(r"[\s_-]+")
_WORDS = re.compile(r"[^\W_]+")
_NAME = 80  # bytes of a value in a path
_MARK = re.compile(r"(?:^|-)[0-9a-f]{8}$")


def fold(value: str) -> str:
    """Return a value as it is compared: ``Open-Source`` and ``open source`` are one."""
    plain = unicodedata.normalize("NFKC", line(value)).casefold()
    return _JOINTS.sub(" ", plain).strip()[:_LONGEST].strip()


def slug(value: str) -> str:
    """Return a value as a part of a path: letters, digits and hyphens of any script.

    Values that differ when folded have names that differ: where something of one is lost, a mark
    made of the whole is added.
    """
    folded = fold(value)
    words = "--".join("-".join(_WORDS.findall(step)) for step in folded.split("/"))
    spelled = folded.replace(" ", "-").replace("/", "--")
    if words == spelled and len(words.encode()) <= _NAME and words and not _MARK.search(words):
        return words
    mark = sha256(folded.encode()).hexdigest()[:8]
    stem = words.encode()[:_NAME].decode("utf-8", "ignore").strip("-")
    return f"{stem}-{mark}" if stem else mark
