"""The last word on HTML: what readers may get, and nothing else."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final

import nh3

from syndicator.normalise.urls import usual

Look = Callable[[str, str, str], str | None]

# taken away with all they hold; every other tag that is not allowed leaves its content
DROPPED: Final = (
    "applet",
    "embed",
    "frame",
    "frameset",
    "head",
    "iframe",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "option",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "xmp",
)
_TAGS: Final = (
    "a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em"
    " figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp"
    " section small span strike strong sub summary sup table tbody td tfoot th thead time tr u ul"
    " var wbr audio video source"
)
_CELL: Final = {"align", "colspan", "rowspan"}
_RULES: Final[dict[str, Any]] = {
    "tags": set(_TAGS.split()),
    "clean_content_tags": set(DROPPED),
    "attributes": {
        "a": {"href", "title", "hreflang"},
        "abbr": {"title"},
        "audio": {"src", "controls"},
        "bdo": {"dir"},
        "col": {"span"},
        "colgroup": {"span"},
        "details": {"open"},
        "img": {"src", "alt", "title", "width", "height"},
        "ol": {"start", "reversed"},
        "source": {"src", "type"},
        "td": _CELL,
        "th": {*_CELL, "scope"},
        "time": {"datetime"},
        "video": {"src", "poster", "controls", "width", "height"},
    },
    "generic_attribute_prefixes": set(),
    "url_schemes": {"http", "https", "mailto", "tel", "ni"},
    "link_rel": None,
    "strip_comments": True,
}
_CLEANER: Final = nh3.Cleaner(**_RULES, url_relative="deny")
_PHRASER: Final = nh3.Cleaner(
    tags={
        *("b", "bdi", "cite", "code", "del", "em", "i", "ins", "kbd", "mark", "q", "s"),
        *("small", "strong", "sub", "sup", "u", "var"),
    },
    clean_content_tags=set(DROPPED),
    attributes={},
    generic_attribute_prefixes=set(),
    link_rel=None,
    strip_comments=True,
)


def _look(element: str, attribute: str, value: str) -> str | None:
    return _LOOK.get()(element, attribute, value)


# to make a cleaner takes longer than to ask, at each attribute, for whom it is read
_LOOK: Final[ContextVar[Look]] = ContextVar("look")
_WATCHED: Final = nh3.Cleaner(**_RULES, url_relative="pass_through", attribute_filter=_look)


def clean(html: str) -> str:
    """Return HTML of allowed tags, attributes and schemes only, its URLs all absolute."""
    return _CLEANER.clean(html)


def clean_through(html: str, look: Look) -> str:
    """Return HTML as ``clean`` does, each allowed attribute put through ``look`` on the way.

    ``look`` gets element, attribute and value, in the order of the text, and returns the value
    to write or None for none. What it makes of a relative URL is for it to judge (``accepts``);
    URLs with schemes that are not allowed are gone before it sees them. It must not raise.
    """
    before = _LOOK.set(look)
    try:
        return _WATCHED.clean(html)
    finally:
        _LOOK.reset(before)


def phrase(html: str) -> str:
    """Return one line of HTML with the tags that a title may carry, and no attributes."""
    return " ".join(_PHRASER.clean(html).split())


def accepts(url: str) -> bool:
    """Whether a picture, or a link, under this URL survives ``clean``."""
    if usual(url):
        return True
    return " src=" in _CLEANER.clean(f'<img src="{url}">')
