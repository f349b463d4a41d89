"""Who decides what is told."""

import pytest

from syndicator.cycle.selection import Asked, Selection, patterns
from syndicator.model.posts import Problem


def _told(code: str, here: Asked, configured: tuple[str, ...] = ()) -> bool:
    selection = Selection(here=here, configured=configured, silenced={})
    return selection.tells(Problem(path="a.md", code=code, says=""))


@pytest.mark.parametrize(
    ("here", "configured", "told"),
    [
        (Asked(), (), True),
        (Asked(select=("IMG",)), (), True),
        (Asked(select=("MD",)), (), False),
        (Asked(select=()), (), False),
        (Asked(select=("MD",), extend=("IMG01",)), (), True),
        (Asked(ignore=("IMG",)), (), False),
        (Asked(ignore=("IMG",), extend=("IMG010",)), (), True),
        (Asked(select=("IMG010",), ignore=("IMG",)), (), True),
        (Asked(select=("IMG",), ignore=("IMG",)), (), False),
        (Asked(), ("IMG",), False),
        (Asked(select=("IMG",)), ("IMG",), True),
        (Asked(select=("IMG",)), ("IMG010",), False),
        (Asked(select=("IMG010",)), ("IMG010",), True),
        (Asked(extend=("IMG010",)), ("IMG010",), True),
        (Asked(select=("ALL",)), (), True),
        (Asked(ignore=("ALL",)), (), False),
    ],
)
def test_the_longest_selector_decides(
    here: Asked, configured: tuple[str, ...], told: bool
) -> None:
    """Among equals the command line before the configuration, and ignore before select."""
    assert _told("IMG010", here, configured) is told


def test_patterns_and_posts_have_the_last_word() -> None:
    """What a pattern or a post silences is not told, whatever was selected; others are."""
    selection = Selection(
        here=Asked(select=("IMG010",)),
        per_path=patterns({"old/**": ("IMG",)}),
        silenced={"new/b.md": ("IMG01",)},
    )
    told = [
        path
        for path in ("old/a.md", "new/a.md", "new/b.md")
        if selection.tells(Problem(path=path, code="IMG010", says=""))
    ]
    assert told == ["new/a.md"]


def test_a_wish_that_silences_nothing_cant_silence_itself() -> None:
    """A post can't hide that it asks for a code that does not exist."""
    selection = Selection(here=Asked(), silenced={"a.md": ("FM",)})
    assert selection.tells(Problem(path="a.md", code="FM020", says=""))
    assert not selection.tells(Problem(path="a.md", code="FM010", says=""))
