"""From a file to settings, or to every problem in it at once."""

import ipaddress
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field, field_validator

from syndicator.config.file import quick
from syndicator.config.load import json_schema, load
from syndicator.config.network import NetworkTable
from syndicator.config.tables import Endpoint, Publisher
from syndicator.config.values import WebUrl
from syndicator.errors import ConfigError, PublisherError
from syndicator.model.feeds import Document, Edition, Notice
from syndicator.model.posts import Site

GOOD = """
[site]
title = "T"
url = "HTTPS://Site.Example:8443/blog"
timezone = "Asia/Taipei"
[serve]
url = "https://feeds.example"
"""


NAME = "must be lower-case letters, digits, - and _, at most 63"


class _Feed(Publisher):
    type: Literal["feed"]
    path: str
    limit: int = 20

    def publish(self, edition: Edition) -> Iterator[Document | Notice]:  # noqa: ARG002  # a double
        yield from ()


class _Hook(Endpoint):
    type: Literal["hook"]
    url: WebUrl
    events: tuple[Literal["made", "gone"], ...] = ("made",)

    def publish(self, edition: Edition) -> Iterator[Document | Notice]:  # noqa: ARG002  # a double
        yield from ()


KINDS: dict[str, type[Publisher]] = {"feed": _Feed, "hook": _Hook}


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config" / "syndicator.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _problems(tmp_path: Path, text: str) -> list[tuple[int, int, str, str, str]]:
    with pytest.raises(ConfigError) as caught:
        load(_file(tmp_path, text), KINDS)
    return [(p.line, p.column, p.code, p.says, p.hint) for p in caught.value.problems]


def _problem(tmp_path: Path, addition: str) -> tuple[str, str, str]:
    """Return code, message and hint of the one problem that an addition to GOOD makes."""
    ((_, _, code, says, hint),) = _problems(tmp_path, GOOD + addition)
    return code, says, hint


def test_a_small_file_is_enough(tmp_path: Path) -> None:
    """Four settings make a configuration; all others have their documented defaults."""
    settings = load(_file(tmp_path, GOOD), KINDS)
    assert settings.site_values() == Site(
        title="T",
        url="https://site.example:8443/blog/",
        timezone="Asia/Taipei",
        feeds="https://feeds.example/",
        authority="site.example",
        description="",
        language="en",
        author="",
    )
    assert settings.content_root == tmp_path / "config" / "content"
    assert settings.archive_root == tmp_path / "config" / "archive"
    assert settings.static_roots == ()
    assert settings.ca_file is None
    assert settings.network == NetworkTable(
        ports=(80, 443), max_image_bytes=20_971_520, timeout=60.0
    )
    assert settings.schedule.every == 900
    assert settings.publish == ()
    assert settings.file.is_absolute()


def test_publishers_are_read_by_their_type(tmp_path: Path) -> None:
    """Each [[publish]] becomes the registered publisher, in the order of the file."""
    text = """
[[publish]]
type = "hook"
name = "ops"
url = "https://ops.example/x?key=1"
secret_env = "OPS"
events = ["gone", "made"]
[[publish]]
type = "feed"
path = "feed.xml"
"""
    hook, feed = load(_file(tmp_path, GOOD + text), KINDS).publish
    assert isinstance(hook, _Hook)
    assert (hook.name, hook.since, hook.events) == ("ops", "configured", ("gone", "made"))
    assert isinstance(feed, _Feed)
    assert (feed.path, feed.limit) == ("feed.xml", 20)
    assert load(_file(tmp_path, GOOD + text), KINDS).endpoints == (hook,)


