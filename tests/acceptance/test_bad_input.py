"""Whatever is wrong with posts, pictures, configuration or archive: one clear message, no loss."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_web import ALLOW, LocalWeb, dead_port, local_web
from syndicate_command import SECRET, Ran, finish, start, syndicate
from trial_site import (
    bad_blobs,
    configure,
    ids,
    journal,
    png,
    post,
    public,
    put,
    site,
    sql,
    tree,
    webhook,
)

BOMB = "a: &a [x, x]\n" + "".join(
    f"{n}: &{n} [*{p}, *{p}]\n" for p, n in zip("abcdef", "bcdefg", strict=True)
)
BROKEN = {
    "not YAML": (b"---\ntitle: [\n---\nx", "FM003"),
    "no such day": (b"---\ntitle: t\ndate: 2024-02-31\n---\nx", "DATE003"),
    "not UTF-8": (b"---\ntitle: t\n---\ncaf\xe9", "FM007"),
    "YAML bomb": (f"---\ntitle: t\n{BOMB}---\nx".encode(), "FM009"),
    "an address twice": (b"---\ntitle: t\npermalink: good/\n---\nx", "URL001"),
}


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    """Serve pictures and receive pushes."""
    with local_web() as served:
        yield served


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make a site with one good post."""
    made = site(tmp_path)
    post(made, "2024-05-01-good.md", title="Good", permalink="good/")
    return made


def run(root: Path, *arguments: str, code: int = 0) -> Ran:
    """Make a pass that must end with this exit code."""
    ran = syndicate("run", "--drain", "0", *arguments, cwd=root)
    assert ran.code == code, ran
    return ran


# --- posts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_post_holds_back_itself_alone(root: Path, what: str) -> None:
    """It is said where, what and what to do; the exit code is 1, and everything else goes out."""
    data, code = BROKEN[what]
    put(root / "content/2024-06-01-bad.md", data)
    ran = run(root, code=1)
    assert re.search(
        rf"^2024-06-01-bad\.md(:\d+){{0,2}} {code} .+\n  help: .+", ran.err, re.MULTILINE
    ), ran.err
    assert "2 seen, 1 published, 1 held back" in ran.out
    assert list(ids(root)) == ["Good"]
    again = run(root, code=1)
    assert again.out.startswith("nothing changed")
    assert again.err == ran.err


def test_a_mended_post_goes_out(root: Path) -> None:
    """A post that was held back is published once it is mended, and the exit code is 0 again."""
    bad = root / "content/2024-06-01-bad.md"
    put(bad, BROKEN["not YAML"][0])
    run(root, code=1)
    put(bad, "---\ntitle: Mended\n---\nx")
    run(root)
    assert list(ids(root)) == ["Mended", "Good"]


def test_control_characters_reach_no_reader(root: Path) -> None:
    """A post with control characters goes out without them, or not at all; no feed breaks."""
    put(root / "content/2024-06-01-bell.md", "---\ntitle: A\x07B\n---\nring\x00 \x1b[31mred\x0b\n")
    ran = syndicate("run", cwd=root)
    assert ran.code in {0, 1}
    assert "2024-06-01-bell.md" in ran.err
    assert "\x1b" not in ran.err + ran.out
    for name in ("feed.xml", "atom.xml", "feed.json"):
        body = public(root)[name]
        assert b"Good" in body
        assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\\u00[01]", body)


def test_a_file_that_can_t_be_read_is_named(root: Path) -> None:
    """A post that turns unreadable keeps its published version; it is said, with exit code 1."""
    victim = post(root, "2024-06-01-locked.md", title="Locked")
    run(root)
    if os.geteuid() == 0:  # root reads everything: a folder in its place is as unreadable
        victim.unlink()
        victim.mkdir()
        assert "1 removed" in run(root).out
        assert list(ids(root)) == ["Good"]
        return
    put(victim, "---\ntitle: Locked again\n---\nx")
    victim.chmod(0)
    assert "SRC002" in run(root, code=1).err
    assert set(ids(root)) == {"Good", "Locked"}


def test_links_out_of_the_content_are_not_followed(root: Path) -> None:
    """A symbolic link is a warning, never a way to publish another file of the machine."""
    outside = put(root / "private.md", "---\ntitle: Private\n---\nsecret")
    (root / "content/2024-06-01-link.md").symlink_to(outside)
    (root / "content/folder").symlink_to(root)
    ran = run(root)
    assert "2024-06-01-link.md SRC001 a symbolic link is not followed\n  help: put the" in ran.err
    assert list(ids(root)) == ["Good"]
    run(root, "--strict", code=1)


