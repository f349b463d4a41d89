"""The examination of an installation: each fault is told, with what to do about it."""

import json
import os
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from local_web import ALLOW, LocalWeb, local_web
from syndicate_command import syndicate

from syndicator.config.file import on_disk
from syndicator.cycle.doctor import _archive as archive
from syndicator.cycle.doctor import _content as content
from syndicator.cycle.doctor import _watches as watching
from syndicator.cycle.doctor import names
from syndicator.cycle.outside import _skew as skew
from syndicator.doors import files, machine
from syndicator.doors.layout import Layout
from syndicator.errors import ConfigError
from syndicator.model.feeds import Answer

Findings = dict[str, tuple[str, str, str]]
ENDPOINT = '[[publish]]\ntype = "webhook"\nname = "ops"\nsecret_env = "SYNDICATOR_OPS_SECRET"\n'


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    """Serve on 127.0.0.1."""
    with local_web() as found:
        yield found


def doctor(root: Path, *options: str) -> tuple[int, Findings]:
    """Return the exit code, and the last finding about each thing."""
    ran = syndicate("doctor", "--json", *options, cwd=root)
    found = json.loads(ran.out)
    return ran.code, {one["about"]: (one["state"], one["says"], one["remedy"]) for one in found}


@pytest.fixture
def made(small_site: Callable[..., Path], web: LocalWeb) -> Path:
    """Make a site whose feeds and receiver are on 127.0.0.1, and a pass over it."""
    port = web.port
    root = small_site(
        publish=f'{ENDPOINT}url = "http://127.0.0.1:{port}/hook"\n',
        network=f"{ALLOW}\nports = [{port}]",
        serve=f"http://127.0.0.1:{port}/",
    )
    (root / "content" / "a.md").write_text("---\ntitle: A\ndate: 2020-12-01\n---\nText.\n")
    assert syndicate("run", cwd=root).code == 0
    served(root, web)
    return root


def served(root: Path, web: LocalWeb) -> None:
    """Put up what was written."""
    body = (root / "archive" / "public" / "atom.xml").read_bytes()
    web.serve("/atom.xml", body, "application/atom+xml")


def test_a_sound_installation_has_nothing_wrong(made: Path) -> None:
    """Every part is looked at, in and outside, and all is good."""
    code, found = doctor(made)
    assert {about for about, one in found.items() if one[0] == "error"} == set()
    assert code == 0
    assert {"configuration", "content", "lock", "archive", "disk", "database", "clock"} <= set(
        found
    )
    assert "serves what was written" in found["public address"][1]
    assert "answers" in found["endpoint ops"][1]
    assert "/hook" not in found["endpoint ops"][1]


def test_other_bytes_at_the_public_address_are_told(made: Path, web: LocalWeb) -> None:
    """So is an answer that is none, and a type that no reader expects; each has a remedy."""
    web.serve("/atom.xml", b"<feed/>", "application/atom+xml")
    code, found = doctor(made)
    assert code == 1
    assert "other bytes" in found["public address"][1]
    web.pages.clear()
    state, says, remedy = doctor(made)[1]["public address"]
    assert (state, "404" in says, "snippets" in remedy) == ("error", True, True)
    served(made, web)
    web.pages["/atom.xml"] = (200, "text/plain", web.pages["/atom.xml"][2])
    code, found = doctor(made)
    assert (code, found["public address"][0]) == (0, "warning")


def test_offline_asks_nobody(made: Path, web: LocalWeb) -> None:
    """Not a request leaves."""
    before = len(web.asked)
    code, found = doctor(made, "--offline")
    assert (code, len(web.asked)) == (0, before)
    assert "public address" not in found


def test_nobody_and_somebody_at_work_are_told(made: Path) -> None:
    """The lock's holder is named, and the lock is not taken to find that out."""
    assert "nobody" in doctor(made, "--offline")[1]["lock"][1]
    with files.lock(made / "archive" / "lock"):
        code, found = doctor(made, "--offline")
    assert "process" in found["lock"][1]
    assert code == 0


def test_a_damaged_database_is_told(made: Path) -> None:
    """With the way to make it anew."""
    state = made / "archive" / "state.db"
    state.write_bytes(state.read_bytes()[:4096] + b"\xff" * 40_000)
    code, found = doctor(made, "--offline")
    assert (code, found["database"][0]) == (1, "error")
    assert "reindex" in found["database"][2]


