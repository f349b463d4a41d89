"""The archive as a WARC file (WARC 1.1, ISO 28500:2017), for the tools of web archives.

Each kept answer is a response, each version of a post and each local picture a resource; bytes
that came before are a revisit. What the journal says of posts, and of redirects, is metadata. Ids
and dates are the journal's: the same archive makes the same file. Needs the package warcio.
"""

import io
from base64 import b32encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from syndicator import __version__
from syndicator.archive.catalogue import Catalogue
from syndicator.doors import blobs, files, journal, lines
from syndicator.doors.layout import Layout
from syndicator.errors import ConfigError, StoreError
from syndicator.model.keeping import Exported
from syndicator.model.records import Capture, Kept, Record, Version

_URI = "!#$%&'()*+,/:;=?@[]~"  # what a URI holds as it is
_OURS = frozenset({"content-length", "content-encoding", "transfer-encoding"})
_BYTES = "application/octet-stream"
ENDINGS = (".warc", ".warc.gz")


class _First(NamedTuple):
    """The record that holds the bytes others repeat."""

    id: str
    uri: str
    date: str


def write(
    layout: Layout,
    catalogue: Catalogue,
    target: Path,
    site: str,
    progress: Callable[[str, int, int], None],
) -> Exported:
    """Write the file; it appears whole or not at all.

    A kept file that is damaged or missing is left out, and named. Raises ConfigError where warcio
    is not installed.
    """
    try:
        from warcio.warcwriter import WARCWriter  # noqa: PLC0415  # an extra
    except ImportError as error:
        says = "this needs the package warcio, which is not installed"
        raise ConfigError(says, hint="pip install 'syndicator[warc]'") from error
    aside = target.with_name(f".{target.name}.part")
    try:
        with aside.open("wb") as file:
            writer = WARCWriter(file, gzip=target.name.endswith(".gz"), warc_version="1.1")
            made = _Warc(layout, catalogue, writer, site)
            for done, record in enumerate(_records(layout), 1):
                made.take(record)
                progress("lines", done, catalogue.lines)
        files.flush([aside])
        files.rename([(aside, target)])
    except BaseException as error:
        with suppress(OSError):
            aside.unlink()  # most likely it filled the disk
        if not isinstance(error, OSError):
            raise
        says = f"could not write {target}: {error.strerror}"
        raise StoreError(says, hint="make its folder, or free some space") from error
    size = target.stat().st_size
    return Exported(path=str(target), files=made.count, size=size, skipped=tuple(made.skipped))


def _records(layout: Layout) -> Iterator[tuple[Record, bytes]]:
    for _, line in journal.read(layout.journal):
        yield lines.decode(line), line