def test_odd_file_names_break_no_line(root: Path) -> None:
    """Names with line feeds or without an encoding are shown harmless, one line each."""
    content = os.fsencode(root / "content")
    names = (b"2024-06-01-a\nb.md", b"2024-06-02-\xff\xfe.md", b"2024-06-03-\x1b[31m.md")
    for name in names:
        with open(content + b"/" + name, "wb") as file:  # noqa: PTH123  # a name that is no text
            file.write(b"---\ntitle: [\n---\nx")
    ran = run(root, code=1)
    told = (line for line in ran.err.splitlines() if not line.startswith("  help: "))
    starts = [line for line in told if "CFG009" not in line]  # the example's own addresses
    assert len(starts) == len(names) + 1  # and "something needs you"
    assert "\\x0ab.md" in ran.err
    assert "the file's name is not UTF-8" in ran.err
    assert "\x1b" not in ran.err
    assert list(ids(root)) == ["Good"]


# --- pictures ----------------------------------------------------------------------------------


def test_a_missing_picture_is_a_warning(root: Path, web: LocalWeb) -> None:
    """404, a dead host, a page for a picture: the post goes out without, the rest is said."""
    configure(root, network=ALLOW)
    dead = f"http://127.0.0.1:{dead_port()}/x.png"
    page = web.serve("/page.jpg", b"<!doctype html><title>Sorry</title>", "image/jpeg")
    urls = (web.url("/404.png"), dead, page)
    post(root, "2024-06-01-pictures.md", " ".join(f"![]({url})" for url in urls), title="Pictured")
    ran = run(root)
    assert "images   0 kept, 3 failed in this pass" in ran.out
    for url, reason in zip(urls, ("404 Not Found", "", "HTML"), strict=True):
        found = re.search(rf"missing  {re.escape(url)}\n +(.*); tried (again in|once)", ran.out)
        assert found, ran.out
        assert reason.lower() in found[1].lower()
        assert all(url.encode() not in body for body in public(root).values())
    assert list(ids(root)) == ["Pictured", "Good"]
    run(root, "--strict", code=1)


def test_a_picture_that_was_kept_stays(root: Path, web: LocalWeb) -> None:
    """A picture once published stays, though its host forgets it and the post is edited."""
    configure(root, network=ALLOW)
    url = web.serve("/p.png", png(4))
    post(root, "2024-06-01-p.md", f"![]({url})")
    run(root)
    web.pages.clear()
    post(root, "2024-06-01-p.md", f"Other words ![]({url})")
    run(root)
    kept = [name for name in public(root) if name.startswith("media/")]
    assert len(kept) == 1
    assert kept[0].encode() in public(root)["feed.xml"]


# --- folders -----------------------------------------------------------------------------------


def test_a_missing_content_folder_empties_nothing(root: Path) -> None:
    """Exit 1, a way out, and every file as it was."""
    run(root)
    before = tree(root / "archive")
    shutil.rmtree(root / "content")
    ran = run(root, code=1)
    assert f"syndicate: the content folder {root}" in ran.err
    assert " is missing\n  help: mount it" in ran.err
    assert tree(root / "archive") == before


@pytest.mark.parametrize("remembered", [True, False])
def test_an_emptied_content_folder_needs_force(root: Path, remembered: bool) -> None:
    """An empty folder where posts were is not believed, with or without state.db, until forced."""
    run(root)
    before = public(root)
    shutil.rmtree(root / "content")
    (root / "content").mkdir()
    if not remembered:
        (root / "archive/state.db").unlink()
    ran = run(root, code=1)
    assert "--force" in ran.err
    assert public(root) == before
    assert "1 removed" in run(root, "--force").out
    assert ids(root) == {}


def test_an_unwritable_archive_is_said(root: Path) -> None:
    """A file where the archive should be: exit 4, what, where, and what to do."""
    put(root / "archive", "in the way")
    ran = run(root, code=4)
    assert f"{root}" in ran.err
    assert "/archive" in ran.err
    assert "\n  help: " in ran.err
    assert (root / "archive").read_text(encoding="utf-8") == "in the way"
    assert "Not a directory\n  help: " in run(root, "--dry-run", code=4).err


# --- state -------------------------------------------------------------------------------------


def test_a_damaged_database_is_said_and_rebuilt(root: Path) -> None:
    """Garbage for a state.db: exit 4 and a hint; moved away, the next run rebuilds it."""
    run(root)
    before = public(root)
    state = root / "archive/state.db"
    state.write_bytes(b"no database at all, but long enough to be taken for one" * 50)
    for verb in ("run", "status"):
        ran = syndicate(verb, cwd=root)
        assert ran.code == 4, ran
        assert "state.db is damaged" in ran.err
        assert "help: move it away" in ran.err
    state.rename(root / "damaged.db")
    run(root)
    assert public(root) == before


def test_a_newer_database_is_left_alone(root: Path) -> None:
    """A state.db of a newer version: exit 4, named, and not touched."""
    run(root)
    sql(root, "UPDATE alembic_version SET version_num = '9999'")
    before = tree(root / "archive")
    ran = run(root, code=4)
    assert "written by a newer version of syndicator (schema 9999)\n  help: upgrade" in ran.err
    assert syndicate("status", cwd=root).code == 4
    assert tree(root / "archive") == before


