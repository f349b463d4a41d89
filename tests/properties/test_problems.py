"""What a pass tells is what ``check`` finds, whatever happened before; and the journal has it."""

import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from sqlite3 import connect

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st
from trial import PNG, Trial

from syndicator.config.load import load
from syndicator.cycle.examine import Examiner
from syndicator.cycle.selection import Selection, holds
from syndicator.doors import journal, lines
from syndicator.doors.files import Mark
from syndicator.doors.scan import scan
from syndicator.model.posts import Problem
from syndicator.model.records import Note, Noted
from syndicator.publish import registered

PATHS = ("a.md", "A.md", "b.md", "n/c.md", "d.MD")
Act = Callable[[Trial], None]
Told = tuple[str, str, int, int, str, str]


def write(path: str, matter: dict[str, str], body: str) -> Act:
    """Write a post."""
    known = {name: value for name, value in matter.items() if value}
    return lambda site: site.write(path, body, **known)


def copy(path: str, other: str) -> Act:
    """Let a file hold what another one holds, if that is there."""

    def act(site: Trial) -> None:
        file = site.root / "content" / path
        if file.exists():
            target = site.root / "content" / other
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
            site.age(other)

    return act


def drop(path: str) -> Act:
    """Remove a file, if it is there."""
    return lambda site: (site.root / "content" / path).unlink(missing_ok=True)


def picture(name: str, data: bytes) -> Act:
    """Put a picture, or what is none, beside the posts; or take it away."""

    def act(site: Trial) -> None:
        file = site.root / "content" / name
        if data:
            file.write_bytes(data)
            site.age(name)
        else:
            file.unlink(missing_ok=True)

    return act


def answer(status: int, data: bytes) -> Act:
    """Let picture hosts answer so from now on."""

    def act(site: Trial) -> None:
        site.says = lambda _request: httpx.Response(status, content=data)

    return act


def later(hours: int) -> Act:
    """Let time go by."""

    def act(site: Trial) -> None:
        site.now += timedelta(hours=hours)

    return act


def ignore(codes: str) -> Act:
    """Let the configuration silence these codes from now on."""

    def act(site: Trial) -> None:
        site.tables = f"[check]\nignore = [{codes}]\n" if codes else ""

    return act


def forget() -> Act:
    """Lose the database: the next pass makes it anew."""

    def act(site: Trial) -> None:
        for file in site.layout.root.glob("state.db*"):
            file.unlink()

    return act


def one_of(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(values)


paths = st.sampled_from(PATHS)
matters = st.fixed_dictionaries(
    {
        "title": one_of("Rain", "RAIN", "Wind", "2020", ""),
        "date": one_of("2026-11-01", "2026-11-02", "2026-99-99", "2027-01-01", "2026-11-23"),
        "summary": one_of("", "It fell.", "It blew."),
        "permalink": one_of("", "", "/x/", "/y/"),
        "redirect_from": one_of("", "", "/x/", "/a/"),
        "id": one_of("", "", "1", "2"),
        "image": one_of("", "https://img.example/a.png", "b.png", "/c.png"),
        "syndicate": one_of("", "", "{ignore: [TXT005]}", "{ignore: [IMG, NOPE1]}"),
        "expires": one_of("", "", "", "2026-11-23"),
        "draft": one_of("", "", "", "true"),
    }
)
bodies = one_of(
    "It fell.",
    "It blew.",
    "It fell. ![](b.png)",
    "It fell.\n\n![x](https://img.example/a.png)\n\nSource: Taipei Times",
    "It fell. [b](b.md) [c](n/c.md)",
    "It blew.\n\nDate: 2026-11-01\nSource: Taipei times",
    "It blew.\n\nSource: TaipeiTimes",
    "",
)
acts = st.one_of(
    st.builds(write, paths, matters, bodies),
    st.builds(write, paths, matters, bodies),
    st.builds(write, paths, matters, bodies),
    st.builds(copy, paths, paths),
    st.builds(drop, paths),
    st.builds(picture, one_of("b.png", "B.png"), st.sampled_from((PNG, PNG[:40], b""))),
    st.builds(answer, st.sampled_from((200, 404, 500)), st.sampled_from((PNG, b"<html>"))),
    st.builds(later, st.sampled_from((1, 30))),
    st.builds(ignore, one_of("", '"TXT005"', '"IMG"')),
    st.builds(forget),
)


def told(problem: Problem) -> Told:
    """Return what is compared of a problem: all but its advice and its edits."""
    one = problem
    return one.path, one.code, one.line, one.column, one.severity, one.says


def examined(site: Trial) -> list[Told]:
    """Return what ``check`` would tell now, and what it would not but holds a post back."""
    configured = load(site.file, registered())
    found = Examiner(configured).all(site.now)
    selection = Selection(configured=configured.check.ignore, silenced=found.silenced)
    return sorted(told(one) for one in found.problems if selection.tells(one) or holds(one))


def journalled(site: Trial) -> list[Told]:
    """Return what is wrong by the journal's last word on each file."""
    last: dict[str, tuple[Note, ...]] = {}
    for _, line in journal.read(site.layout.journal):
        record = lines.decode(line)
        if isinstance(record, Noted):
            assert last.get(record.path, ()) != record.problems, "a line that says nothing new"
            last[record.path] = record.problems
    return sorted(
        (path, one.code, one.line, one.column, one.severity, one.says)
        for path, some in last.items()
        for one in some
    )


def content(site: Trial) -> set[tuple[str, Mark | None]]:
    """Return what is in the content folder."""
    return set(scan(site.root / "content"))


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.lists(acts, min_size=1, max_size=4), st.booleans()), min_size=1, max_size=6
    )
)
def test_a_pass_tells_what_check_finds(history: list[tuple[list[Act], bool]]) -> None:
    """Problem by problem, after any history; the journal's last word is the same.

    A pass that is told what was written, and looks at no more, leaves nothing to one that looks
    at all; and one that looks at no file forgets nothing.
    """
    with tempfile.TemporaryDirectory() as folder:
        site = Trial(root=Path(folder))
        for some, seen in history:
            site.order()
            before = content(site)
            for act in some:
                act(site)
            names = frozenset(path for path, _ in before ^ content(site))
            report = site.make(force=True, written=names if seen else None)
            if seen:
                whole = site.make(hours=0, force=True)
                assert whole.problems == report.problems
                done = (whole.published, whole.updated, whole.removed, whole.documents)
                assert done == (0, 0, 0, ())
            now = sorted(map(told, report.problems))
            assert now == examined(site)
            assert now == journalled(site)
            glanced = site.make(force=True, written=frozenset(), confirm=True)
            looked = site.make(force=True)
            assert glanced.problems == looked.problems == report.problems
        with closing(connect(str(site.layout.state))) as db:
            assert not db.execute("SELECT path FROM reading WHERE stale OR pending").fetchall()
