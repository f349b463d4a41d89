"""What a receiver replied, as much of it as may be kept and shown: bounded, without secrets; pure.

A receiver that fails likes to say what it was sent: the address, which may be a key, and headers.
Whatever stands in those, or in the secret, is blanked wherever it comes back, in any spelling that
leaves its letters and digits together.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from syndicator.model import Answer, Request

MOST = 2048  # characters that are kept
BLANK = "[…]"
_WORD = re.compile(r"[A-Za-z0-9]{6,}")
_LAST_WORD = re.compile(r"[A-Za-z0-9]+$")
_BEARERS = frozenset({"authorization", "cookie", "proxy-authorization"})


def head(answer: Answer, secrets: Iterable[str], requests: Iterable[Request]) -> str:
    """Return the headers that are kept, and the start of the body, blanked.

    ``secrets`` are those of all endpoints: one server may stand for several. ``requests`` are all
    that were made in the attempt: a session's token may be among what they carry. A word at the
    very end is left out: it may be the first half of a secret.
    """
    lines = [f"{name}: {value}" for name, value in answer.headers.items() if name != "date"]
    text = "\n".join([*lines, "", answer.body.decode("utf-8", "replace")]).strip()
    hidden = sorted(_hidden(secrets, requests), key=lambda one: (-len(one), one))
    if hidden:
        text = re.sub("|".join(map(re.escape, hidden)), BLANK, text, flags=re.IGNORECASE)
    if len(text) > MOST or len(answer.body) >= min((one.most for one in requests), default=0):
        text = _LAST_WORD.sub("", text[:MOST]) + "…"
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text)


def _hidden(secrets: Iterable[str], requests: Iterable[Request]) -> set[str]:
    words = {word for secret in secrets for word in _WORD.findall(secret)}
    for request in requests:
        url = urlsplit(request.url)
        carried = [value for name, value in request.headers if name.lower() in _BEARERS]
        for text in (url.path, url.query, url.username or "", url.password or "", *carried):
            words.update(_WORD.findall(text))
    return words