def test_a_torn_last_line_is_cut_off(root: Path) -> None:
    """Half a line at the journal's end is what a crash leaves: the run goes on without it."""
    run(root)
    lines = journal(root)
    *_, file = sorted((root / "archive/journal").glob("*.jsonl"))
    with file.open("ab") as opened:
        opened.write(b'{"event":"version","at":"2026-')
    before = tree(root)
    run(root, "--dry-run")
    assert tree(root) == before
    run(root)
    assert journal(root) == lines
    assert run(root).out.startswith("nothing changed")


def test_a_shortened_journal_is_said(root: Path) -> None:
    """A journal that lost lines the database knows of: exit 4, and nothing is made worse."""
    run(root)
    *_, file = sorted((root / "archive/journal").glob("*.jsonl"))
    whole = file.read_bytes()
    file.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    before = public(root)
    ran = run(root, code=4)
    assert "is shorter than state.db remembers" in ran.err
    assert "help: restore the journal" in ran.err
    assert public(root) == before
    file.write_bytes(whole)
    run(root)


def test_a_line_of_nonsense_in_the_journal_is_said(root: Path) -> None:
    """A whole line that can't be read stops the run with exit 4; it is never skipped."""
    run(root)
    *_, file = sorted((root / "archive/journal").glob("*.jsonl"))
    with file.open("ab") as opened:
        opened.write(b"nonsense\n")
    assert "holds a line that can't be read" in run(root, code=4).err


# --- configuration -----------------------------------------------------------------------------


def test_every_fault_of_the_configuration_is_said_at_once(root: Path) -> None:
    """Unknown keys, wrong types, missing settings: each with its place and a hint, exit 2."""
    put(
        root / "config/syndicator.toml",
        '[site]\ntitel = "x"\nurl = "nowhere"\n[content]\nroot = 5\n'
        '[[publish]]\ntype = "rss"\npath = "../out.xml"\n',
    )
    ran = run(root, code=2)
    places = re.findall(r"syndicator\.toml:(\d+):(\d+) (CFG\d+)", ran.err)
    assert {("2", "1"), ("3", "1"), ("5", "1"), ("8", "1")} <= {(a, b) for a, b, _ in places}
    assert "did you mean" in ran.err
    assert "title" in ran.err
    assert "timezone" in ran.err
    assert not (root / "archive").exists()


def test_a_missing_configuration_is_said(tmp_path: Path) -> None:
    """No configuration anywhere: exit 2 and where it was looked for."""
    ran = syndicate("run", cwd=tmp_path)
    assert ran.code == 2
    assert "help: " in ran.err


def test_a_missing_secret_is_said_and_never_shown(root: Path) -> None:
    """A secret that is unset, or no secret: exit 2, its source named, its value not shown."""
    configure(root, publish=webhook("https://ops.example/hook"))
    for value in ("", "hunter2-is-no-secret", "whsec_hunter2"):
        ran = syndicate("run", cwd=root, env={"SYNDICATOR_OPS_SECRET": value})
        assert ran.code == 2
        assert re.search(r"syndicator\.toml:\d+:1 CFG008 .*SYNDICATOR_OPS_SECRET", ran.err)
        assert "hunter2" not in ran.err + ran.out


def test_no_secret_is_written_anywhere(root: Path, web: LocalWeb) -> None:
    """Neither a secret nor a receiver's address gets into the archive or into any output."""
    canary = "canary-in-the-path"
    address = web.url(f"/{canary}?token={canary}")
    configure(root, publish=webhook(address, since="all"), network=ALLOW)
    post(root, "2024-06-01-b.md")
    web.answers.extend([500, 204])
    printed = [
        syndicate("run", "--drain", "0", cwd=root),
        syndicate("run", "--json", "--drain", "0", cwd=root),
        syndicate("status", cwd=root),
        syndicate("status", "--json", cwd=root),
        syndicate("check", cwd=root),
        syndicate("config", "show", cwd=root),
        syndicate("config", "show", "--json", cwd=root),
        finish(start("run", "--drain", "0", cwd=root)),
    ]
    assert web.pushes[0].path.startswith(f"/{canary}")
    key = SECRET.removeprefix("whsec_")
    for ran in printed:
        assert ran.code == 0, ran
        assert canary not in ran.out + ran.err
        assert key not in ran.out + ran.err
    for path in (root / "archive").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert canary.encode() not in data, path
            assert key.encode() not in data, path
            assert b"a secret of thirty-two bytes" not in data, path
    assert bad_blobs(root) == []


def test_usage_is_said(tmp_path: Path) -> None:
    """A verb or an option that does not exist: exit 2."""
    for arguments in (("walk",), ("run", "--fast"), ("run", "--drain", "soon"), ()):
        ran = syndicate(*arguments, cwd=tmp_path)
        assert ran.code == 2
        assert "usage: syndicate" in ran.err
