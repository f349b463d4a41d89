"""Every registered publisher, with the fewest settings it takes."""

from syndicator.config.tables import Endpoint, Publisher
from syndicator.publish import registered
from syndicator.publish.posts import ALL

MORE: dict[str, dict[str, object]] = {
    "http": {"template": '{"text": {{ (title ~ summary ~ tags | join) | tojson }}}'},
    "mastodon": {"events": ALL},
    "bluesky": {"handle": "site.example", "events": ALL},
    "indexnow": {"key": "0123456789abcdef"},
}  # what a kind needs beside the usual


def made(kind: str) -> Publisher:
    """Make a publisher with the fewest settings it takes."""
    publisher = registered()[kind]
    needed: dict[str, object] = {"type": kind, **MORE.get(kind, {})}
    if issubclass(publisher, Endpoint):
        needed["name"] = "ops"
        if publisher.KEY == "required":
            needed["secret_env"] = "MARK"
        if "url" in publisher.model_fields:
            needed["url"] = "https://x.example/h"
    return publisher.model_validate(needed)
