"""Posts as messages of the two chats that have a preset: Slack and Discord.

Limits and escapes are those the services document: https://docs.slack.dev/messaging (formatting,
attachments) and https://docs.discord.com/developers/resources/webhook (execute webhook, embeds).
"""

import json
import re
from collections.abc import Callable
from typing import Final, Literal

from syndicator.model.feeds import Answer
from syndicator.publish.items import Item
from syndicator.publish.text import fit, rfc3339

Preset = Literal["slack", "discord"]

_SLACK_TITLE, _SLACK_TEXT = 300, 3000  # characters, escapes counted
_DISCORD_TITLE, _DISCORD_NAME = 256, 256
_DISCORD_TEXT = 4096
_DISCORD_URL = 2048
# what a hostile title could do in Discord's Markdown; an address in a text is left whole
_MARKDOWN = re.compile(r"https?://[^\s<>]+|[\\*_~`|\[\]()<>#@]")
_LONGEST_WAIT = 24 * 3600.0  # seconds


def slack(said: Item, site: str) -> bytes:
    """Return a message for a Slack incoming webhook: linked title, summary, picture."""
    title = fit(said.title, _SLACK_TITLE, lambda text: len(_escaped(text)))
    text = f"*<{_slack_link(said.url)}|{_escaped(title)}>*"
    if said.summary:
        room = _SLACK_TEXT - len(text) - 1
        text += "\n" + _escaped(fit(said.summary, room, lambda text: len(_escaped(text))))
    message: dict[str, object] = {"text": text, "unfurl_links": False, "unfurl_media": False}
    if said.image:
        # not a block: Slack refuses a whole message for a picture it can't fetch
        message["attachments"] = [
            {"fallback": _escaped(title), "image_url": said.image, "footer": _escaped(site)}
        ]
    return _json(message)


def discord(said: Item, site: str) -> bytes:
    """Return a message for a Discord webhook: an embed that mentions nobody."""
    texts = {
        "title": _unmarked(fit(said.title, _DISCORD_TITLE, lambda text: len(_unmarked(text)))),
        "description": _unmarked(
            fit(said.summary, _DISCORD_TEXT, lambda text: len(_unmarked(text)))
        ),
        "url": said.url if len(said.url) <= _DISCORD_URL else "",
        "timestamp": rfc3339(said.published),
    }
    embed: dict[str, object] = {name: text for name, text in texts.items() if text}
    embed["footer"] = {"text": fit(site, _DISCORD_NAME)}
    if said.image:
        embed["image"] = {"url": said.image}
    if said.authors:
        embed["author"] = {"name": fit(", ".join(said.authors), _DISCORD_NAME)}
    return _json({"allowed_mentions": {"parse": []}, "embeds": [embed]})


PRESETS: Final[dict[Preset, Callable[[Item, str], bytes]]] = {"slack": slack, "discord": discord}


def pause(answer: Answer) -> float:
    """Return the seconds to wait that Discord asks for in a body, 0.0 for none or nonsense."""
    try:
        said = json.loads(answer.body)
    except ValueError:  # of JSON, and of UTF-8
        return 0.0
    asked = said.get("retry_after") if isinstance(said, dict) else None
    if isinstance(asked, bool) or not isinstance(asked, int | float):
        return 0.0
    return float(min(max(asked, 0), _LONGEST_WAIT)) if asked == asked else 0.0  # noqa: PLR0124  # NaN


def _escaped(text: str) -> str:
    """Escape what Slack takes for links and mentions (its "Escaping text")."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _slack_link(url: str) -> str:
    return _escaped(url.replace("<", "%3C").replace(">", "%3E")).replace("|", "%7C")


def _unmarked(text: str) -> str:
    """Escape what Discord takes for Markdown, but not within an address."""
    return _MARKDOWN.sub(lambda m: m[0] if len(m[0]) > 1 else "\\" + m[0], text)


def _json(message: object) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