def test_all_problems_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    """One run names every mistake, each with its place, code and way out."""
    text = """\
[site]
titel = "x"
url = "https://site.example/"
timezone = "taipei"
[network]
ports = ["80", 99999]
every = "3m"
[serv]
[[publish]]
type = "feeds"
[[publish]]
type = "hook"
name = "Ops"
url = "https://x.example/"
secret_env = "X"
since = "al"
"""
    found = _problems(tmp_path, text)
    assert [(line, column, code, says) for line, column, code, says, _ in found] == [
        (0, 0, "CFG004", "serve: required, and missing"),
        (1, 1, "CFG004", "site.title: required, and missing"),
        (2, 1, "CFG003", "site.titel: no such setting"),
        (4, 1, "CFG006", "site.timezone: is no known time zone"),
        (6, 1, "CFG005", "network.ports[0]: expected a whole number, found a text"),
        (6, 1, "CFG006", "network.ports[1]: must be less than or equal to 65535"),
        (7, 1, "CFG003", "network.every: no such setting"),
        (8, 1, "CFG003", "serv: no such setting"),
        (10, 1, "CFG006", 'publish[0].type: "feeds" is none of "feed", "hook"'),
        (
            13,
            1,
            "CFG006",
            "publish[1].name: must be lower-case letters, digits, - and _, at most 63",
        ),
        (16, 1, "CFG006", 'publish[1].since: "al" is none of "all", "configured"'),
    ]
    hints = [hint for *_, hint in found]
    assert hints[1:4] == [
        "Name of the site and of its feeds.",
        'did you mean "title"?',
        'did you mean "Asia/Taipei"?',
    ]
    assert hints[6:9] == [
        "it belongs under [schedule]",
        'did you mean "serve"?',
        'did you mean "feed"?',
    ]
    assert hints[10] == 'did you mean "all"?'


@pytest.mark.parametrize(
    ("addition", "code", "says"),
    [
        ("[content]\nroot = 1", "CFG005", "content.root: expected a text, found a whole number"),
        ("[content]\nroot = []", "CFG005", "content.root: expected a text, found a list"),
        ("[content]\ninclude = 'a'", "CFG005", "content.include: expected a list, found a text"),
        (
            "[network]\nports = [true]",
            "CFG005",
            "network.ports[0]: expected a whole number, found true or false",
        ),
        (
            "[network]\nports = [1.5]",
            "CFG005",
            "network.ports[0]: expected a whole number, found a number",
        ),
        ("[[schedule]]", "CFG005", "schedule: expected a table, found a list"),
        (
            "[publish]\ntype = 'feed'",
            "CFG005",
            "publish: expected a list of tables, found a table",
        ),
        ("[[publish]]\npath = 'x'", "CFG004", "publish[0].type: required, and missing"),
        (
            "[[publish]]\ntype = 1",
            "CFG006",
            "publish[0].type: expected a text, found a whole number",
        ),
        ("[[publish]]\ntype = 'feed'", "CFG004", "publish[0].path: required, and missing"),
        ("[network]\ntimeout = 60", "CFG006", "network.timeout: needs a unit"),
        ("[network]\ntimeout = '0s'", "CFG006", "network.timeout: must be greater than 0"),
        (
            "[schedule]\nevery = '999ms'",
            "CFG006",
            "schedule.every: must be greater than or equal to 1",
        ),
        (
            "[network]\nmax_image_bytes = '0B'",
            "CFG006",
            "network.max_image_bytes: must be greater than 0",
        ),
        (
            '[network]\nuser_agent = "a\\r\\nX: y"',
            "CFG006",
            "network.user_agent: must be printable ASCII, without line breaks or blanks around it",
        ),
        (
            "[network]\nproxy = 'socks5://p.example'",
            "CFG006",
            "network.proxy: must start with https:// or http://",
        ),
        (
            "[archive]\nrescue = 'https://old.example/'",
            "CFG006",
            "archive.rescue: must name {{url}} once: there the picture's own address is put",
        ),
        (
            "[archive]\nrescue = 'https://{url}/'",
            "CFG006",
            "archive.rescue: must name its host itself",
        ),
        (
            "[network.hosts.'a b']",
            "CFG006",
            'network.hosts."a b": holds a character that can\'t stand in a URL',
        ),
        (
            "[network]\nproxy = 'http://p.example/x'",
            "CFG006",
            "network.proxy: must end after the port",
        ),
        (
            "[content]\nroot = '~/posts'",
            "CFG006",
            "content.root: can't start with ~: nothing expands it here",
        ),
        ("[content]\nroot = ''", "CFG006", "content.root: must be a path"),
        (
            "[content]\ninclude = ['../*.md']",
            "CFG006",
            "content.include[0]: can't match: patterns are seen from content.root",
        ),
        (
            "[content]\npermalinks = {'.' = '/:weather/'}",
            "CFG006",
            'content.permalinks.".": holds :weather, which is no word',
        ),
        (
            "[content]\npermalinks = {'..' = '/:title/'}",
            "CFG006",
            'content.permalinks."..": is no folder: they are seen from content.root',
        ),
        ("[network]\nca_file = 'no.pem'", "CFG006", "network.ca_file: {folder}/no.pem is no file"),
    ],
)
def test_a_wrong_value_is_said_in_the_words_of_toml(
    tmp_path: Path, addition: str, code: str, says: str
) -> None:
    """Types are named as TOML names them, and limits as what they allow."""
    found = _problem(tmp_path, addition)
    assert found[:2] == (code, says.format(folder=tmp_path / "config"))


