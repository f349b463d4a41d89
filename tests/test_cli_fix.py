"""Putting right: only the bytes that are named, whole or not at all, and once is enough."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.cli import fix
from syndicator.config.load import load
from syndicator.cycle.examine import Examiner, Look
from syndicator.model.posts import Edit, Problem, Reading, Source
from syndicator.publish import registered

SITE = Callable[..., Path]


def _problem(*edits: Edit, code: str = "TXT013", safe: bool = True) -> Problem:
    return Problem(path="a.md", code=code, says=f"{edits}", edits=edits, safe=safe)


def _edit(start: int, end: int, text: str = "") -> Edit:
    return Edit(start=start, end=end, text=text)


@st.composite
def _edited(draw: st.DrawFn) -> tuple[bytes, list[Problem]]:
    data = draw(st.binary(max_size=60))
    place = st.integers(-2, len(data) + 2)
    text = st.text(max_size=4) | st.just("\ud800")
    edits = st.builds(Edit, start=place, end=place, text=text)
    groups = draw(st.lists(st.lists(edits, max_size=3), max_size=5))
    return data, [_problem(*group) for group in groups]


@given(_edited())
def test_what_is_changed_is_only_what_is_named(case: tuple[bytes, list[Problem]]) -> None:
    """Bytes no edit names come out as they were; each edit made stands there as it was given."""
    data, problems = case
    made = fix.apply(data, problems)
    edits = sorted((e for one in made.problems for e in one.edits), key=lambda e: e.start)
    old, new = 0, 0
    for edit in edits:
        text = edit.text.encode()
        kept = edit.start - old
        assert kept >= 0
        assert 0 <= edit.start <= edit.end <= len(data)
        assert made.data[new : new + kept] == data[old : edit.start]
        assert made.data[new + kept : new + kept + len(text)] == text
        old, new = edit.end, new + kept + len(text)
    assert made.data[new:] == data[old:]
    assert all(one in problems for one in made.problems)


def test_edits_that_meet_are_not_made_together() -> None:
    """The first problem counts; the other is for the next round."""
    first, second = _problem(_edit(0, 3, "X")), _problem(_edit(2, 4, "Y"))
    assert fix.apply(b"abcdef", [first, second]) == (b"Xdef", (first,))


def test_a_problem_is_put_right_whole_or_not_at_all() -> None:
    """Half of a pair of quotes would be worse than none."""
    quotes = _problem(_edit(0, 0, '"'), _edit(99, 99, '"'))
    assert fix.apply(b"abc", [quotes]) == (b"abc", ())


def test_neighbours_are_no_meeting() -> None:
    """Edits that touch are apart."""
    both = [_problem(_edit(0, 2, "X")), _problem(_edit(2, 2, "-")), _problem(_edit(4, 6, "Y"))]
    assert fix.apply(b"abcdef", both).data == b"X-cdY"


# --- with the rooms that find the edits ---------------------------------------------------------


@pytest.fixture
def examiner(small_site: Callable[..., Path]) -> Examiner:
    """Make a site with a few pictures, and look at it."""
    root = small_site()
    for name in ("RAIN.png", "Wind.PNG"):
        (root / "content" / name).write_bytes(b"")
    return Examiner(load(root / "config" / "syndicator.toml", registered()))


def _source(data: bytes) -> Source:
    modified = datetime(2021, 1, 1, tzinfo=UTC)
    return Source(path="a.md", data=data, digest=sha256(data).hexdigest(), modified=modified)


FRONT = (
    b"title: Rain",
    b"title: Issue #5 fixed",
    b"title: Ra\xe2\x80\x8bin  ",
    b"title: 2020",
    b"sumary: It fell\nlang: no",
    b"permalink: rain/",
    b"summary: A\xef\xbc\x9aB  ",
    b"image: https://a.example/?a&amp;b",
)
BODY = (
    b"![x](rain.png)\r\n",
    b"![x](rain.png) ![y](wind.png)\n",
    b"![x](wind.png) ![wind.png](wind.png)",
    b"",
)
POSTS = [
    mark + b"---\n" + front + b"\ndate: 2020-12-01\n---\n" + body
    for mark, front, body in product((b"", b"\xef\xbb\xbf"), FRONT, BODY)
]


@pytest.mark.parametrize("unsafe", [False, True])
def test_twice_is_once(examiner: Examiner, unsafe: bool) -> None:
    """What was put right needs no more putting right, and the post stays what it was."""
    changed = 0
    for data in POSTS:
        source = _source(data)
        made = fix.mend(examiner, source, lambda one: one.safe or unsafe)
        if made is None:
            continue
        changed += 1
        assert fix.mend(examiner, _source(made.data), lambda one: one.safe or unsafe) is None
        assert all(one.safe or unsafe for one in made.problems)
        before = examiner.one(source).reading.standing
        assert examiner.one(_source(made.data)).reading.standing in {before, "post"}
    assert changed >= 4


def test_only_what_is_wanted_is_put_right(examiner: Examiner) -> None:
    """The picture of the other name stays as it is written."""
    data = b"---\ntitle: Rain\ndate: 2020-12-01\n---\n![x](rain.png) ![y](wind.png)\n"
    made = fix.mend(examiner, _source(data), lambda one: "rain" in one.says)
    assert made is not None
    assert made.data == data.replace(b"rain.png", b"RAIN.png")
    assert [one.code for one in made.problems] == ["IMG001"]


class Scripted:
    """An examiner whose findings are given: what each text has wrong, and what it then is."""

    def __init__(self, script: dict[bytes, tuple[str, list[Problem]]]) -> None:
        self.script = script

    def one(self, source: Source) -> Look:
        """Tell what the script says of these bytes."""
        standing, problems = self.script.get(source.data, ("post", []))
        reading = Reading(path=source.path, standing=standing)  # type: ignore[arg-type]  # a Standing
        return Look(reading, tuple(problems), ())


def _mend(script: dict[bytes, tuple[str, list[Problem]]], data: bytes) -> bytes | None:
    made = fix.mend(Scripted(script), _source(data), lambda _: True)  # type: ignore[arg-type]  # its one method
    return made.data if made else None


def test_one_edit_may_uncover_another() -> None:
    """They are made until none is left."""
    script = {
        b"a": ("post", [_problem(_edit(0, 1, "b"))]),
        b"b": ("post", [_problem(_edit(0, 1, "c"))]),
    }
    assert _mend(script, b"a") == b"c"


def test_edits_that_undo_each_other_are_not_made() -> None:
    """A post must not change for ever."""
    script = {
        b"a": ("post", [_problem(_edit(0, 1, "b"))]),
        b"b": ("post", [_problem(_edit(0, 1, "a"))]),
    }
    assert _mend(script, b"a") is None


@pytest.mark.parametrize(
    ("before", "after"), [("post", "held"), ("draft", "post"), ("post", "draft")]
)
def test_a_post_stays_what_it_is(before: str, after: str) -> None:
    """No edit may hold a post back or publish a draft; the other edits are made all the same."""
    bad, good = _problem(_edit(0, 1, "X")), _problem(_edit(1, 2, "y"))
    script = {
        b"ab": (before, [bad, good]),
        b"Xy": (after, []),
        b"Xb": (after, []),
        b"ay": (before, [bad]),
    }
    assert _mend(script, b"ab") == b"ay"


def test_a_held_post_may_be_freed() -> None:
    """That is what putting right is for."""
    script = {b"a": ("held", [_problem(_edit(0, 1, "b"))]), b"b": ("post", [])}
    assert _mend(script, b"a") == b"b"


# --- on the disk --------------------------------------------------------------------------------


def _written(root: Path, name: str = "a.md") -> str:
    source = replace(_source(b"old"), path=name)
    return fix.write(root, fix.Fix(source=source, data=b"new", problems=()))


@pytest.mark.parametrize("name", ["a.md", "x" * 252 + ".md", "雨" * 84 + ".md"])
def test_a_file_is_replaced_whole_and_keeps_its_permissions(tmp_path: Path, name: str) -> None:
    """However long its name is; nothing is left beside it."""
    file = tmp_path / name
    file.write_bytes(b"old")
    file.chmod(0o640)
    os.utime(file, (1, 1))
    before = file.stat()
    assert _written(tmp_path, name) == ""
    assert file.read_bytes() == b"new"
    after = file.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        before.st_mode,
        before.st_uid,
        before.st_gid,
    )
    assert after.st_mtime > before.st_mtime
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_keeps_its_owner(tmp_path: Path) -> None:
    """Who puts posts right as root does not take them away from their author."""
    file = tmp_path / "a.md"
    file.write_bytes(b"old")
    os.chown(file, 4321, 8765)
    assert _written(tmp_path) == ""
    assert (file.stat().st_uid, file.stat().st_gid) == (4321, 8765)


def test_an_owner_that_cant_be_kept_is_a_reason_to_leave_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that everybody may write to has files of others."""

    def refuse(*_: object) -> None:
        raise PermissionError

    (tmp_path / "a.md").write_bytes(b"old")
    monkeypatch.setattr(shutil, "copystat", refuse)
    assert _written(tmp_path) == "its owner can't be kept"
    assert (tmp_path / "a.md").read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_keeps_its_attributes(tmp_path: Path) -> None:
    """Lists of who may read it are such, too."""
    file = tmp_path / "a.md"
    file.write_bytes(b"old")
    try:
        os.setxattr(file, "user.note", b"mine")
    except OSError:
        pytest.skip("this disk has no attributes")
    assert _written(tmp_path) == ""
    assert os.getxattr(file, "user.note") == b"mine"


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    """Its author is at work on it."""
    file = tmp_path / "a.md"
    file.write_bytes(b"newer")
    assert _written(tmp_path) == "changed meanwhile"
    assert file.read_bytes() == b"newer"
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]


