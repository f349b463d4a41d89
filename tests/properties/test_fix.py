"""Properties of examining and putting right, over posts made of what goes wrong in posts."""

import difflib
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.cli import fix
from syndicator.config.load import load
from syndicator.cycle.examine import Examiner
from syndicator.model.posts import Problem, Source
from syndicator.publish import registered

LINES = (
    "title: Rain",
    "title: Issue #5 fixed",
    "title: Ra\u200bin  ",
    "title: Rain\uff1aday",
    "title: 2020",
    "sumary: It fell",
    "lang: no",
    "time: 12:30",
    "date: 2020-12-01",
    "date: 2020-12-01 10:00",
    "draft: true",
    "permalink: rain/",
    "image: https://a.example/?a&amp;b",
    "image: rain.png",
    "tags: [no, 0123, a]  ",
    "\ttab: 1",
    "key:value",
    "",
)
TEXTS = (
    "![x](rain.png)",
    '![x](wind.png "wind.png")',
    "It fell.  ",
    "A\uff1aB \u200b",
    "# One",
    "Date: 2020-11-30",
    "<!-- syndicate-ignore IMG -->",
    "",
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def _posts(draw: st.DrawFn) -> bytes:
    end = draw(ENDS)
    front = draw(st.lists(st.sampled_from(LINES), max_size=6))
    body = draw(st.lists(st.sampled_from(TEXTS), max_size=4))
    mark = draw(st.sampled_from(["", "\ufeff", "\n"]))
    return (mark + end.join(["---", *front, "---", *body, ""])).encode()


@pytest.fixture(scope="module")
def examiner(tmp_path_factory: pytest.TempPathFactory) -> Examiner:
    """Make a site with pictures whose names differ from those that posts use."""
    root: Path = tmp_path_factory.mktemp("site")
    for name in ("RAIN.png", "winds.png"):
        (root / name).write_bytes(b"")
    (root / "syndicator.toml").write_text(
        '[site]\ntitle = "x"\nurl = "https://site.example/"\ntimezone = "Asia/Taipei"\n'
        '[content]\nroot = "."\n[serve]\nurl = "https://feeds.example/"\n'
    )
    return Examiner(load(root / "syndicator.toml", registered()))


def _source(data: bytes) -> Source:
    modified = datetime(2021, 1, 1, tzinfo=UTC)
    return Source(path="a.md", data=data, digest=sha256(data).hexdigest(), modified=modified)


@given(data=_posts(), unsafe=st.booleans())
def test_twice_is_once(examiner: Examiner, data: bytes, unsafe: bool) -> None:
    """Putting right leaves nothing to put right, and makes of no post what it was not."""

    def wanted(problem: Problem) -> bool:
        return problem.safe or unsafe

    made = fix.mend(examiner, _source(data), wanted)
    if made is not None:
        assert made.data != data
        assert made.problems
        assert all(wanted(one) for one in made.problems)
        assert fix.mend(examiner, _source(made.data), wanted) is None
        before = examiner.one(_source(data)).reading.standing
        after = examiner.one(_source(made.data)).reading.standing
        assert before in {after, "held"}


@given(data=_posts())
def test_edits_lie_in_the_line_they_are_told_of(examiner: Examiner, data: bytes) -> None:
    """Every problem's edits fit the bytes it was found in, and change no line without need."""
    for one in examiner.one(_source(data)).problems:
        if one.edits:
            made = fix.apply(data, [one])
            assert made.problems == (one,)
            assert made.data != data
            old, new = data.splitlines(), made.data.splitlines()
            matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
            changed = sum(i2 - i1 for kind, i1, i2, *_ in matcher.get_opcodes() if kind != "equal")
            assert changed <= len(one.edits)


@given(
    data=st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))
)
def test_no_bytes_stop_the_examination(examiner: Examiner, data: bytes) -> None:
    """Whatever a file holds is told as problems, and each can be worded and found."""
    for one in examiner.one(_source(data)).problems:
        assert one.path == "a.md"
        assert one.says
        assert one.line >= 0
        assert one.column >= 0
