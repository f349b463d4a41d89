"""What a subscriber asks of the hub: a form, read strictly (WebSub, 5.1)."""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from syndicator.doors.http.urls import read_url
from syndicator.errors import Refused

LEASE = 10 * 86400  # seconds, where a subscriber names none
SHORTEST, LONGEST = 60, 30 * 86400
SECRET = 200  # bytes; a secret is shorter
LARGEST = 16 * 1024  # bytes of a form
_LONGEST_URL = 2048
_FIELDS = 64
Mode = Literal["subscribe", "unsubscribe", "publish"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A wish to subscribe to a topic, or to do so no more; or the word that one has news."""

    mode: Mode
    topic: str
    callback: str = ""
    lease: int = LEASE
    secret: str = field(default="", repr=False)

    def question(self, challenge: str) -> str:
        """Return where to ask whether this is meant (WebSub, 5.3): the callback, extended."""
        said = {"hub.mode": self.mode, "hub.topic": self.topic, "hub.challenge": challenge}
        if self.mode == "subscribe":
            said["hub.lease_seconds"] = str(self.lease)
        joint = "&" if "?" in self.callback else "?"
        return f"{self.callback}{joint}{urlencode(said)}"


def read(body: bytes) -> Wish:
    """Read a form; ValueError says what is wrong with it. What is unknown in it is passed over."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_FIELDS)
    except ValueError as error:
        raise ValueError("this is no form of a few fields, in UTF-8") from error
    form: dict[str, str] = {}
    for name, value in pairs:
        form.setdefault(name, value)
    topic = form.get("hub.topic") or form.get("hub.url", "")
    match form.get("hub.mode", ""):
        case "publish":
            return Wish(mode="publish", topic=topic)
        case "subscribe":
            lease = _lease(form.get("hub.lease_seconds", ""))
            secret = form.get("hub.secret", "")
            if len(secret.encode()) >= SECRET:
                raise ValueError(f"hub.secret must be shorter than {SECRET} bytes")
            callback = _callback(form.get("hub.callback", ""))
            return Wish(
                mode="subscribe", topic=topic, callback=callback, lease=lease, secret=secret
            )
        case "unsubscribe":
            callback = _callback(form.get("hub.callback", ""))
            return Wish(mode="unsubscribe", topic=topic, callback=callback)
    raise ValueError("hub.mode must be subscribe, unsubscribe or publish")


def _lease(said: str) -> int:
    if not said:
        return LEASE
    if not (said.isascii() and said.isdigit()):
        raise ValueError("hub.lease_seconds must be a whole number")
    return min(max(int(said[:10]), SHORTEST), LONGEST)


def _callback(said: str) -> str:
    """Keep an address that can be asked; where it leads is judged when it is dialled."""
    if not said or len(said) > _LONGEST_URL or not said.isascii() or not said.isprintable():
        raise ValueError(f"hub.callback must be an address of at most {_LONGEST_URL} characters")
    parts = urlsplit(said)
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or parts.fragment:
        raise ValueError("hub.callback must be http or https, without user and fragment")
    try:
        read_url(said, secret=True)
    except Refused as error:
        raise ValueError("hub.callback is no address that can be asked") from error
    return said
