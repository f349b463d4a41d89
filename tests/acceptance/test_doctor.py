"""The examination of an installation: each fault is told, with what to do about it."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from local_web import ALLOW, LocalWeb, local_web
from syndicate_command import syndicate

from syndicator.cycle.doctor import names
from syndicator.doors import files, machine

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


def test_a_pass_from_the_future_is_told(made: Path) -> None:
    """A clock that was set back is named as such."""
    with sqlite3.connect(made / "archive" / "state.db") as db:
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