class _Warc:
    """A file that is being written, and what it holds so far."""

    def __init__(self, layout: Layout, catalogue: Catalogue, writer: Any, site: str) -> None:  # noqa: ANN401  # warcio has no types
        self.count = 0
        self.skipped: list[str] = []
        self._layout = layout
        self._catalogue = catalogue
        self._writer = writer
        self._site = site
        self._first: dict[str, _First] = {}  # by digest
        self._right: dict[str, bool] = {}  # by the name of the blob
        self._info()

    def take(self, entry: tuple[Record, bytes]) -> None:
        """Write what one line of the journal tells of."""
        record, line = entry
        match record:
            case Kept():
                uri = f"urn:x-syndicator:{quote(record.path)}"
                self._bytes(record.digest, uri, record.at, "text/markdown", None)
            case Capture() if record.digest:
                self._capture(record, line)
            case Version() if record.source in self._first:
                of = self._first[record.source].id
                self._metadata(record.url, record.at, line, of)
            case _:
                pass

    def _capture(self, record: Capture, line: bytes) -> None:
        answered = record.status and record.came_from.startswith("http")
        uri = record.came_from if answered else record.url
        uri = f"urn:sha256:{record.digest}" if uri.startswith("data:") else uri
        kind = record.media_type or record.declared or _BYTES
        written = self._bytes(record.digest, uri, record.at, kind, record if answered else None)
        if written and uri != record.url:  # redirects: what was asked for first
            self._metadata(record.url, record.at, line, written)

    def _bytes(
        self, digest: str, uri: str, at: datetime, kind: str, answer: Capture | None
    ) -> str:
        """Write a response or resource, or a revisit where the bytes came before; return its id.

        Returns "" where the bytes are not there, or damaged.
        """
        place = self._place(digest)
        if place is None:
            return ""
        uri, date = quote(uri, safe=_URI), _date(at)
        first = self._first.get(digest)
        if first is not None and first.uri == uri and answer is None:
            return first.id  # the journal notes a draft again when its index was lost
        headers = self._headers(uri, date, digest)
        if first is not None:
            headers["WARC-Profile"] = self._writer.REVISIT_PROFILE_1_1
            headers["WARC-Refers-To"] = first.id
            headers["WARC-Refers-To-Target-URI"] = first.uri
            headers["WARC-Refers-To-Date"] = first.date
            self._put("revisit", uri, headers, None, _http(answer, 0) if answer else None)
        else:
            self._first[digest] = _First(headers["WARC-Record-ID"], uri, date)
            size = place.stat().st_size
            with place.open("rb") as file:
                if answer is not None:
                    self._put("response", uri, headers, (file, size), _http(answer, size))
                else:
                    headers["Content-Type"] = kind
                    self._put("resource", uri, headers, (file, size), None)
        return headers["WARC-Record-ID"]

    def _place(self, digest: str) -> Path | None:
        """Tell where right bytes of this digest lie; name those that are damaged or missing."""
        for item in self._catalogue.of_digest(digest):
            place = self._layout.blob(item.name)
            if item.gone:
                continue
            if item.name not in self._right:
                self._right[item.name] = blobs.look(place).is_right
                if not self._right[item.name]:
                    self.skipped.append(str(place.relative_to(self._layout.root)))
            if self._right[item.name]:
                return place
        return None

    def _metadata(self, uri: str, at: datetime, line: bytes, of: str) -> None:
        data = line.strip() + b"\n"
        headers = self._headers(quote(uri, safe=_URI), _date(at), "")
        headers |= {"WARC-Refers-To": of, "Content-Type": "application/json"}
        self._put("metadata", uri, headers, (io.BytesIO(data), len(data)), None)

    def _info(self) -> None:
        text = (
            f"software: syndicator/{__version__}\r\nformat: WARC File Format 1.1\r\n"
            f"isPartOf: {self._site}\r\n"
        ).encode()
        headers = self._headers("", _date(self._catalogue.ended), "")
        headers["Content-Type"] = "application/warc-fields"
        self._put("warcinfo", "", headers, (io.BytesIO(text), len(text)), None)

    def _headers(self, uri: str, date: str, digest: str) -> dict[str, str]:
        seed = f"{self._site}\n{self.count}\n{uri}\n{date}\n{digest}"
        headers = {
            "WARC-Record-ID": f"<urn:uuid:{uuid5(NAMESPACE_URL, seed)}>",
            "WARC-Date": date,
        }
        if digest:
            spelt = b32encode(bytes.fromhex(digest)).decode()
            headers["WARC-Payload-Digest"] = f"sha256:{spelt}"
        return headers

    def _put(
        self,
        kind: str,
        uri: str,
        headers: dict[str, str],
        payload: tuple[BinaryIO, int] | None,
        http: Any,  # noqa: ANN401  # warcio's own
    ) -> None:
        stream, size = payload or (None, 0)
        record = self._writer.create_warc_record(
            quote(uri, safe=_URI) if uri else "",
            kind,
            payload=stream,
            length=size,
            warc_headers_dict=headers,
            warc_content_type=headers.get("Content-Type", ""),
            http_headers=http,
        )
        self._writer.write_record(record)
        self.count += 1


def _http(answer: Capture, size: int) -> Any:  # noqa: ANN401  # warcio's own
    """Return the head of an answer as it was recorded; its length is that of the kept bytes."""
    from warcio.statusandheaders import StatusAndHeaders  # noqa: PLC0415  # an extra

    try:
        phrase = HTTPStatus(answer.status).phrase
    except ValueError:
        phrase = ""
    kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in _OURS]
    kept += [("content-length", str(size))] if size else []
    return StatusAndHeaders(f"{answer.status} {phrase}".strip(), kept, protocol="HTTP/1.1")


def _date(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
