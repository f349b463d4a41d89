"""The table ``[cluster]``: which schedulers are taken, and what each refusal says."""

from pathlib import Path

import clusters
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from syndicator.config.cluster import Scheduler
from syndicator.config.load import load
from syndicator.errors import ConfigError
from syndicator.model.posts import Problem

HEAD = """
[site]
title = "T"
url = "https://site.example/"
timezone = "Asia/Taipei"
[serve]
url = "https://feeds.example"
"""
SUCH_AS = 'such as "tls://scheduler.example:8786"'
PAGE = "docs/how-to/add-workers.md says how to make them"
PEM = ("ca_file", "cert", "key")
LINES = {"scheduler": 9, "ca_file": 10, "cert": 11, "key": 12}


def written(folder: Path, **values: str) -> Path:
    """Write a configuration with this table."""
    table = "".join(f'{name} = "{value}"\n' for name, value in values.items())
    file = folder / "syndicator.toml"
    file.write_text(f"{HEAD}[cluster]\n{table}", encoding="utf-8")
    return file


def problems(file: Path) -> list[Problem]:
    with pytest.raises(ConfigError) as caught:
        load(file, {})
    assert {one.path for one in caught.value.problems} == {str(file)}
    return list(caught.value.problems)


@pytest.fixture
def pems(tmp_path: Path) -> dict[str, str]:
    """Make the three files of a cluster, named as the configuration sees them."""
    clusters.certify(tmp_path / "pem")
    return {
        "scheduler": "tls://scheduler.example:8786",
        "ca_file": "pem/ca.pem",
        "cert": "pem/cert.pem",
        "key": "pem/key.pem",
    }


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:8786", "tcp://[::1]:8786", "tcp://localhost:8786", ""]
)
def test_this_machine_is_asked_in_the_clear(tmp_path: Path, address: str) -> None:
    """Without certificates: nobody stands between."""
    found = load(written(tmp_path, scheduler=address), {}).scheduler
    assert found == (Scheduler(address) if address else None)


def test_another_one_is_asked_with_certificates(tmp_path: Path, pems: dict[str, str]) -> None:
    """Their paths are seen from the configuration's folder."""
    found = load(written(tmp_path, **pems), {}).scheduler
    files = (tmp_path / "pem" / f"{name}.pem" for name in ("ca", "cert", "key"))
    assert found == Scheduler("tls://scheduler.example:8786", *files)


@pytest.mark.parametrize(
    "address",
    ["tcp://10.0.0.5:8786", "tcp://scheduler.example:8786", "tcp://localhost.example:8786"],
)
def test_other_machines_are_not_asked_in_the_clear(tmp_path: Path, address: str) -> None:
    """Who stands between could run anything: a message says so, and what to write instead."""
    (problem,) = problems(written(tmp_path, scheduler=address))
    assert (problem.line, problem.code) == (LINES["scheduler"], "CFG006")
    assert "cluster.scheduler: tcp:// is for this machine only" in problem.says
    assert problem.hint == f"tls{address[3:]}, with ca_file, cert and key"


@pytest.mark.parametrize(
    "address",
    [
        "scheduler.example:8786",
        "tls://scheduler.example",
        "http://127.0.0.1:8786",
        "ucx://127.0.0.1:8786",
        "inproc://127.0.0.1:8786",
        "tls://me:hunter2@scheduler.example:8786",
        "tcp://me@127.0.0.1:8786",
        "tls://scheduler.example:8786/path",
        "tls://scheduler.example:8786 ",
        "TLS://scheduler.example:8786",
    ],
)
def test_what_is_no_address_of_a_scheduler_is_refused(tmp_path: Path, address: str) -> None:
    """Other schemes, names and passwords, paths; what was written is not said back."""
    (problem,) = problems(written(tmp_path, scheduler=address))
    assert (problem.line, problem.code) == (LINES["scheduler"], "CFG006")
    assert problem.says == "cluster.scheduler: is no address of a scheduler"
    assert problem.hint == SUCH_AS


@pytest.mark.parametrize("port", ["0", "65536", "99999"])
def test_ports_are_ports(tmp_path: Path, port: str) -> None:
    """From 1 to 65535."""
    (problem,) = problems(written(tmp_path, scheduler=f"tls://a.example:{port}"))
    assert problem.says == f"cluster.scheduler: there is no port {port}"
    assert (problem.line, problem.hint) == (LINES["scheduler"], SUCH_AS)


def test_tls_needs_three_files(tmp_path: Path) -> None:
    """All that lack are told at once, at the table."""
    found = problems(written(tmp_path, scheduler="tls://a.example:8786"))
    says = [f"cluster.{name}: tls:// needs ca_file, cert and key" for name in PEM]
    assert [one.says for one in found] == sorted(says)
    assert {(one.line, one.code, one.hint) for one in found} == {(8, "CFG004", PAGE)}


@pytest.mark.parametrize("name", PEM)
@pytest.mark.parametrize(
    ("path", "why"), [("gone.pem", "No such file or directory"), ("pem", "Is a directory")]
)
def test_files_that_cannot_be_read_are_told(
    tmp_path: Path, pems: dict[str, str], name: str, path: str, why: str
) -> None:
    """Each at its own line, with what the system says."""
    (problem,) = problems(written(tmp_path, **{**pems, name: path}))
    assert problem.says == f"cluster.{name}: {tmp_path / path} can't be read: {why}"
    assert (problem.line, problem.code, problem.hint) == (LINES[name], "CFG006", PAGE)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("ca", b"nothing", "holds no certificate in PEM form"),
        ("ca", b"", "holds no certificate in PEM form"),
        ("cert", b"\x00\xff", "holds no certificate in PEM form"),
        ("key", b"nothing", "holds no private key in PEM form without a passphrase"),
    ],
)
def test_files_that_hold_something_else_are_told(
    tmp_path: Path, pems: dict[str, str], name: str, data: bytes, says: str
) -> None:
    """When the configuration is read, not when the first large pass comes."""
    path = tmp_path / "pem" / f"{name}.pem"
    path.write_bytes(data)
    setting = {"ca": "ca_file"}.get(name, name)
    (problem,) = problems(written(tmp_path, **pems))
    assert problem.says == f"cluster.{setting}: {path} {says}"
    assert (problem.line, problem.code, problem.hint) == (LINES[setting], "CFG006", PAGE)


def test_a_key_of_another_certificate_is_told(tmp_path: Path, pems: dict[str, str]) -> None:
    """With both names."""
    clusters.certify(tmp_path / "other")
    (problem,) = problems(written(tmp_path, **{**pems, "key": "other/key.pem"}))
    key, cert = tmp_path / "other" / "key.pem", tmp_path / "pem" / "cert.pem"
    assert problem.says == f"cluster.key: {key} is not the key of {cert}"


def test_a_key_with_a_passphrase_is_refused(tmp_path: Path, pems: dict[str, str]) -> None:
    """Dask would ask for it at a terminal, and a pass would wait for ever."""
    secret = serialization.BestAvailableEncryption(b"hunter2")
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    data = Ed25519PrivateKey.generate().private_bytes(pem, form, secret)
    (tmp_path / "pem" / "key.pem").write_bytes(data)
    (problem,) = problems(written(tmp_path, **pems))
    assert problem.says.endswith("holds no private key in PEM form without a passphrase")
