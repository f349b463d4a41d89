"""What a receiver replied, as much of it as may be kept and shown: bounded, without secrets; pure.

A receiver that fails likes to say what it was sent: the address, which may be a key, and headers.
Each of those, and each secret, is blanked wherever it comes back, as a whole in the spellings
below, and in its pieces, in any spelling that leaves their letters and digits together.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from urllib.parse import quote, quote_plus, unquote, urlsplit

from syndicator.model.feeds import Answer, Request

MOST = 2048  # characters that are kept
BLANK = "[…]"
SHORTEST = 4  # letters that are blanked: of fewer, no reply could be read
_PIECE = re.compile(rf"[^\W_]{{{SHORTEST},}}")
_LAST_WORD = re.compile(r"[^\W_]+$")
# What is sent in these is no secret, and its words are those of many a reply.
_SCHEMES = frozenset({"http", "https"})  # of an address that is a secret, these are none
_OPEN = frozenset({"accept", "content-type", "user-agent", "webhook-id", "webhook-timestamp"})


def head(answer: Answer, secrets: Iterable[str], requests: Sequence[Request]) -> str:
    """Return the headers that are kept, and the start of the body, blanked.

    ``secrets`` are those of all endpoints: one server may stand for several. ``requests`` are all
    that were made in the attempt: a session's token may be among what they carry. Of an answer
    that is a secret itself, no body is kept. What reading stopped in may be the first half of a
    secret, and is left out.
    """
    body = "" if requests and requests[-1].login else answer.body.decode("utf-8", "replace")
    text = _clean("\n".join([*_headers(answer), "", body]).strip())
    hidden = {_low(_clean(one)) for one in _hidden(secrets, requests)}
    cut = len(answer.body) >= min((one.most for one in requests), default=0)
    if cut:
        text = _without_half(text, hidden)
    text = _blanked(text, hidden)
    if cut or len(text) > MOST:
        text = _LAST_WORD.sub("", text[:MOST]) + "…"
    return text


def _headers(answer: Answer) -> Iterator[str]:
    for name, value in answer.headers.items():
        if name == "location":  # a query may be a token, and its owner another's
            yield f"{name}: {re.sub(r'(?<=//)[^/]*@', '', re.split('[?#]', value)[0])}"
        elif name != "date":
            yield f"{name}: {value}"


def _clean(text: str) -> str:
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text)


def _low(text: str) -> str:
    """Return it in lower case, letter for letter: a few become two, and stay."""
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def _without_half(text: str, hidden: Iterable[str]) -> str:
    """Leave out the longest end that is the beginning of what is hidden."""
    text = text.rstrip("\N{REPLACEMENT CHARACTER}")  # half a letter
    end, longest = _low(text), 0
    for word in hidden:
        sizes = range(min(len(word), len(end)), longest, -1)
        longest = next((size for size in sizes if end.endswith(word[:size])), longest)
    return text[: len(text) - longest]


def _blanked(text: str, hidden: Iterable[str]) -> str:
    """Blank every place of everything that is hidden, as one where places overlap."""
    low = _low(text)
    kept, at = "", 0
    for start, end in sorted(place for word in hidden for place in _places(word, low)):
        if start >= at:
            kept += text[at:start] + BLANK
        at = max(at, end)
    return kept + text[at:]


def _places(word: str, text: str) -> Iterator[tuple[int, int]]:
    start = text.find(word)
    while start >= 0:
        yield start, start + len(word)
        start = text.find(word, start + 1)


def _hidden(secrets: Iterable[str], requests: Iterable[Request]) -> Iterator[str]:
    """Yield what must not be shown, in each spelling."""
    for text in {*secrets, *_carried(requests)}:
        yield from (piece for piece in _PIECE.findall(text) if piece.lower() not in _SCHEMES)
        for whole in {text, text.strip(), unquote(text), *text.split()}:
            if len(whole) >= SHORTEST:
                yield from _spellings(whole)


def _carried(requests: Iterable[Request]) -> Iterator[str]:
    for request in requests:
        url = urlsplit(request.url)
        yield from (url.path, url.query, url.username or "", url.password or "")
        yield from (value for name, value in request.headers if name.lower() not in _OPEN)


def _spellings(text: str) -> Iterator[str]:
    """Yield a text as it is, and as it stands in an address, in JSON and in HTML."""
    yield text
    yield escape(text)
    yield from (quote(text, errors="replace"), quote(text, "", errors="replace"))
    yield quote_plus(text, errors="replace")
    for ascii_only in (True, False):
        written = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield from (written, written.replace("/", r"\/"))
