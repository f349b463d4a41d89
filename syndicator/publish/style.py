"""The stylesheet that feeds name, so that a browser shows them as a page.

CSS alone (https://www.w3.org/TR/xml-stylesheet/): XSLT is leaving the browsers. A browser applies
it to what is served as application/xml or text/xml; readers never ask for it.
"""

from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import TYPE_CHECKING

from syndicator.model.feeds import Document, Edition
from syndicator.model.posts import Site

if TYPE_CHECKING:
    from jinja2 import Environment

PATH = "feed.css"
_NOTE = (
    "This is a web feed: your feed reader shows its posts as they appear. Copy the address from "
    "the address bar into it."
)
_MORE = "\nWhat that is, and all feeds: "


def template(name: str) -> str:
    """Return a file that is part of this program."""
    return files("syndicator.publish").joinpath("templates", name).read_text(encoding="utf-8")


def markup(find: Callable[[str], str] | None = None) -> "Environment":
    """Return what pages are filled with: it escapes what is not marked safe.

    ``find`` gives the templates that others name.
    """
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415  # for pages

    return Environment(
        autoescape=True,
        loader=FunctionLoader(find) if find else None,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def stylesheet(edition: Edition) -> Iterator[Document]:
    """Yield the stylesheet of the feeds, unless there are none, or they are to name none.

    It names the page about the feeds, where there is one, and no title: it suits them all.
    """
    if not edition.feeds or not edition.site.channel.stylesheet:
        return
    page = next((one.url for one in edition.companions if one.type == "page"), "")
    note = _NOTE + (_MORE + page if page else "")
    body = template(PATH).replace("__NOTE__", quoted(note))
    yield Document(path=PATH, media_type="text/css", body=body.encode())


def address(site: Site) -> str:
    """Return where the stylesheet is found."""
    return site.feeds + PATH


def quoted(text: str) -> str:
    """Write a text as a string of CSS (css-syntax-3, 4.3.5): nothing in it can end it."""
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    plain = char.isascii() and (char.isalnum() or char in " .,:;/-_?=&#%+~!'()@")
    return char if plain else f"\\{ord(char):x} "
