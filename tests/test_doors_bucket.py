"""Where a bucket may lie, what opens it, and what of that is ever said."""

import http.server
import socket
import threading
from dataclasses import replace
from ipaddress import ip_network
from itertools import count
from pathlib import Path

import pytest
from buckets import KEYS, Service

from syndicator.config import buckets
from syndicator.doors.bucket import Bucket, Kind, Spot, judged
from syndicator.errors import ConfigError, Failed, Refused

NAMES = count()
LOCAL = (ip_network("127.0.0.0/8"),)
HERE = ip_network("10.0.0.0/8")
ACCESS, SECRET = KEYS.values()


def spot(endpoint: str = "https://s3.example", **more: object) -> Spot:
    made = Spot(
        name="b", prefix="site", endpoint=endpoint, region="r", access=ACCESS, secret=SECRET
    )
    return replace(made, **more)  # type: ignore[arg-type]  # tests name the fields they mean


@pytest.fixture
def here(service: Service) -> Spot:
    """Make an empty bucket, and tell where it is."""
    name = f"door-{next(NAMES)}"
    service.fault = lambda _method, _path: ""
    assert service.ask("PUT", f"/{name}")[0] == 200
    service.asked.clear()
    return spot(f"http://127.0.0.1:{service.port}", name=name, allow=LOCAL)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://10.1.2.3",
        "https://192.168.0.9",
        "https://127.0.0.1",
        "https://localhost",
        "https://[::1]",
        "https://[fd00::1]",
        "https://[::ffff:10.1.2.3]",
        "https://0x7f.1",
        "https://169.254.169.254",
        "https://inside.example",
    ],
)
def test_an_address_inside_needs_to_be_allowed(endpoint: str) -> None:
    """Written as an address, in whatever spelling, or as a name that has one; no one is asked."""
    with pytest.raises(Refused) as caught:
        judged(spot(endpoint), lambda _host, _port: ["203.0.114.7", "10.1.2.3"])
    assert caught.value.says.startswith("the bucket's ")
    assert "[network] allow" in caught.value.hint


def test_an_address_inside_that_is_allowed_is_asked() -> None:
    """On any port, and in the clear too."""
    there = spot("http://10.1.2.3:9000", allow=(HERE,))
    assert judged(there, lambda _host, _port: pytest.fail("an address is not looked up"))
    named = spot("http://minio.example:9000", allow=(HERE,))
    assert judged(named, lambda _host, _port: ["10.1.2.3"])


def test_others_are_asked_over_tls_on_usual_ports() -> None:
    """A name whose addresses are all public."""
    assert judged(spot(), lambda _host, _port: ["203.0.114.7"])
    with pytest.raises(Refused, match="in the clear"):
        judged(spot("http://s3.example"), lambda _host, _port: ["203.0.114.7"])
    with pytest.raises(Refused, match="port 9000 not allowed"):
        judged(spot("https://s3.example:9000"), lambda _host, _port: ["203.0.114.7"])


def test_a_name_without_an_address_is_told_as_such() -> None:
    """It may have one in a moment: the pass goes on, and asks again."""
    with pytest.raises(Failed, match="was not found"):
        judged(spot(), lambda _host, _port: [])


def test_a_proxy_dials_what_lies_outside() -> None:
    """And looks its name up; what is allowed inside is dialled by ourselves."""
    there = spot(proxy="http://proxy.example:3128", allow=(HERE,))
    assert not judged(there, lambda _host, _port: pytest.fail("the proxy looks it up"))
    with pytest.raises(Refused, match="port 9000 not allowed"):
        judged(replace(there, endpoint="https://s3.example:9000"), lambda _h, _p: [])
    assert judged(
        replace(there, endpoint="http://10.1.2.3:9000"), lambda _host, _port: pytest.fail("no")
    )


@pytest.mark.parametrize("proxy", ["", "http://proxy.example:3128"])
@pytest.mark.parametrize(
    "endpoint",
    [
        "https://\uff11\uff12\uff17.\uff10.\uff10.\uff11",
        "https://127\u30020\u30020\u30021",
        "https://\uff4cocalhost",
    ],
)
def test_an_address_in_other_letters_is_not_taken_for_a_name(endpoint: str, proxy: str) -> None:
    """Whoever dials may read an address inside in it."""
    with pytest.raises(Refused, match="not plain ASCII"):
        judged(spot(endpoint, proxy=proxy), lambda _host, _port: ["203.0.114.7"])


@pytest.mark.parametrize("endpoint", ["https://192.168.0.9", "http://192.168.0.9"])
def test_no_proxy_is_sent_inside(endpoint: str) -> None:
    """An address that is not allowed is not asked for by anybody."""
    with pytest.raises(Refused, match="address not allowed"):
        judged(spot(endpoint, proxy="http://proxy.example:3128"), lambda _host, _port: [])


def test_a_proxy_is_not_asked_in_the_clear() -> None:
    """What is signed could be read on the way."""
    with pytest.raises(Refused, match="in the clear"):
        judged(
            spot("http://s3.example", proxy="http://proxy.example:3128"), lambda _host, _port: []
        )


