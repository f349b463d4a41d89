"""Configurations for web servers that serve the folder public as it is: nginx and Caddy.

They do what the built-in server does: media types with which browsers show feeds, compressed
copies, how long answers hold, ``Link`` headers for WebSub, former addresses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from syndicator.config.moves import Moves
from syndicator.config.values import Coding

Server = Literal["nginx", "caddy"]

FEED: Final = "default-src 'none'; style-src 'self'; img-src *; frame-ancestors 'none'"
PAGE: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
MEDIA: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A feed that says its own address and its hubs in headers too (WebSub, 4)."""

    path: str  # below the folder public
    url: str
    hubs: tuple[str, ...]

    @property
    def header(self) -> str:
        """The value of ``Link`` (RFC 8288)."""
        hubs = [f'<{hub}>; rel="hub"' for hub in self.hubs]
        return ", ".join([*hubs, f'<{self.url}>; rel="self"'])


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What is served, and under which name."""

    url: str  # ends in a slash
    public: str  # the folder, absolute
    linked: Sequence[Linked]
    moves: Moves
    codings: tuple[Coding, ...]
    max_age: int  # seconds


def snippet(server: Server, serving: Serving) -> str:
    """Return the configuration of a server, complete but for its certificates."""
    from syndicator.publish.snippets import caddy, nginx  # noqa: PLC0415  # they import from here

    return nginx.written(serving) if server == "nginx" else caddy.written(serving)