def test_a_database_that_cannot_be_opened_is_not_called_damaged(made: Path) -> None:
    """Nobody is told to move away what may be whole, on a disk that is read-only for a while."""
    state = made / "archive" / "state.db"
    state.rename(made / "aside")
    state.mkdir()
    code, found = doctor(made, "--offline")
    assert (code, found["database"][0]) == (1, "error")
    assert "can't be opened" in found["database"][1]
    assert "mv " not in found["database"][2]


def test_too_few_watches_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """None to be had, or more folders than half of what a user may watch; with the setting."""
    monkeypatch.setattr(machine, "instance", lambda: "Too many open files")
    none = watching(["a.md"])
    assert (none.state, "max_user_instances" in none.remedy) == ("warning", True)
    monkeypatch.setattr(machine, "instance", str)
    monkeypatch.setattr(machine, "watches", lambda: 10)
    few = watching(f"{number}/a.md" for number in range(6))
    assert (few.state, "max_user_watches=24" in few.remedy) == ("warning", True)
    assert watching(f"{number}/a.md" for number in range(5)).state == "good"


def test_an_archive_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the folder, and why."""
    monkeypatch.setattr(machine, "unwritable", lambda _folder: "Read-only file system")
    (told,) = archive(Layout(tmp_path), [])
    assert (told.state, told.about) == ("error", "archive")
    assert told.says == f"no file can be made in {tmp_path}: Read-only file system"
    assert told.remedy.startswith(f"chown -R {tmp_path.stat().st_uid} {tmp_path}")


NOBODY = 65534


@contextmanager
def nobody() -> Iterator[None]:
    """Be a user without rights for the block."""
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.fixture
def shut() -> Iterator[Path]:
    """Make a folder that others may look into, with a file that they may not read."""
    if os.geteuid():
        pytest.skip("only root can be another user")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # pytest's own is shut
        root = Path(folder)
        root.chmod(0o755)
        (root / "a.md").write_text("x")
        (root / "a.md").chmod(0o600)
        yield root


def test_another_user_is_told_who_may(shut: Path) -> None:
    """What is not his he can't open to himself: its owner can, or he is to be its owner."""
    made: Any = SimpleNamespace(content_root=shut)
    with nobody():
        found = content(made, {"a.md": (1, 1, 1)})
        whose, written = archive(Layout(shut), [])
        with pytest.raises(ConfigError) as caught:
            on_disk(shut / "a.md")
    assert found.remedy == f"chmod -R a+rX {shut}, or run as its owner"
    assert whose.says == f"{shut} belongs to user 0, and you are {NOBODY}"
    assert written.remedy.startswith("sudo -u '#0' syndicate …; else chown -R 0 ")
    assert caught.value.problems[0].hint.endswith("Else run as its owner")


def test_an_owner_is_told_to_open_his_own(shut: Path) -> None:
    """Without letting everybody read it."""
    os.chown(shut, NOBODY, NOBODY)
    os.chown(shut / "a.md", NOBODY, NOBODY)
    (shut / "a.md").chmod(0)
    made: Any = SimpleNamespace(content_root=shut)
    with nobody():
        found = content(made, {"a.md": (1, 1, 1)})
    assert found.remedy == f"chmod -R u+rX {shut}, or run as its owner"


def test_a_receiver_that_does_not_answer_is_told(made: Path) -> None:
    """Without the path of its address, which may be a key."""
    file = made / "config" / "syndicator.toml"
    text = file.read_text()
    file.write_text(re.sub(r"http://127.0.0.1:\d+/hook", "http://127.0.0.1:9/hook", text))
    code, found = doctor(made)
    state, says, remedy = found["endpoint ops"]
    assert (code, state, "hook" in says, bool(remedy)) == (1, "error", False, True)


def test_a_clock_that_differs_from_the_web_servers_is_told() -> None:
    """Receivers refuse signatures that are five minutes off."""
    now = datetime(2026, 11, 29, 12, 10, tzinfo=UTC)
    headers = {"date": "Sun, 29 Nov 2026 12:00:00 GMT"}
    told = skew(Answer(status=200, headers=headers, body=b"", url=""), now)
    assert told is not None
    assert (told.state, told.says) == ("warning", "ours is 600 s ahead of the web server's")


