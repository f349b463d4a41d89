"""How a whole site makes the addresses of its posts, in the words of ``content.permalinks``."""

import re
from collections.abc import Iterable, Iterator, Mapping

_STYLES = {  # Jekyll's names for patterns; its habit is the first
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
_HUGO = {":title": ":post_title", ":slug": ":slugortitle"}  # taken from the title, not the file
_HUGO_WORD = re.compile("|".join(rf"{word}\b" for word in _HUGO))


def jekyll(
    written: str, posts: Iterable[str], collections: Mapping[str, str], *, alone: bool
) -> dict[str, str]:
    """Return the pattern of each folder of a Jekyll site.

    ``written`` is the site's own, or the name of a style; ``collections`` holds what single ones
    say, by name. When ``alone``, the folder of the posts is the content root.
    """
    pattern = _STYLES.get(written or "date", written)
    end = "/" if pattern.endswith("/") else ":output_ext"
    made = {}
    for folder in posts:
        usual = pattern if folder == "_posts" else f"/:collection/:path{end}"
        made["." if alone else folder] = collections.get(folder.lstrip("_")) or usual
    return made


def hugo(sections: Mapping[object, object]) -> Iterator[tuple[str, str]]:
    """Yield folder and pattern of each section of a Hugo site that has one."""
    for section, written in sections.items():
        if isinstance(written, str) and str(section).strip("/"):
            yield str(section), _HUGO_WORD.sub(lambda word: _HUGO[word.group()], written)