class Counting(http.server.BaseHTTPRequestHandler):
    """A proxy that nobody is to ask."""

    asked: int

    def handle(self) -> None:
        """Count who comes, and let nobody through."""
        type(self).asked += 1
        super().handle()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_no_proxy_of_the_environment_is_asked(here: Spot, monkeypatch: pytest.MonkeyPatch) -> None:
    """[network] proxy decides, as for all else that is fetched."""
    Counting.asked = 0
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counting) as proxy:
        thread = threading.Thread(target=proxy.serve_forever)
        thread.start()
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.server_port}")
        try:
            assert Bucket(here).create("k", b"data", Kind(), "") is not None
        finally:
            proxy.shutdown()
            thread.join()
    assert Counting.asked == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_SESSION_TOKEN", "another"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9"),
        ("AWS_REGION", "mars"),
        ("AWS_SKIP_SIGNATURE", "true"),
        ("AWS_ACCESS_KEY_ID", "another"),
        ("AWS_PROXY_URL", "http://127.0.0.1:9"),
        ("AWS_S3_EXPRESS", "true"),
        ("AWS_REQUEST_PAYER", "requester"),
    ],
)
def test_nothing_else_of_the_environment_counts(
    here: Spot, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """Keys that were read from a file are used alone: not with somebody else's token."""
    monkeypatch.setenv(name, value)
    heard: list[dict[str, str]] = []
    monkeypatch.setattr(Service, "hears", heard.append)
    assert Bucket(here).create("k", b"data", Kind(), "") is not None
    (headers,) = heard
    assert f"Credential={ACCESS}/" in headers["HTTP_AUTHORIZATION"]
    assert "/r/s3/aws4_request" in headers["HTTP_AUTHORIZATION"]
    assert "HTTP_X_AMZ_SECURITY_TOKEN" not in headers
    assert "HTTP_X_AMZ_REQUEST_PAYER" not in headers


@pytest.mark.parametrize(
    "name",
    [
        "AWS_SERVER_SIDE_ENCRYPTION",
        "AWS_SSE_KMS_KEY_ID",
        "AWS_SSE_BUCKET_KEY_ENABLED",
        "AWS_SSE_CUSTOMER_KEY_BASE64",
        "AWS_sse_kms_key_id",
    ],
)
def test_encryption_of_the_environment_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The client would follow it, so the bucket's own decides; the value may be a key."""
    monkeypatch.setenv(name, "a2V5")
    with pytest.raises(Refused, match=name) as caught:
        Bucket(spot(), resolve=lambda _host, _port: ["203.0.114.7"])
    assert "a2V5" not in f"{caught.value!r} {caught.value.hint}"


def test_a_token_goes_with_its_keys(here: Spot, monkeypatch: pytest.MonkeyPatch) -> None:
    """As temporary keys have one."""
    heard: list[dict[str, str]] = []
    monkeypatch.setattr(Service, "hears", heard.append)
    Bucket(replace(here, token="t0")).create("k", b"data", Kind(), "")
    assert heard[0]["HTTP_X_AMZ_SECURITY_TOKEN"] == "t0"


def test_a_service_that_is_away_is_told_without_secrets() -> None:
    """In our words alone."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    away = spot(f"http://127.0.0.1:{port}", allow=LOCAL)
    with pytest.raises(Failed) as caught:
        Bucket(away).read("k")
    told = f"{caught.value!r} {caught.value.__cause__!r} {away!r}"
    assert "could not read k" in told
    assert ACCESS not in told
    assert SECRET not in told


# --- where keys come from ----------------------------------------------------------------------


def test_keys_come_from_the_environment(tmp_path: Path) -> None:
    """By the names that every other tool has for them."""
    found = buckets.keys("", "", {**KEYS, "AWS_SESSION_TOKEN": "t"}, tmp_path)
    assert tuple(found) == (ACCESS, SECRET, "t")
    assert repr(found) == "Keys(...)"


@pytest.mark.parametrize("text", ["{}\n", " {}\r\n# more\n", 'A=1\n{}\nOTHER="2"'])
def test_keys_come_from_a_file(tmp_path: Path, text: str) -> None:
    """Lines as systemd's EnvironmentFile= has them; the environment is not looked at then."""
    lines = f'AWS_ACCESS_KEY_ID="{ACCESS}"\nAWS_SECRET_ACCESS_KEY = {SECRET}'
    (tmp_path / "keys").write_text(text.format(lines))
    environ = {"AWS_ACCESS_KEY_ID": "another", "AWS_SESSION_TOKEN": "another"}
    assert tuple(buckets.keys("keys", "", environ, tmp_path)) == (ACCESS, SECRET, "")


def test_keys_come_from_a_credential(tmp_path: Path) -> None:
    """In the folder that systemd names."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "bucket").write_text("\n".join(f"{name}={value}" for name, value in KEYS.items()))
    environ = {buckets.CREDENTIALS: str(folder)}
    assert tuple(buckets.keys("", "bucket", environ, tmp_path)) == (ACCESS, SECRET, "")


@pytest.mark.parametrize(
    ("file", "credential", "says"),
    [
        ("", "", "the environment holds no keys"),
        ("gone", "", "the file gone can't be read"),
        ("folder", "", "the file folder can't be read"),
        ("half", "", "the file half holds no keys"),
        ("bytes", "", "the file bytes holds no text"),
        ("", "bucket", "CREDENTIALS_DIRECTORY is not set"),
    ],
)
def test_keys_that_cannot_be_had_are_told_by_their_place(
    tmp_path: Path, file: str, credential: str, says: str
) -> None:
    """Nothing that was read is said back."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "half").write_text(f"AWS_SECRET_ACCESS_KEY={SECRET}\n")
    (tmp_path / "bytes").write_bytes(b"\xff" + SECRET.encode())
    with pytest.raises(ConfigError) as caught:
        buckets.keys(file, credential, {"AWS_ACCESS_KEY_ID": ACCESS}, tmp_path)
    assert says in caught.value.says
    assert caught.value.hint
    assert SECRET not in f"{caught.value!r} {caught.value.__cause__!r} {caught.value.hint}"