@pytest.mark.parametrize(
    ("written", "says", "hint"),
    [
        (
            "10.1.2.3/8",
            "names a host and a network at once",
            'write "10.0.0.0/8" for all 16777216 addresses, "10.1.2.3" for the one',
        ),
        ("localhost", "is no network", 'such as "127.0.0.0/8" or "192.168.1.7"'),
    ],
)
def test_a_network_must_be_meant(tmp_path: Path, written: str, says: str, hint: str) -> None:
    """A guard is opened for what was written only, and not for what its mask makes of it."""
    found = _problem(tmp_path, f'[network]\nallow = ["{written}"]')
    assert found == ("CFG006", f"network.allow[0]: {says}", hint)


def test_networks_of_both_kinds_are_read(tmp_path: Path) -> None:
    """A network, and a host alone, of either version of IP."""
    text = '[network]\nallow = ["127.0.0.0/8", "10.1.2.3", "fd00::/8", "::1"]'
    assert load(_file(tmp_path, GOOD + text), KINDS).network.allow == (
        ipaddress.ip_network("127.0.0.0/8"),
        ipaddress.ip_network("10.1.2.3/32"),
        ipaddress.ip_network("fd00::/8"),
        ipaddress.ip_network("::1/128"),
    )


@pytest.mark.parametrize(
    ("key", "written", "says"),
    [
        ("url", "ftp://site.example/", "must start with https:// or http://"),
        ("url", "site.example", "must start with https:// or http://"),
        ("url", "https://", "names no valid host"),
        ("url", "https://site.example:99999/", "is no URL: its host or port can't be read"),
        ("url", "https://[::1/", "is no URL: its host or port can't be read"),
        ("url", "https://site.example/a b", "holds a character that can't stand in a URL"),
        ("url", "https://b\u00fccher.example/", "holds a character that can't stand in a URL"),
        (
            "url",
            "https://user:word@site.example/",
            "must be a public address: no user, password or query",
        ),
        ("url", "https://site.example/?a", "must be a public address: no user, password or query"),
        ("url", "https://site.example/#a", "can't have a fragment (#...)"),
        ("timezone", "Asia", "is no known time zone"),
        ("timezone", "localtime", "is no known time zone"),
        ("timezone", "../../etc/passwd", "is no known time zone"),
        ("title", "", "must have at least 1 character"),
        ("title", "  ", "holds nothing but blanks"),
        ("title", "a\\u0000b", "must be one line of text: it holds the character U+0000"),
        ("title", "a\\nb", "must be one line of text: it holds the character U+000A"),
        ("title", "a\\uFFFEb", "must be one line of text: it holds the character U+FFFE"),
    ],
)
def test_what_would_spoil_a_feed_is_refused(
    tmp_path: Path, key: str, written: str, says: str
) -> None:
    """No address that can't be an address, and no character that XML can't hold."""
    values = {"title": "T", "url": "https://site.example/", "timezone": "UTC", key: written}
    lines = "\n".join(f'{name} = "{value}"' for name, value in values.items())
    found = _problems(tmp_path, f'[serve]\nurl = "https://f.example/"\n[site]\n{lines}')
    assert [(code, text) for _, _, code, text, _ in found] == [("CFG006", f"site.{key}: {says}")]


