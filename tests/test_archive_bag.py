"""The archive as a bag: valid to the Library of Congress' own validator, and always the same."""

from pathlib import Path

import bagit
import pytest
from archives import archive
from trial import Trial

from syndicator.cycle import exports
from syndicator.errors import StoreError
from syndicator.model.keeping import Exported


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """Make one archive for all tests here; none changes it for good."""
    return archive(tmp_path_factory.mktemp("site"))


def export(site: Trial, target: Path) -> Exported:
    return site.care(lambda order: exports.bagit(order, target))


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_bag_is_valid_and_whole(site: Trial, tmp_path: Path) -> None:
    """The validator agrees, and every blob and every line of the journal is in it."""
    made = export(site, tmp_path / "bag")
    assert made.skipped == ()
    bag = bagit.Bag(str(tmp_path / "bag"))
    bag.validate()
    assert bag.version_info == (1, 0)
    assert sorted(bag.algorithms) == ["sha256", "sha512"]
    data = contents(tmp_path / "bag/data")
    blobs = {f"blobs/sha256/{name}": body for name, body in contents(site.layout.blobs).items()}
    journal = {f"journal/{name}": body for name, body in contents(site.layout.journal).items()}
    assert data.items() >= (blobs | journal).items()
    assert {"README.txt", "public/atom.xml"} <= data.keys()
    assert made.files == len(data)


def test_one_flipped_byte_in_any_file_of_the_bag_is_found(site: Trial, tmp_path: Path) -> None:
    """By the validator, in payload and tags alike."""
    export(site, tmp_path / "bag")
    bagit.LOGGER.disabled = True  # it says what is tested here
    for path in sorted((tmp_path / "bag").rglob("*")):
        if path.is_file() and not path.name.startswith("tagmanifest"):
            before = path.read_bytes()
            path.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
            assert _refused(tmp_path / "bag"), path
            path.write_bytes(before)
    bagit.Bag(str(tmp_path / "bag")).validate()


def _refused(folder: Path) -> bool:
    try:
        return not bagit.Bag(str(folder)).is_valid()
    except (bagit.BagError, UnicodeDecodeError):  # what is no bag at all
        return True


def test_the_same_archive_makes_the_same_bag(site: Trial, tmp_path: Path) -> None:
    """A day later too: its date is that of the journal's last line."""
    export(site, tmp_path / "one")
    site.care(lambda order: exports.bagit(order, tmp_path / "two"), hours=48)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_damaged_file_is_left_out_and_named(site: Trial, tmp_path: Path) -> None:
    """A bag never passes on bytes that are not what their name says."""
    blob = next(path for path in sorted(site.layout.blobs.rglob("*.png")))
    before = blob.read_bytes()
    blob.chmod(0o644)
    blob.write_bytes(before[:-1] + b"?")
    try:
        made = export(site, tmp_path / "bag")
    finally:
        blob.write_bytes(before)
        blob.chmod(0o444)
    assert made.skipped == (str(blob.relative_to(site.layout.root)),)
    bagit.Bag(str(tmp_path / "bag")).validate()


def test_a_file_that_can_not_be_read_is_left_out_and_named(site: Trial, tmp_path: Path) -> None:
    """An archive is handed on when its disk fails, too."""
    blob = next(path for path in sorted(site.layout.blobs.rglob("*.png")))
    aside = blob.rename(tmp_path / "aside")
    blob.mkdir()  # reading it fails, as on a bad sector
    try:
        made = export(site, tmp_path / "bag")
    finally:
        blob.rmdir()
        aside.rename(blob)
    assert made.skipped == (str(blob.relative_to(site.layout.root)),)
    bagit.Bag(str(tmp_path / "bag")).validate()


def test_a_folder_that_holds_something_is_not_written_to(site: Trial, tmp_path: Path) -> None:
    """An empty one is."""
    (tmp_path / "bag").mkdir()
    export(site, tmp_path / "bag")
    with pytest.raises(StoreError, match="already"):
        export(site, tmp_path / "bag")


def test_a_part_of_a_bag_is_no_bag(site: Trial, tmp_path: Path) -> None:
    """An interrupted export leaves nothing, on a full disk least of all; the next one is whole."""

    def stop(_what: str, done: int, _total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        site.care(lambda order: exports.bagit(order._replace(progress=stop), tmp_path / "bag"))
    assert list(tmp_path.iterdir()) == []
    export(site, tmp_path / "bag")
    bagit.Bag(str(tmp_path / "bag")).validate()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bag"]
