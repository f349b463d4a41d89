"""PUB: posts that feeds can't carry."""

from typing import Final

from syndicator.rules.rule import Rule

RULES: Final = (
    Rule(
        code="PUB001",
        severity="error",
        name="no-feed-can-carry-it",
        means="The post is published, and can't be written into a feed.",
        matters="It is left out of the feeds it belongs in, so that every other post is read.",
        wrong="a post with an address that is no web address",
        right="a post with an ordinary address; if there is nothing odd about it, report it",
        shown=False,
    ),
)