@pytest.mark.parametrize(
    ("setting", "hint"),
    [
        ('language = "zh_TW.UTF-8"', 'did you mean "zh-TW"?'),
        ('authority = "site.example/x"', 'such as "site.example"'),
    ],
)
def test_identity_and_language_have_their_form(tmp_path: Path, setting: str, hint: str) -> None:
    """Tags of BCP 47, and authorities that a tag: URI (RFC 4151) can hold."""
    text = GOOD.replace("[serve]", f"{setting}\n[serve]")
    ((*_, found),) = _problems(tmp_path, text)
    assert found == hint


def test_an_authority_of_ones_own_is_kept(tmp_path: Path) -> None:
    """Ids outlive a change of host when the site names its authority."""
    text = GOOD.replace("[serve]", 'authority = "desk@old.example"\n[serve]')
    assert load(_file(tmp_path, text), KINDS).site.authority == "desk@old.example"


HOOK = '[[publish]]\ntype = "hook"\nname = "ops"\nurl = "https://x.example/"\n'


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (
            "",
            "publish[0]: needs a secret: neither secret_env, secret_file nor secret_credential",
        ),
        (
            'secret_env = "A"\nsecret_file = "b"',
            "publish[0]: has two secrets: secret_env and secret_file",
        ),
        ('secret_env = "A-B"', "publish[0].secret_env: must be the name of a variable"),
    ],
)
def test_an_endpoint_has_one_secret(tmp_path: Path, settings: str, says: str) -> None:
    """Exactly one place is named in which the secret lies."""
    assert _problem(tmp_path, HOOK + settings)[1] == says


@pytest.mark.parametrize("key", ["secret", "secret_env", "secret_file", "name", "since"])
def test_a_secret_in_the_file_is_never_repeated(tmp_path: Path, key: str) -> None:
    """Whoever puts the secret itself into the file is told so, without it being printed."""
    value = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    text = HOOK.replace('name = "ops"\n', "") if key == "name" else HOOK
    extra = "" if key.startswith("secret_") else 'secret_env = "A"\n'
    found = _problems(tmp_path, f'{GOOD}{text}{extra}{key} = "{value}"')
    assert len(found) == 1
    assert "MfKQ9r8" not in str(found)


def test_two_publishers_share_nothing(tmp_path: Path) -> None:
    """One document has one publisher, and one endpoint one name."""
    feed = '[[publish]]\ntype = "feed"\npath = "{}"\n'
    hook = HOOK + 'secret_env = "A"\n'
    text = GOOD + feed.format("feed.xml") + hook + feed.format("./Feed.xml") + hook
    assert [(code, says) for _, _, code, says, _ in _problems(tmp_path, text)] == [
        ("CFG007", "publish[2].path: the same as publish[0].path"),
        ("CFG007", "publish[3].name: the same as publish[1].name"),
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [("atom.xml", "Atom.xml/feed.xml"), ("a/b/feed.xml", "./a"), ("a/b", "a/b/c/d")],
)
def test_no_document_lies_below_another(tmp_path: Path, first: str, second: str) -> None:
    """A name is a file or a folder, and the second could never be written."""
    feed = '[[publish]]\ntype = "feed"\npath = "{}"\n'
    others = feed.format("a/b.xml") + feed.format("atom.xml.gz")
    code, says, hint = _problem(tmp_path, feed.format(first) + others + feed.format(second))
    assert code == "CFG007"
    assert (
        says
        == "publish[3].path: publish[0].path is a file, and one would lie in, or be, the other"
    )
    assert hint == "give each its own"


