"""The archive as a bag (BagIt 1.0, RFC 8493): a folder any archive in the world can take in.

The same archive makes the same bag, byte for byte: its date is that of the journal's last line.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256, sha512
from pathlib import Path
from typing import NamedTuple

from syndicator import __version__
from syndicator.archive.catalogue import Catalogue
from syndicator.doors import files
from syndicator.doors.layout import Layout
from syndicator.errors import StoreError
from syndicator.model.keeping import Exported

_DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_PIECE = 1 << 20  # bytes copied at a time


class _Sums(NamedTuple):
    """A file of the bag, by its path in it, and its two digests."""

    path: str
    sha256: str
    sha512: str
    size: int


def write(
    layout: Layout,
    catalogue: Catalogue,
    target: Path,
    site: str,
    progress: Callable[[str, int, int], None],
) -> Exported:
    """Write the bag into the folder ``target``, which must not be there or be empty.

    It appears whole or not at all. A kept file that is damaged or missing is left out, and named.
    Raises StoreError where the folder can't be written.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise StoreError(f"{target} is there already", hint="name a folder that is new or empty")
    aside = target.with_name(f".{target.name}.part")
    shutil.rmtree(aside, ignore_errors=True)  # a part of an interrupted export
    if os.path.lexists(aside):
        raise StoreError(f"{aside} is in the way", hint="delete it: it is a part of an old export")
    try:
        sums, skipped = _filled(aside, layout, catalogue, progress)
        tags = [*_manifests(aside, sums, "manifest"), *_tags(aside, sums, catalogue, site)]
        _manifests(aside, tags, "tagmanifest")
        if target.exists():
            target.rmdir()
        files.rename([(aside, target)])
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)  # most likely it filled the disk
        raise
    return Exported(
        path=str(target),
        files=len(sums),
        size=sum(one.size for one in sums),
        skipped=tuple(skipped),
    )


def _filled(
    aside: Path, layout: Layout, catalogue: Catalogue, progress: Callable[[str, int, int], None]
) -> tuple[list[_Sums], list[str]]:
    """Copy what is to be in the bag; name what is left out."""
    sums, skipped = [], []
    wanted = list(_payload(layout, catalogue))
    for done, (source, path, digest) in enumerate(wanted, 1):
        copied = _copy(source, aside, path)
        if copied is None or (digest and copied.sha256 != digest):
            (aside / path).unlink(missing_ok=True)
            skipped.append(str(source.relative_to(layout.root)))
        else:
            sums.append(copied)
        progress("files", done, len(wanted))
    return sums, skipped


def _payload(layout: Layout, catalogue: Catalogue) -> Iterator[tuple[Path, str, str]]:
    """Yield each file, where it goes, and the digest it must have, "" for any."""
    yield layout.letter, f"data/{layout.letter.name}", ""
    for month in sorted(layout.journal.glob("*.jsonl")):
        yield month, f"data/journal/{month.name}", ""
    for item in catalogue.present():
        blob = layout.blob(item.name)
        yield blob, f"data/{blob.relative_to(layout.root).as_posix()}", item.digest
    for path in sorted(layout.public.rglob("*")):
        if path.is_file() and layout.media not in path.parents:
            yield path, f"data/{path.relative_to(layout.root).as_posix()}", ""


def _copy(source: Path, root: Path, path: str) -> _Sums | None:
    """Copy a file into the bag, with both digests of what was copied; None if it can't be read."""
    target = root / path
    files.make_folder(target.parent)
    short, long, size = sha256(), sha512(), 0
    try:
        with target.open("wb") as new:
            for piece in _pieces(source):
                if piece is None:
                    return None
                short.update(piece)
                long.update(piece)
                size += new.write(piece)
    except OSError as error:
        says = f"could not write {target}: {error.strerror}"
        raise StoreError(says, hint="free some space, or check the permissions") from error
    return _Sums(path, short.hexdigest(), long.hexdigest(), size)


def _pieces(source: Path) -> Iterator[bytes | None]:
    """Yield what a file holds; None at the end if the disk does not give it."""
    try:
        with source.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece
    except OSError:
        yield None


def _manifests(root: Path, sums: Iterable[_Sums], kind: str) -> list[_Sums]:
    listed = sorted(sums)
    texts = {
        f"{kind}-sha256.txt": "".join(f"{one.sha256}  {_spelt(one.path)}\n" for one in listed),
        f"{kind}-sha512.txt": "".join(f"{one.sha512}  {_spelt(one.path)}\n" for one in listed),
    }
    return [_text(root, name, text) for name, text in texts.items()]


def _spelt(path: str) -> str:
    """Write a path as manifests do (RFC 8493, 2.1.3)."""
    return path.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def _tags(root: Path, sums: list[_Sums], catalogue: Catalogue, site: str) -> list[_Sums]:
    size = sum(one.size for one in sums)
    info = {
        "Bag-Software-Agent": f"syndicator/{__version__}",
        "Bagging-Date": catalogue.ended.strftime("%Y-%m-%d"),
        "External-Description": f"Posts and pictures of {site}, with the journal of their history",
        "Payload-Oxum": f"{size}.{len(sums)}",
    }
    text = "".join(f"{label}: {value}\n" for label, value in info.items())
    return [_text(root, "bagit.txt", _DECLARATION), _text(root, "bag-info.txt", text)]


def _text(root: Path, name: str, text: str) -> _Sums:
    data = text.encode()
    files.make_folder(root)
    files.write(root / name, data)
    return _Sums(name, sha256(data).hexdigest(), sha512(data).hexdigest(), len(data))
