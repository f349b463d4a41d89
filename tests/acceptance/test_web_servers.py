"""nginx and Caddy, told by ``syndicate feeds snippets``, serve what was written as we would."""

import http.client
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from local_web import free_port
from syndicate_command import PATIENCE, syndicate
from trial import PNG

pytestmark = pytest.mark.slow

TAG = "the rain that fell on the town hall for a whole week"  # longer than nginx likes
POST = f"""---
title: Rain
date: 2020-12-01
tags: [{TAG}]
---
It fell, and ![a](a.png).
"""
FEEDS = """
[[publish]]
type = "rss"
path = "news/feed.xml"
[[publish]]
type = "atom"
path = "tags/{tag}.xml"
per = "tag"
[[publish]]
type = "json"
[[publish]]
type = "page"
[[publish]]
type = "opml"
"""
Ask = Callable[..., tuple[int, dict[str, str], bytes]]


def asker(port: int) -> Ask:
    """Return what asks a server on this machine, without following anything."""

    def ask(path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        link.request(
            "GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )
        answer = link.getresponse()
        told = {name.lower(): text for name, text in answer.getheaders()}
        body = answer.read()
        link.close()
        return answer.status, told, body

    return ask


@pytest.fixture(params=["nginx", "caddy"])
def server(
    request: pytest.FixtureRequest, tmp_path: Path, small_site: Callable[..., Path]
) -> Iterator[tuple[str, Ask, Path]]:
    """Serve a site with the real server, configured by the snippet alone."""
    name = str(request.param)
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed: apt-get install {name}")
    port = free_port()
    site = small_site(publish=FEEDS, serve=f"http://127.0.0.1:{port}/")
    file = site / "config" / "syndicator.toml"
    moved = """
moved = { "rss.xml" = "atom.xml", "b.xml" = "https://b.example/$a", "old/" = "https://b.example/" }
gone = ["c.xml", "old/gone.xml", "tags/"]
"""
    text = file.read_text("utf-8").replace("[serve]\n", f"[serve]\n{moved}\n")
    file.write_text(text.replace("[[publish]]", HUB + "[[publish]]", 1), "utf-8")
    (site / "content" / "2020-12-01-rain.md").write_text(POST, "utf-8")
    (site / "content" / "a.png").write_bytes(PNG)
    tmp_path.chmod(0o755)
    assert syndicate("run", cwd=site).code == 0
    snippet = syndicate("feeds", "snippets", name, cwd=site).out
    stop = (_nginx if name == "nginx" else _caddy)(tmp_path, snippet, port)
    try:
        yield name, asker(port), site / "archive" / "public"
    finally:
        stop()


HUB = '[feeds]\nhubs = ["https://hub.example/"]\n'


def _nginx(folder: Path, snippet: str, port: int) -> Callable[[], None]:
    conf, pid = folder / "nginx.conf", folder / "nginx.pid"
    conf.write_text(
        f"pid {pid};\nuser root;\nerror_log {folder}/error.log;\nevents {{}}\nhttp {{\n"
        "include /etc/nginx/mime.types;\naccess_log off;\n"
        + snippet.replace("listen 80;", f"listen 127.0.0.1:{port};")
        + "}\n",
        encoding="utf-8",
    )
    # it goes into the background once it listens
    subprocess.run(["nginx", "-c", str(conf)], check=True, capture_output=True)
    return lambda: os.kill(int(pid.read_text()), signal.SIGTERM)


def _caddy(folder: Path, snippet: str, port: int) -> Callable[[], None]:
    assert str(port) in snippet
    file, pid = folder / "Caddyfile", folder / "caddy.pid"
    file.write_text("{\n\tadmin off\n}\n" + snippet, encoding="utf-8")
    home = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    command = ["caddy", "start", "--config", str(file), "--adapter", "caddyfile"]
    subprocess.run(
        [*command, "--pidfile", str(pid)],
        check=True,
        env=home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return lambda: os.kill(int(pid.read_text()), signal.SIGTERM)


def test_a_server_serves_as_ours_would(server: tuple[str, Ask, Path]) -> None:
    """Types that browsers style, compressed copies, headers for hubs, and pictures for ever."""
    name, ask, public = server
    types = {
        "/atom.xml": "application/xml; charset=utf-8",
        "/news/feed.xml": "application/xml; charset=utf-8",
        "/feeds.opml": "text/x-opml; charset=utf-8",
        "/": "text/html; charset=utf-8",
        "/feed.css": "text/css; charset=utf-8",
    }
    for path, media_type in types.items():
        status, told, body = ask(path)
        assert (status, told["content-type"].lower()) == (200, media_type), path
        assert told["cache-control"] == "public, max-age=3600"
        assert told["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in told["content-security-policy"]
        assert body == (public / (path.strip("/") or "index.html")).read_bytes()
    assert ask("/feed.json")[1]["content-type"].startswith("application/feed+json")
    _, told, body = ask("/atom.xml", Accept_Encoding="gzip")
    assert told["content-encoding"] == "gzip"
    assert body == (public / "atom.xml.gz").read_bytes()
    assert "accept-encoding" in told["vary"].lower()
    if name == "caddy":
        _, told, body = ask("/atom.xml", Accept_Encoding="gzip, br")
        assert (told["content-encoding"], body) == ("br", (public / "atom.xml.br").read_bytes())
    (picture,) = (public / "media").iterdir()
    _, told, body = ask(f"/media/{picture.name}")
    assert (told["content-type"], body) == ("image/png", picture.read_bytes())
    assert "immutable" in told["cache-control"]


def test_a_server_answers_conditional_requests(server: tuple[str, Ask, Path]) -> None:
    """A feed that did not change is not sent again."""
    _, ask, _ = server
    _, told, _ = ask("/atom.xml")
    assert ask("/atom.xml", If_None_Match=told["etag"])[0] == 304
    assert ask("/atom.xml", If_Modified_Since=told["last-modified"])[0] == 304


def test_a_server_knows_former_addresses(server: tuple[str, Ask, Path]) -> None:
    """Moved ones lead on, gone ones say so, and others are not there."""
    _, ask, _ = server
    status, told, _ = ask("/rss.xml")
    assert (status, told["location"].endswith("/atom.xml")) == (301, True)
    status, told, _ = ask("/b.xml")
    assert (status, told["location"]) in {
        (301, "https://b.example/$a"),
        (301, "https://b.example/%24a"),
    }
    assert ask("/c.xml")[0] == 410
    assert ask("/no.xml")[0] == 404


def test_a_server_knows_former_folders(server: tuple[str, Ask, Path]) -> None:
    """What is below goes along, as it was written; archive documents go with their feed."""
    _, ask, _ = server
    status, told, _ = ask("/old/a%20b/%E5%8F%B0.xml?x=1")
    assert (status, told["location"].split("?")[0]) == (
        301,
        "https://b.example/a%20b/%E5%8F%B0.xml",
    )
    status, told, _ = ask("/old/a%0d%0aSet-Cookie:x")
    assert "set-cookie" not in told
    assert status in {301, 400}
    status, told, _ = ask("/rss-archive/2020-12.xml")
    assert (status, told["location"].endswith("/atom-archive/2020-12.xml")) == (301, True)
    assert ask("/c-archive/2020-12.xml")[0] == ask("/old/gone.xml")[0] == 410


def test_a_file_that_is_there_is_served(server: tuple[str, Ask, Path]) -> None:
    """A feed per tag comes back with its tag, whatever was said of those that went."""
    _, ask, public = server
    (there,) = (public / "tags").glob("*.xml")
    status, told, body = ask(f"/tags/{there.name}")
    assert (status, body) == (200, there.read_bytes())
    assert "hub" in told["link"]
    assert ask("/tags/other.xml")[0] == 410


def test_a_server_names_hubs_in_headers(server: tuple[str, Ask, Path]) -> None:
    """Subscribers look there first (WebSub, 4): hub and self, for feeds that name hubs."""
    _, ask, public = server
    assert b"https://hub.example/" in (public / "atom.xml").read_bytes()
    link = ask("/atom.xml")[1]["link"]
    assert '<https://hub.example/>; rel="hub"' in link
    assert 'atom.xml>; rel="self"' in link
    assert "link" not in ask("/feed.css")[1]