def test_a_pass_from_the_future_is_told(made: Path) -> None:
    """A clock that was set back is named as such."""
    with closing(sqlite3.connect(made / "archive" / "state.db")) as db, db:
        db.execute("UPDATE meta SET value = '4102444800' WHERE key = 'clock'")
    code, found = doctor(made, "--offline")
    assert (code, found["clock"][0]) == (1, "error")
    assert "2100-01-01" in found["clock"][1]


def test_a_disk_under_its_floor_is_told(made: Path) -> None:
    """What ``min_free`` asks for is compared with what there is."""
    file = made / "config" / "syndicator.toml"
    text = file.read_text()
    file.write_text(
        text.replace('root = "../archive"', 'root = "../archive"\nmin_free = "900000GiB"')
    )
    code, found = doctor(made, "--offline")
    assert (code, found["disk"][0]) == (1, "error")
    assert re.match(r"[\d.]+ [MGT]iB free, less than .* min_free = 900000GiB", found["disk"][1])
    status = syndicate("status", cwd=made).out
    assert re.search(r"^disk     [\d.]+ [MGT]iB free$", status, re.MULTILINE)


def test_a_missing_secret_and_a_missing_folder_are_told(made: Path) -> None:
    """Both in one go: what is wrong first does not hide what is wrong next."""
    file = made / "config" / "syndicator.toml"
    text = file.read_text().replace("../content", "../nowhere")
    file.write_text(text.replace("SYNDICATOR_OPS_SECRET", "SYNDICATOR_NONE"))
    code, found = doctor(made, "--offline")
    assert code == 1
    assert found["secret of ops"][0] == found["content"][0] == "error"


def test_a_web_server_that_is_shut_out_is_told(made: Path) -> None:
    """The first folder on the way that other users can't enter is named."""
    public = made / "archive" / "public"
    public.chmod(0o750)
    found = doctor(made, "--offline")[1]
    shut = machine.shut(public / "atom.xml")
    assert shut is not None  # on some machines a folder above is shut already
    assert (found["archive"][0], str(shut) in found["archive"][2]) == ("warning", True)


def test_before_the_first_pass_that_is_what_is_told(small_site: Callable[..., Path]) -> None:
    """Nothing is made by looking."""
    root = small_site()
    code, found = doctor(root)
    assert (code, found["archive"]) == (
        0,
        ("warning", f"{root}/archive is not there: no pass was made", "syndicate run"),
    )
    assert not (root / "archive").exists()


def test_a_unit_that_denies_its_name_server_is_told() -> None:
    """Words that systemd knows for networks included; what is allowed is no fault."""
    unit = ["[Service]", "IPAddressDeny=localhost 10.0.0.0/8", "IPAddressAllow=10.1.0.0/16"]
    servers = [ip_address(one) for one in ("127.0.0.53", "10.1.0.2", "10.2.0.2", "9.9.9.9")]
    told = [one.remedy.rpartition("=")[2] for one in names(unit, servers)]
    assert told == ["127.0.0.53", "10.2.0.2"]


def test_name_servers_are_read_as_the_resolver_reads_them(tmp_path: Path) -> None:
    """Comments, options and what is no address are passed over; so is a missing file."""
    file = tmp_path / "resolv.conf"
    file.write_text("# nameserver 1.1.1.1\nnameserver 10.0.0.1\noptions x\nnameserver y\n")
    assert list(machine.name_servers(file)) == [ip_address("10.0.0.1")]
    assert list(machine.name_servers(tmp_path / "none")) == []


def test_units_and_their_drop_ins_are_read(tmp_path: Path) -> None:
    """The drop-ins of a unit that stands elsewhere count too."""
    (tmp_path / "a.service").write_text("[Service]\nIPAddressDeny=any\n")
    (tmp_path / "a.service.d").mkdir()
    (tmp_path / "a.service.d" / "lan.conf").write_text("IPAddressAllow=10.0.0.1\n")
    lines = machine.unit_lines("a.service", (tmp_path, tmp_path / "none"))
    assert lines == ["[Service]", "IPAddressDeny=any", "IPAddressAllow=10.0.0.1"]
