"""MD: what stands in the body of a post and does not work for readers of feeds."""

from typing import Final

from syndicator.rules.rule import Rule

_HEAD = "---\ntitle: Rain\n---\n"

RULES: Final = (
    Rule(
        code="MD001",
        severity="info",
        name="heading-of-first-level",
        means="The text has a heading of the first level; the title is one already.",
        matters="On the page and in readers the post then has two titles.",
        wrong=f"{_HEAD}# The third day\n\nIt fell.\n",
        right=f"{_HEAD}## The third day\n\nIt fell.\n",
    ),
    Rule(
        code="MD002",
        severity="warning",
        name="link-to-missing-file",
        means="A link leads to a file beside the post that is not there, and is no post's.",
        matters="Readers who follow it get nothing.",
        wrong=f"{_HEAD}See [the table](rainfall.csv).\n",
        right=f"{_HEAD}See [the table](https://site.example/rainfall.csv).\n",
    ),
    Rule(
        code="MD003",
        severity="warning",
        name="raw-html-dropped",
        means="The text holds HTML that feeds can't carry, such as a script or a frame.",
        matters="Feeds drop it; without it the post must still make sense.",
        wrong=f"{_HEAD}It fell.\n\n<script>count()</script>\n",
        right=f"{_HEAD}It fell.\n",
    ),
    Rule(
        code="MD004",
        severity="info",
        name="trailer-not-read",
        means="The last line looks like a trailer but can't be read as one; it stays in the text.",
        matters="The source it names is not recorded.",
        wrong=f"{_HEAD}It fell.\n\nDate 2020.12.01\n",
        right=f"{_HEAD}It fell.\n\nDate: 2020-12-01\n",
    ),
    Rule(
        code="MD005",
        severity="warning",
        name="template-in-text",
        means="The text holds a template tag that nothing fills in here.",
        matters="Readers see the tag.",
        wrong=f"{_HEAD}It fell. {{% include rain.html %}}\n",
        right=f"{_HEAD}It fell.\n",
    ),
    Rule(
        code="MD006",
        severity="info",
        name="link-to-source",
        means="A link names the Markdown file of another post; it was led to the address that"
        " follows from that file's path.",
        matters="If the other post's front matter names another address, the link leads nowhere.",
        wrong=f"{_HEAD}See [the forecast](../2020-11-30-forecast.md).\n",
        right=f"{_HEAD}See [the forecast](https://site.example/forecast/).\n",
    ),
    Rule(
        code="MD007",
        severity="warning",
        name="wikilink",
        means="The text names a note in Obsidian's way, between two pairs of brackets, or embeds"
        " what is no picture.",
        matters="Only a vault knows where it is: readers see the brackets.",
        wrong=f"{_HEAD}It fell as [[Forecast|said]].\n",
        right=f"{_HEAD}It fell as [said](https://site.example/forecast/).\n",
    ),
    Rule(
        code="MD008",
        severity="warning",
        name="link-to-no-post",
        means="A link to the file of another post leads to an address that no published post has,"
        " or another one than that.",
        matters="Readers who follow it get nothing, or the wrong post.",
        wrong="a link to `forecast.md`, whose front matter has permalink: /weather/",
        right="a link to `https://site.example/weather/`",
        shown=False,
    ),
)
