"""The last word on HTML: what readers may get, and nothing else."""

from typing import Final

import nh3

from syndicator.normalise.urls import usual

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
_CLEANER: Final = nh3.Cleaner(
    tags=set(_TAGS.split()),
    clean_content_tags=set(DROPPED),
    attributes={
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
    generic_attribute_prefixes=set(),
    url_schemes={"http", "https", "mailto", "tel", "ni"},
    url_relative="deny",
    link_rel=None,
    strip_comments=True,
)
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


def clean(html: str) -> str:
    """Return HTML of allowed tags, attributes and schemes only, its URLs all absolute."""
    return _CLEANER.clean(html)


def phrase(html: str) -> str:
    """Return one line of HTML with the tags that a title may carry, and no attributes."""
    return " ".join(_PHRASER.clean(html).split())


def accepts(url: str) -> bool:
    """Whether a picture under this URL survives ``clean``."""
    if usual(url):
        return True
    return " src=" in _CLEANER.clean(f'<img src="{url}">')
