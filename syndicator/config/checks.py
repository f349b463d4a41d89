"""What a value of the configuration must be like, beyond its type.

Every check returns the value to keep, or raises a ``PydanticCustomError`` (see ``unfit``) that
says what is wrong and what to do. None of them repeats a value that may be a secret.
"""

import difflib
import importlib.resources
import ipaddress
import re
from collections.abc import Callable, Iterable
from urllib.parse import SplitResult, urlsplit, urlunsplit

from pydantic import ValidationInfo
from pydantic_core import PydanticCustomError

from syndicator.config import file, units

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# What XML 1.0 can't hold (section 2.2), and line breaks: these texts are one line each.
_NOT_A_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
_NOT_IN_URL = re.compile(r"[^!-~]|[\"<>\\^`{|}]")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?\.?|\[[0-9a-f:.]+\]", re.IGNORECASE)
_LANGUAGE = re.compile(r"([a-z]{2,8}|x|i)(-[a-z0-9]{1,8})*", re.IGNORECASE)  # shape of RFC 5646
_DNS_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_AUTHORITY = re.compile(rf"(?:[A-Za-z0-9._-]+@)?{_DNS_LABEL}(?:\.{_DNS_LABEL})*")  # RFC 4151, 2.1
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_LABEL = 40  # characters
_SUCH_AS = 'such as "https://site.example/"'


def unfit(says: str, hint: str = "") -> PydanticCustomError:
    """Return the error that ``load`` turns into a Problem with this text and hint."""
    return PydanticCustomError("unfit", "{says}", {"says": says, "hint": hint})


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean "x"?`` for the known word most like this one, or nothing."""
    found = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.7)
    return f'did you mean "{found[0]}"?' if found else ""


def line(value: str) -> str:
    """Keep a text of one line that XML can hold."""
    found = _NOT_A_LINE.search(value)
    if found is not None:
        raise unfit(f"must be one line of text: it holds the character U+{ord(found[0]):04X}")
    if value and not value.strip():
        raise unfit("holds nothing but blanks")
    return value


def store(value: str) -> str:
    """Keep the address of a database server, without a password."""
    if says := file.wrong_store(value):
        raise unfit(says, "PGPASSWORD, PGPASSFILE or ~/.pgpass may hold it")
    return value


def label(value: str) -> str:
    """Keep a label that can stand before a colon at the beginning of a line."""
    if not value.strip() or len(value) > _LABEL or any(c in ":\uff1a\r\n" for c in value):
        raise unfit(f"must be a word or two, without a colon, of at most {_LABEL} characters")
    return line(value.strip())


def web_url(value: str) -> str:
    """Keep an absolute http or https URL, scheme and host in lower case, without a fragment."""
    return urlunsplit(_web(value))


def optional_url(value: str) -> str:
    """Keep nothing, or an absolute http or https URL."""
    return web_url(value) if value else value


def tag_page(value: str) -> str:
    """Keep nothing, or the URL of a page with {tag} or {slug} in its path."""
    if not value:
        return value
    if "{tag}" not in value and "{slug}" not in value:
        raise unfit("names no tag", 'such as "https://site.example/tags/{slug}/"')
    web_url(value.replace("{tag}", "x").replace("{slug}", "x"))
    return value


def folder_url(value: str) -> str:
    """Keep the URL of a folder others are resolved against: with a slash at its end."""
    parts = _web(value)
    if parts.query or "@" in parts.netloc:
        raise unfit("must be a public address: no user, password or query")
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/"))


def proxy(value: str) -> str:
    """Keep nothing, or the URL of an HTTP proxy."""
    if not value:
        return value
    parts = _web(value)
    if parts.path not in {"", "/"} or parts.query:
        raise unfit("must end after the port", 'such as "http://proxy.example:3128"')
    return urlunsplit(parts)


def timezone(value: str) -> str:
    """Keep the name of a time zone of the tz database; not one that only this machine knows."""
    known = importlib.resources.files("tzdata").joinpath("zones").read_text("ascii").split()
    if value in known:
        return value
    word = value.replace(" ", "_").casefold()
    same = (name for name in known if word in {name.casefold(), name.casefold().split("/")[-1]})
    hint = nearest(next(same, value), known)
    raise unfit("is no known time zone", hint or 'an IANA name such as "Asia/Taipei" or "UTC"')


def language(value: str) -> str:
    """Keep a tag of the shape BCP 47 asks for."""
    if _LANGUAGE.fullmatch(value):
        return value
    fixed = value.partition(".")[0].replace("_", "-")  # a locale such as zh_TW.UTF-8
    hint = f'did you mean "{fixed}"?' if _LANGUAGE.fullmatch(fixed) else 'such as "en" or "zh-TW"'
    raise unfit("is no language tag (BCP 47)", hint)


def authority(value: str, url: str) -> str:
    """Keep the authority of tag: URIs (RFC 4151): a domain or mail address; default: the host."""
    value = value or (urlsplit(url).hostname or "").rstrip(".")
    if not _AUTHORITY.fullmatch(value):
        raise unfit("must be a domain name or a mail address", 'such as "site.example"')
    return value


def local_path(value: str) -> str:
    """Keep the path of a file or folder, absolute or seen from the folder of the file."""
    if not value.strip() or "\0" in value:
        raise unfit("must be a path", '"." is the folder this file lies in')
    if value.startswith("~"):
        raise unfit("can't start with ~: nothing expands it here", "write the path in full")
    return value


def optional_path(value: str) -> str:
    """Keep nothing, or a path."""
    return local_path(value) if value else value


def pattern(value: str) -> str:
    """Keep a pattern that can match a path seen from the content root."""
    if not value or value.startswith("/") or ".." in value.split("/") or "\\" in value:
        raise unfit("can't match: patterns are seen from content.root", 'such as "**/*.md"')
    return value


def folder(value: str) -> str:
    """Turn a folder seen from the content root into the beginning of paths; "" is the root."""
    name = value.strip("/")
    if name in {"", "."}:
        return ""
    if value.startswith("/") or any(step in {"", ".", ".."} for step in name.split("/")):
        raise unfit("is no folder: they are seen from content.root", 'such as "posts", or "."')
    return name


def permalink(value: str) -> str:
    """Keep a pattern of addresses, such as "/:year/:month/:title/"."""
    from syndicator.model.posts import PERMALINK_WORDS  # noqa: PLC0415  # only where one is written

    words = re.findall(r":([a-z_]*)", value)
    wrong = [word for word in words if word.rstrip("_") not in PERMALINK_WORDS]
    if wrong:
        raise unfit(f"holds :{wrong[0]}, which is no word", "such as :year, :month, :day, :title")
    if not value.startswith("/") or not words:
        raise unfit("is no pattern of addresses", 'such as "/:year/:month/:title/"')
    return line(value)


def selector(value: str) -> str:
    """Keep a code of a rule, or the beginning of codes."""
    from syndicator import rules  # noqa: PLC0415  # only where one is written

    if rules.named(value):
        return value
    meant = rules.nearest(value)
    raise unfit(
        "is no rule, nor the beginning of one's code",
        f'did you mean "{meant}"?' if meant else "syndicate rule --all lists them",
    )


def network(value: object) -> Network:
    """Turn a text into a network; bits beyond its mask are a mistake that would open too much."""
    if isinstance(value, Network):
        return value
    if not isinstance(value, str):
        raise unfit("expected a text", 'a network such as "127.0.0.0/8"')
    try:
        return ipaddress.ip_network(value)
    except ValueError as error:
        try:
            whole = ipaddress.ip_network(value, strict=False)
        except ValueError:
            raise unfit("is no network", 'such as "127.0.0.0/8" or "192.168.1.7"') from error
        alone = value.partition("/")[0]
        raise unfit(
            "names a host and a network at once",
            f'write "{whole}" for all {whole.num_addresses} addresses, "{alone}" for the one',
        ) from error


def count_of_bytes(value: object) -> object:
    """Turn a size such as "20MiB" into bytes; a whole number already counts bytes."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return _measured(units.size, value)


