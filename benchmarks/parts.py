"""Where the time of reading a post goes: its parts, each without those below it."""

import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final
from unittest.mock import patch

import syndicator.normalise
from syndicator.normalise import (
    fields,
    markdown,
    matter,
    post,
    prose,
    references,
    sanitise,
    shortcut,
    slips,
    text,
    times,
    trailer,
)

_WHOLE: Final = "between them: calls, the post as a value, its problems in order"
# by what they do: where a function is looked up when it is called, and its name
PARTS: Final[dict[str, tuple[tuple[object, str], ...]]] = {
    "sanitising": ((sanitise, "clean"), (sanitise, "clean_through"), (text, "clean")),
    "rendering": ((markdown, "render"),),
    "bytes to text: UTF-8, characters, limits": (
        (syndicator.normalise, "sound"),
        (syndicator.normalise, "text_of"),
    ),
    "front matter taken apart": ((matter, "take_apart"),),
    "what is odd in it: slips, keys nearly known": ((slips, "tell"),),
    "dates": ((times, "dated"),),
    "title, draft": ((fields, "title"), (fields, "draft")),
    "address": ((post, "_address"),),
    "trailer": ((trailer, "cut"),),
    "pictures of front matter": ((fields, "lead"),),
    "characters that mislead, blanks at ends": ((prose, "tell"), (prose, "blank_ends")),
    "pictures and links of the text": (
        (shortcut.Passing, "clean"),
        (shortcut.Passing, "_look"),
        (text, "by_tree"),
    ),
    "summary, and what else is done with the text": ((text, "read"),),
    "tags, categories, authors, language, summary of front matter": (
        (fields, "tags"),
        (fields, "categories"),
        (fields, "authors"),
        (fields, "language"),
        (fields, "summary"),
    ),
    "other addresses: canonical, redirects, source, id": (
        (references, "canonical"),
        (references, "redirects"),
        (references, "source_url"),
        (references, "declared_id"),
    ),
    "digest of what readers see": ((post, "_digest"),),
}


class Watch:
    """Adds up the time of parts; what runs within another part counts for itself alone."""

    def __init__(self) -> None:
        """Begin with nothing, outside of all parts."""
        self.spent: dict[str, int] = defaultdict(int)
        self._running: list[str] = []
        self._since = 0

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function whose time counts for a part."""

        def run(*args: object, **named: object) -> object:
            self._turn()
            self._running.append(part)
            try:
                return function(*args, **named)
            finally:
                self._turn()
                self._running.pop()

        return run

    def _turn(self) -> None:
        now = time.perf_counter_ns()
        if self._running:
            self.spent[self._running[-1]] += now - self._since
        self._since = time.perf_counter_ns()  # what it takes to look at the clock counts nowhere


def measure(run: Callable[[], object]) -> dict[str, float]:
    """Run once with every part watched; return the seconds of each, the dearest first."""
    watch = Watch()
    with ExitStack() as patched:
        for part, places in PARTS.items():
            for owner, name in places:
                patched.enter_context(
                    patch.object(owner, name, watch.timed(part, getattr(owner, name)))
                )
        watch.timed(_WHOLE, run)()
    spent = sorted(watch.spent.items(), key=lambda one: -one[1])
    return {part: nanoseconds / 1e9 for part, nanoseconds in spent}
