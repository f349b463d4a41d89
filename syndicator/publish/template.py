"""Texts with holes for what a post says: Jinja2, in its sandbox, strict about names.

Whoever writes the configuration writes the template; posts only fill it. The sandbox is a belt:
a template reaches no file, no network, no clock, and nothing of the program.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

from syndicator.model.feeds import Change
from syndicator.model.posts import Site
from syndicator.publish.items import item, title
from syndicator.publish.text import fit, rfc3339

if TYPE_CHECKING:
    from jinja2 import Template

LIMIT = 256 * 1024  # bytes that a template may make
_TITLE, _SUMMARY, _WORD, _WORDS = 1000, 8000, 200, 100  # characters, and how many
Value = str | int | Sequence[str] | Mapping[str, str]

_FULL: Final[Mapping[str, Value]] = {
    "event": "post.published",
    "id": "tag:site.example,2026-01-01:a/",
    "url": "https://site.example/a/",
    "title": "A \"title\" with 'quotes' & <marks>",
    "summary": "Its summary.",
    "picture": "https://site.example/feeds/media/a.jpg",
    "tags": ("one", "two"),
    "authors": ("Ann", "Bo"),
    "language": "en",
    "published": "2026-01-01T12:00:00Z",
    "updated": "2026-01-02T12:00:00Z",
    "seq": 1,
    "site": {"title": "Site", "url": "https://site.example/"},
}
_BARE = {**_FULL, "summary": "", "picture": "", "tags": (), "authors": ()}
SAMPLES: Final = (_FULL, _BARE)


def values(change: Change, event: str, site: Site) -> Mapping[str, Value]:
    """Return what a template may say of a change: clean texts, none without end."""
    said = item(change.entry, site)
    return {
        "event": event,
        "id": said.id,
        "url": said.url,
        "title": fit(said.title, _TITLE),
        "summary": fit(said.summary, _SUMMARY),
        "picture": said.image,
        "tags": tuple(fit(tag, _WORD) for tag in said.tags[:_WORDS]),
        "authors": tuple(fit(name, _WORD) for name in said.authors[:_WORDS]),
        "language": said.language or site.language,
        "published": rfc3339(said.published),
        "updated": rfc3339(said.updated),
        "seq": change.entry.seq,
        "site": {"title": title(site), "url": site.url},
    }


def render(template: str, said: Mapping[str, Value]) -> str:
    """Fill a template; ``ValueError`` says in which of its lines what is wrong."""
    made: list[str] = []
    room = LIMIT
    for part in _parts(template, said):
        made.append(part)
        room -= len(part.encode())
        if room < 0:
            raise ValueError(f"it makes more than {LIMIT // 1024} KiB")
    return "".join(made)


def _parts(template: str, said: Mapping[str, Value]) -> Iterator[str]:
    from jinja2 import TemplateSyntaxError  # noqa: PLC0415  # heavy; as below

    try:
        yield from _compiled(template).generate(said)
    except TemplateSyntaxError as error:
        raise ValueError(f"line {error.lineno} of it: {error.message}") from None
    except Exception as error:  # noqa: BLE001  # a template may do anything
        raise ValueError(f"line {_line(error)} of it: {error}") from None


@cache
def _compiled(template: str) -> "Template":
    from jinja2 import StrictUndefined  # noqa: PLC0415  # heavy, and few have a template
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    room = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=False)
    room.filters["tojson"] = _quoted
    return room.from_string(template)


def _quoted(value: object) -> str:
    """Write a value as JSON has it, not as HTML: the default escapes < > & and '."""
    return json.dumps(value, ensure_ascii=False, default=_refused)


def _refused(value: object) -> object:
    str(value)  # what is undefined says what it is
    raise TypeError(f"{type(value).__name__} can't be written as JSON")


def _line(error: BaseException) -> int:
    """Tell the line of a template that an error came from."""
    at, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            at = trace.tb_lineno
        trace = trace.tb_next
    return at