def span(value: object, info: ValidationInfo) -> object:
    """Turn a span of time such as "60s" into seconds.

    A bare number is refused in a file, where nobody could see its unit; from Python it means
    seconds.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        if info.mode == "python":
            return value
        raise unfit("needs a unit", f'write "{value}s" for seconds, "{value}m" for minutes')
    return _measured(units.seconds, value)


def header(value: str) -> str:
    """Keep what may stand in an HTTP header (RFC 9110, 5.5): visible ASCII and blanks."""
    if not value.isascii() or not value.isprintable() or value != value.strip():
        raise unfit("must be printable ASCII, without line breaks or blanks around it")
    return value


def name(value: str) -> str:
    """Keep the name of an endpoint."""
    if not _NAME.fullmatch(value):
        raise unfit("must be lower-case letters, digits, - and _, at most 63", 'such as "ops"')
    return value


def _measured(measure: Callable[[str], int | float], text: object) -> int | float:
    try:
        if not isinstance(text, str):
            return measure("")  # a list or a table is as wrong as no text, and told the same way
        return measure(text)
    except ValueError as error:
        raise unfit(str(error)) from error


def _web(value: str) -> SplitResult:
    """Split an absolute web address into checked parts."""
    if _NOT_IN_URL.search(value):
        hint = "write it as the address bar copies it (%20, xn--...)"
        raise unfit("holds a character that can't stand in a URL", hint)
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  # the property checks
        host = parts.hostname or ""
    except ValueError as error:
        raise unfit("is no URL: its host or port can't be read", _SUCH_AS) from error
    if parts.scheme not in {"http", "https"}:
        raise unfit("must start with https:// or http://", _SUCH_AS)
    if parts.fragment:
        raise unfit("can't have a fragment (#...)")
    shown = f"[{host}]" if ":" in host else host
    if not _HOST.fullmatch(shown):
        raise unfit("names no valid host", _SUCH_AS)
    user, at, place = parts.netloc.rpartition("@")
    return parts._replace(netloc=user + at + place.lower().removesuffix(":"))