def test_a_file_that_is_gone_does_not_come_back(tmp_path: Path) -> None:
    """Its author deleted it."""
    assert _written(tmp_path) == "gone meanwhile"
    assert list(tmp_path.iterdir()) == []


def test_a_read_only_file_is_left_alone(tmp_path: Path) -> None:
    """Somebody said that it must not change, and means root too."""
    file = tmp_path / "a.md"
    file.write_bytes(b"old")
    file.chmod(0o444)
    assert _written(tmp_path) == "read-only"
    assert file.read_bytes() == b"old"


def test_a_file_of_several_names_is_left_alone(tmp_path: Path) -> None:
    """The others would go on with the old text."""
    (tmp_path / "a.md").write_bytes(b"old")
    (tmp_path / "b.txt").hardlink_to(tmp_path / "a.md")
    assert _written(tmp_path) == "2 hard links name it; edit it by hand"
    assert (tmp_path / "a.md").samefile(tmp_path / "b.txt")


def test_a_diff_names_the_file_and_the_lines() -> None:
    """As other tools read it."""
    made = fix.Fix(source=_source(b"a\nb\n"), data=b"a\nc\n", problems=())
    assert list(fix.diff(made, "content/a.md")) == [
        "--- content/a.md",
        "+++ content/a.md",
        "@@ -1,2 +1,2 @@",
        " a",
        "-b",
        "+c",
    ]
