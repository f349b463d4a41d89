"""What holds for identity and addresses, whatever authors do with their files."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from newsroom import DAY, HOUR, NOW, Newsroom, Paper

from syndicator.model.posts import Known
from syndicator.model.records import Record, Removal, Version

PATHS = ("a.md", "b.md", "c.md", "b.markdown")
LINKS = ("", "https://site.example/a/", "https://site.example/x/")
MOMENTS = (DAY, NOW + HOUR, NOW + 5 * HOUR)

papers = st.builds(
    Paper,
    body=st.sampled_from(("one", "two")),
    space=st.sampled_from((0, 0, 1)),
    permalink=st.sampled_from(LINKS),
    standing=st.sampled_from(("post", "post", "post", "post", "draft", "held", "skipped")),
    published=st.sampled_from((DAY, *MOMENTS)),
    expires=st.sampled_from((None, None, None, *MOMENTS)),
)
Files = dict[str, Paper]
Edit = Callable[[Files], None]


def write(path: str, paper: Paper) -> Edit:
    """Create a file, or change it in any way."""
    return lambda files: files.update({path: paper})


def drop(path: str) -> Edit:
    """Remove a file."""
    return lambda files: (files.pop(path, None), None)[1]


def rename(old: str, new: str) -> Edit:
    """Rename a file, over another one if need be."""
    return lambda files: files.update({new: files.pop(old)} if old in files else {})


def copy(old: str, new: str) -> Edit:
    """Copy a file, over another one if need be."""
    return lambda files: files.update({new: files[old]} if old in files else {})


def swap(one: str, other: str) -> Edit:
    """Let two files change their names."""

    def act(files: Files) -> None:
        if one in files and other in files:
            files[one], files[other] = files[other], files[one]

    return act


paths = st.sampled_from(PATHS)
edits = st.one_of(
    st.builds(write, paths, papers),
    st.builds(write, paths, papers),
    st.builds(drop, paths),
    st.builds(rename, paths, paths),
    st.builds(copy, paths, paths),
    st.builds(swap, paths, paths),
)
histories = st.lists(st.lists(edits, min_size=1, max_size=3), min_size=1, max_size=8)


def in_season(paper: Paper, room: Newsroom, path: str, now: timedelta) -> bool:
    """Tell whether a file is to be in the feeds, if its address is free."""
    live = path in room.live()
    over = paper.expires is not None and paper.expires <= NOW + now
    return paper.standing == "post" and not over and (live or paper.published <= NOW + now)


def check_records(
    before: Mapping[str, Known], after: Mapping[str, Known], told: list[Record]
) -> None:
    """Hold the records of a pass against what was known before and is now."""
    count = {key: post.seq for key, post in before.items()}
    for one in told:
        assert isinstance(one, Version | Removal)
        loud = isinstance(one, Removal) or one.kind in {"published", "updated"}
        assert one.seq == count.get(one.id, 0) + loud
        count[one.id] = one.seq
    assert before.keys() <= after.keys()
    assert all(after[key].published == post.published for key, post in before.items())


def check_state(room: Newsroom, now: timedelta) -> None:
    """Hold what readers have against the files."""
    live = [post for post in room.known.values() if post.live]
    assert len({post.path for post in live}) == len(live)
    assert len({post.url for post in live}) == len(live)
    owners = {post.url: post.path for post in live}
    for post in live:
        assert room.files[post.path].standing in {"post", "held"}
    for path, paper in room.files.items():
        if not in_season(paper, room, path, now):
            continue
        text = paper.candidate(path).post
        assert text is not None
        if path in room.problems:
            assert owners.get(text.url, path) != path
        else:
            assert owners[text.url] == path
            assert room.live()[path].source == paper.source


@given(histories, st.sampled_from((1, 2, 500)))
def test_identity_survives_every_history_of_files(history: list[list[Edit]], batch: int) -> None:
    """Live posts have a file and an address each; ids, dates and counts are kept; told once.

    A file is held back for its address only while another live post has it; a file that kept its
    name and its address kept its id; a pass without changes records nothing.
    """
    room = Newsroom(batch=batch)
    for hour, changes in enumerate(history):
        now = hour * HOUR
        before, stood = dict(room.known), room.live()
        for change in changes:
            change(room.files)
        told = room.make(NOW + now)
        check_records(before, room.known, told)
        check_state(room, now)
        for path, post in room.live().items():
            if path in stood and stood[path].url == post.url and batch == 500:
                assert post.id == stood[path].id
        assert room.make(NOW + now) == []
