"""Words such as ``:year`` in an address, filled in as Jekyll, Hexo and Hugo do.

Their words are one table here; where two of them mean different things by ``:title``, the key
decides: Hugo, whose key is ``url``, takes it from the title, the others from the file's name.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple

from syndicator.model.posts import PERMALINK_WORDS
from syndicator.normalise import urls
from syndicator.normalise.findings import Flaw, shown

_WORD: Final = re.compile(r":([a-z_]+)")
_COLLECTION: Final = re.compile(r"\A_[^/]+/")  # Jekyll's paths begin below it
_NO_LETTERS: Final = re.compile(r"[\W_]+")
_NO_NAME: Final = re.compile(r"[^\w.~!$&'()+,;=@-]+|_")
# in English whatever the machine speaks: an address is for ever
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Facts(NamedTuple):
    """What the words of an address can be filled with."""

    path: str  # of the file, without its ending
    name: str  # of the file, or of the bundle's folder, without its date and ending
    title: str
    slug: str
    categories: tuple[str, ...]
    at: datetime | None  # None where nothing names a day


def slugged(text: str) -> str:
    """Return a text as one part of an address: letters and digits of any script, and hyphens."""
    return _NO_LETTERS.sub("-", text).strip("-").lower()


# a name, where one is meant to stand in for the missing slug, is known by the path
_OF_FRONT: Final = frozenset(
    ("categories", "slugified_categories", "category", "post_title", "slugortitle")
)
_Fill = Callable[[Facts], str]
_DATED: Final[dict[str, Callable[[datetime], str]]] = {
    "year": lambda at: f"{at.year:04}",
    "month": lambda at: f"{at.month:02}",
    "day": lambda at: f"{at.day:02}",
    "hour": lambda at: f"{at.hour:02}",
    "minute": lambda at: f"{at.minute:02}",
    "second": lambda at: f"{at.second:02}",
    "i_month": lambda at: str(at.month),
    "i_day": lambda at: str(at.day),
    "short_month": lambda at: _MONTHS[at.month - 1][:3],
    "long_month": lambda at: _MONTHS[at.month - 1],
    "monthname": lambda at: _MONTHS[at.month - 1].lower(),
    "short_year": lambda at: f"{at.year % 100:02}",
    "y_day": lambda at: f"{at.timetuple().tm_yday:03}",
    "yearday": lambda at: str(at.timetuple().tm_yday),
    "w_year": lambda at: str(at.isocalendar().year),
    "week": lambda at: f"{at.isocalendar().week:02}",
    "w_day": lambda at: str(at.isoweekday()),
    "short_day": lambda at: _DAYS[at.weekday()][:3],
    "long_day": lambda at: _DAYS[at.weekday()],
    "weekday": lambda at: str(at.isoweekday() % 7),
    "weekdayname": lambda at: _DAYS[at.weekday()].lower(),
}
_FILLS: Final[dict[str, _Fill]] = {
    "title": lambda facts: _named(facts.slug or facts.name),
    "slug": lambda facts: slugged(facts.slug or facts.name),
    "name": lambda facts: slugged(facts.name),
    "path": lambda facts: _COLLECTION.sub("", facts.path),
    "collection": lambda facts: facts.path.partition("/")[0].lstrip("_") if _in(facts) else "",
    "categories": lambda facts: "/".join(one.lower() for one in facts.categories),
    "slugified_categories": lambda facts: "/".join(map(slugged, facts.categories)),
    "category": lambda facts: facts.categories[0].lower() if facts.categories else "",
    "output_ext": lambda _facts: ".html",
    "post_title": lambda facts: slugged(facts.title),
    "section": lambda facts: facts.path.partition("/")[0] if _in(facts) else "",
    "sections": lambda facts: facts.path.rpartition("/")[0],
    "filename": lambda facts: facts.name,
    "slugorfilename": lambda facts: slugged(facts.slug or facts.name),
    "slugortitle": lambda facts: slugged(facts.slug or facts.title),
    "contentbasename": lambda facts: facts.name,
    "slugorcontentbasename": lambda facts: slugged(facts.slug or facts.name),
}


def asks_front_matter(template: str) -> bool:
    """Whether an address has words that nothing but front matter can fill."""
    return any(match.group(1).rstrip("_") in _OF_FRONT for match in _WORD.finditer(template))


def filled(template: str, facts: Facts, *, hugo: bool = False) -> str:
    """Return an address with its words filled in, each percent-encoded, no slash doubled.

    A colon within a word (``/wiki/Talk:rain``) is a colon. Raises ``Flaw`` URL006: an unknown
    word, or a day where there is none.
    """
    made, at = [], 0
    for match in _WORD.finditer(template):
        name = match.group(1)
        known = next((one for one in (name, name.rstrip("_")) if one in PERMALINK_WORDS), "")
        made.append(template[at : match.start()])
        if known:
            made.append(_fill(known, facts, hugo=hugo) + name[len(known) :])
        elif at < match.start() and template[match.start() - 1].isalnum():
            made.append(match.group())
        else:
            raise Flaw(
                "URL006",
                f"{shown(template)!r}: nothing is known by the word {shown(match.group(), 30)}",
                "write the whole address, or words such as :year, :month, :day and :title",
            )
        at = match.end()
    address = "".join(made) + template[at:]
    return re.sub(r"/{2,}", "/", address) if made else address


def _fill(word: str, facts: Facts, *, hugo: bool) -> str:
    if dated := _DATED.get(word):
        if facts.at is None:
            raise Flaw(
                "URL006", f"the address asks for :{word}, and the post has no date", "add date:"
            )
        return dated(facts.at)
    if hugo and word == "title":
        return urls.quote_segment(slugged(facts.title))
    return "/".join(urls.quote_segment(step) for step in _FILLS[word](facts).split("/"))


def _named(name: str) -> str:
    """Return a file's name as Jekyll's ``:title`` has it: capitals and some marks stay."""
    return _NO_NAME.sub("-", name).strip("-")


def _in(facts: Facts) -> bool:
    return "/" in facts.path