@pytest.mark.parametrize("content", ["../archive", "../archive/public", "../archive/a/../b"])
def test_posts_are_not_kept_in_the_archive(tmp_path: Path, content: str) -> None:
    """A content folder that would never be read is refused, not silently empty."""
    text = f'[content]\nroot = "{content}"\n[archive]\nroot = "../archive"'
    code, says, _ = _problem(tmp_path, text)
    assert code == "CFG007"
    assert says.startswith(f"content.root: {tmp_path}/archive")


def test_the_archive_may_lie_in_the_content(tmp_path: Path) -> None:
    """A site that keeps its archive among its posts is fine: the content skips it."""
    text = GOOD + '[content]\nroot = ".."\n[archive]\nroot = "../archive"'
    assert load(_file(tmp_path, text), KINDS).archive_root == tmp_path / "archive"


def test_a_publisher_that_fails_is_named(tmp_path: Path) -> None:
    """An outsider's exception is a broken promise of that publisher, not a traceback."""

    class Broken(_Feed):
        @field_validator("path")
        @classmethod
        def _never(cls, value: str) -> str:
            raise KeyError(value)

    path = _file(tmp_path, GOOD + '[[publish]]\ntype = "feed"\npath = "x"')
    with pytest.raises(PublisherError, match=r'publisher "feed" failed'):
        load(path, {"feed": Broken})


def test_a_publisher_that_can_not_be_described_is_an_outsider_s_fault() -> None:
    """What pydantic can't check is told as that, whether a table or the schema is asked for."""

    class Odd(_Feed):
        odd: threading.Event = Field(default_factory=threading.Event)

    with pytest.raises(PublisherError, match="can't be described"):
        json_schema({"odd": Odd})


def test_the_check_of_a_publisher_is_heard(tmp_path: Path) -> None:
    """A ValueError of an outsider's own check is a problem at its key."""

    class Picky(_Feed):
        @field_validator("path")
        @classmethod
        def _never(cls, value: str) -> str:
            raise ValueError(f"{value} is too plain")

    path = _file(tmp_path, GOOD + '[[publish]]\ntype = "feed"\npath = "x"')
    with pytest.raises(ConfigError) as caught:
        load(path, {"feed": Picky})
    assert caught.value.problems[0].says == "publish[0].path: x is too plain"
    assert caught.value.problems[0].line == GOOD.count("\n") + 3


@pytest.mark.parametrize("url", ["harbour", "https:/x", "https://[x"])
def test_a_wrong_address_is_shown_a_right_one(tmp_path: Path, url: str) -> None:
    """Whatever is wrong with its beginning."""
    text = GOOD.replace("https://feeds.example", url)
    with pytest.raises(ConfigError) as caught:
        load(_file(tmp_path, text), KINDS)
    (problem,) = caught.value.problems
    assert problem.hint == 'such as "https://site.example/"'


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://host/name", "must be such as"),
        ("postgresql://me:hunter2@host/name", "holds a password"),
        ("postgresql://me@host/name?sslmode=require&password=hunter2", "holds a password"),
        ("postgres://host/name?sslpassword=hunter2", "holds a password"),
    ],
)
def test_a_store_s_address_has_no_password(tmp_path: Path, url: str, says: str) -> None:
    """It is refused before anybody connects, and neither the message nor its hint repeats it."""
    path = _file(tmp_path, f'{GOOD}[store]\nurl = "{url}"\n')
    with pytest.raises(ConfigError) as caught:
        load(path, KINDS)
    (problem,) = caught.value.problems
    assert problem.says.startswith(f"store.url: {says}")
    assert "hunter2" not in f"{problem} {caught.value}"
    assert quick(tomllib.loads(path.read_text("utf-8")), tmp_path) is None
