"""The archive as a WARC file: what the tools of web archives say of it."""

import gzip
import json
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from archives import AGAIN, FIRST, NEW, OLD, PAGE, archive
from trial import PNG, Trial
from warcio.archiveiterator import ArchiveIterator

from syndicator.cycle import exports
from syndicator.errors import ConfigError
from syndicator.model.keeping import Exported


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """Make one archive for all tests here; none changes it for good."""
    return archive(tmp_path_factory.mktemp("site"))


def export(site: Trial, target: Path) -> Exported:
    return site.care(lambda order: exports.warc(order, target))


def check(path: Path) -> int:
    """Return the exit code of ``warcio check``."""
    warcio = Path(sys.executable).with_name("warcio")
    return subprocess.run([warcio, "check", path], capture_output=True, check=False).returncode


def records(path: Path) -> list[tuple[str, dict[str, str], bytes, Any]]:
    """Read a file: type, headers, payload, and the status of an answer."""
    found = []
    with path.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            headers = dict(record.rec_headers.headers)
            status = record.http_headers.get_statuscode() if record.http_headers else None
            found.append((record.rec_type, headers, record.content_stream().read(), status))
    return found


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_the_checker_agrees(site: Trial, tmp_path: Path, name: str) -> None:
    """``warcio check`` compares every digest; the first line says WARC 1.1."""
    made = export(site, tmp_path / name)
    assert check(tmp_path / name) == 0
    data = (tmp_path / name).read_bytes()
    plain = gzip.decompress(data) if name.endswith(".gz") else data
    assert plain.startswith(b"WARC/1.1\r\n")
    read = records(tmp_path / name)
    assert (read[0][0], made.files) == ("warcinfo", len(read))


def test_every_blob_is_in_it(site: Trial, tmp_path: Path) -> None:
    """Byte for byte: pictures and pages as answers, versions of posts as resources."""
    export(site, tmp_path / "a.warc")
    payloads = {
        sha256(body).hexdigest()
        for kind, _, body, _ in records(tmp_path / "a.warc")
        if kind in {"response", "resource"}
    }
    assert payloads == {path.name[:64] for path in site.layout.blobs.rglob("*.*")}


def test_equal_content_is_a_revisit(site: Trial, tmp_path: Path) -> None:
    """It refers to the record that has the bytes, by id, address and date."""
    export(site, tmp_path / "a.warc")
    read = records(tmp_path / "a.warc")
    (first,) = [one for one in read if one[0] == "response" and one[2] == PNG]
    revisits = [one for one in read if one[0] == "revisit"]
    assert len(revisits) == 2
    uris = {first[1]["WARC-Target-URI"], *(one[1]["WARC-Target-URI"] for one in revisits)}
    assert uris == {FIRST, AGAIN, NEW}
    for _, headers, body, status in revisits:
        assert (body, status) == (b"", "200")
        assert headers["WARC-Refers-To"] == first[1]["WARC-Record-ID"]
        assert headers["WARC-Refers-To-Target-URI"] == first[1]["WARC-Target-URI"]
        assert headers["WARC-Refers-To-Date"] == first[1]["WARC-Date"]
        assert headers["WARC-Payload-Digest"] == first[1]["WARC-Payload-Digest"]
        assert headers["WARC-Profile"].endswith("/1.1/revisit/identical-payload-digest")


def test_answers_have_the_recorded_head(site: Trial, tmp_path: Path) -> None:
    """Status and headers as they came, a length that is right, whatever it was."""
    export(site, tmp_path / "a.warc")
    pages = [one for one in records(tmp_path / "a.warc") if b"<html>" in one[2]]
    ((kind, headers, body, status),) = pages
    assert (kind, headers["WARC-Target-URI"], status) == ("response", PAGE, "200")
    assert body == b"<html><body>no</body></html>"


def test_posts_and_redirects_are_metadata(site: Trial, tmp_path: Path) -> None:
    """The journal's own lines, tied to the record of the bytes."""
    export(site, tmp_path / "a.warc")
    read = records(tmp_path / "a.warc")
    ids = {one[1]["WARC-Record-ID"] for one in read}
    told = [(headers, json.loads(body)) for kind, headers, body, _ in read if kind == "metadata"]
    assert all(headers["WARC-Refers-To"] in ids for headers, _ in told)
    versions = [line for _, line in told if line["event"] == "version"]
    assert [line["title"] for line in versions] == ["A", "B", "A"]
    (redirect,) = [(headers, line) for headers, line in told if line["event"] == "capture"]
    assert redirect[0]["WARC-Target-URI"] == OLD
    assert redirect[1]["chain"] == [OLD]


def test_ids_are_unique_and_addresses_are_uris(site: Trial, tmp_path: Path) -> None:
    """No blank, no letter outside ASCII, whatever a file is called."""
    export(site, tmp_path / "a.warc")
    read = records(tmp_path / "a.warc")
    ids = [one[1]["WARC-Record-ID"] for one in read]
    assert len(set(ids)) == len(ids)
    uris = [one[1].get("WARC-Target-URI", "urn:x") for one in read]
    assert all(re.fullmatch(r"[a-z]+:[!-~]+", uri) for uri in uris)
    assert "urn:x-syndicator:%C3%BC%20100%25.md" in uris


def test_the_same_archive_makes_the_same_file(site: Trial, tmp_path: Path) -> None:
    """A day later too, ids and dates included."""
    export(site, tmp_path / "one.warc.gz")
    site.care(lambda order: exports.warc(order, tmp_path / "two.warc.gz"), hours=24)
    assert (tmp_path / "one.warc.gz").read_bytes() == (tmp_path / "two.warc.gz").read_bytes()


def test_one_flipped_byte_in_any_record_s_bytes_is_found(site: Trial, tmp_path: Path) -> None:
    """By ``warcio check``: of every blob that is in the file."""
    export(site, tmp_path / "a.warc")
    data = (tmp_path / "a.warc").read_bytes()
    for blob in sorted(site.layout.blobs.rglob("*.*")):
        at = data.index(blob.read_bytes()) + blob.stat().st_size // 2
        bad = bytearray(data)
        bad[at] ^= 1
        (tmp_path / "bad.warc").write_bytes(bad)
        assert check(tmp_path / "bad.warc") == 1, blob


def test_a_damaged_blob_is_left_out_and_named(site: Trial, tmp_path: Path) -> None:
    """What can't be vouched for is not handed on."""
    blob = next(path for path in sorted(site.layout.blobs.rglob("*.png")))
    before = blob.read_bytes()
    blob.chmod(0o644)
    blob.write_bytes(before[:-1] + b"?")
    try:
        made = export(site, tmp_path / "a.warc")
    finally:
        blob.write_bytes(before)
        blob.chmod(0o444)
    assert made.skipped == (str(blob.relative_to(site.layout.root)),)
    assert check(tmp_path / "a.warc") == 0
    assert PNG not in (tmp_path / "a.warc").read_bytes()


def test_without_warcio_it_is_said_how_to_get_it(
    site: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package is an extra."""
    monkeypatch.setitem(sys.modules, "warcio.warcwriter", None)
    with pytest.raises(ConfigError, match="warcio"):
        export(site, tmp_path / "a.warc")
    assert list(tmp_path.iterdir()) == []
