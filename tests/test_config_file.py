"""Finding and reading the configuration file, before anybody judges it."""

import subprocess
import sys
from pathlib import Path

import pytest

from syndicator.config import file
from syndicator.errors import ConfigError


def _config(folder: Path) -> Path:
    (folder / "config").mkdir(parents=True)
    path = folder / "config" / "syndicator.toml"
    path.write_text("", encoding="utf-8")
    return path


def test_the_option_comes_before_the_variable_and_the_folder(tmp_path: Path) -> None:
    """--config decides, then SYNDICATOR_CONFIG, then the file in the folder."""
    here = _config(tmp_path)
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.touch()
    two.touch()
    environ = {"SYNDICATOR_CONFIG": "two.toml"}
    assert file.find("one.toml", environ, tmp_path) == one
    assert file.find(None, environ, tmp_path) == two
    assert file.find(None, {"SYNDICATOR_CONFIG": ""}, tmp_path) == here


@pytest.mark.parametrize(
    ("explicit", "environ"), [("no.toml", {}), (None, {"SYNDICATOR_CONFIG": "no.toml"})]
)
def test_a_file_asked_for_by_name_is_never_replaced(
    tmp_path: Path, explicit: str | None, environ: dict[str, str]
) -> None:
    """A named file that is missing is an error although another one could be found."""
    _config(tmp_path)
    with pytest.raises(ConfigError, match=r"no\.toml") as caught:
        file.find(explicit, environ, tmp_path)
    assert "syndicate init" in caught.value.hint


def test_nothing_found_names_every_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no configuration is found, the error lists all places and the way out."""
    monkeypatch.setattr(file, "PLACES", (Path("config/syndicator.toml"), tmp_path / "etc.toml"))
    with pytest.raises(ConfigError) as caught:
        file.find(None, {}, tmp_path)
    for place in ("--config", "SYNDICATOR_CONFIG", "config/syndicator.toml", "etc.toml"):
        assert place in caught.value.says
    assert "syndicate init" in caught.value.hint


def test_a_file_that_can_not_be_looked_at_is_not_passed_over(tmp_path: Path) -> None:
    """A link in a circle is found, so that reading it says what is wrong with it."""
    loop = tmp_path / "config" / "syndicator.toml"
    loop.parent.mkdir()
    loop.symlink_to(loop)
    assert file.find(None, {}, tmp_path) == loop
    with pytest.raises(ConfigError) as caught:
        file.read(loop)
    assert "symbolic links" in caught.value.problems[0].says


@pytest.mark.parametrize(
    ("data", "code", "place", "says"),
    [
        (b"a = 1\nb = \n", "CFG002", (2, 5), "not TOML"),
        (b"[publish]\n[publish]\n", "CFG002", (2, 9), "twice"),
        (b'a = """x', "CFG002", (1, 9), "not TOML"),
        (b"a = " + b"[" * 100_000, "CFG002", (0, 0), "nested too deeply"),
        (b"a = " + b"9" * 5000, "CFG002", (0, 0), "not TOML"),
        (b"# \xc3\xa9\na = '\xff'", "CFG001", (2, 6), "byte 0xff is not UTF-8"),
        (b" " * (2**20 + 1), "CFG001", (0, 0), "larger than"),
    ],
)
def test_a_broken_file_is_refused_at_its_place(
    tmp_path: Path, data: bytes, code: str, place: tuple[int, int], says: str
) -> None:
    """What is not TOML, or not text, is named with line and column where they are known."""
    path = tmp_path / "x.toml"
    path.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        file.read(path)
    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == (str(path), code)
    assert (problem.line, problem.column) == place
    assert says in problem.says


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    """What can't be opened is said with the system's reason."""
    for path, reason in ((tmp_path / "no.toml", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(ConfigError) as caught:
            file.read(path)
        assert reason in caught.value.problems[0].says


def test_a_byte_order_mark_and_windows_lines_are_tolerated(tmp_path: Path) -> None:
    """What editors add without asking does no harm, and the bytes come back as they are."""
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xef\xbb\xbfa = 1\r\n")
    assert file.read(path) == (b"\xef\xbb\xbfa = 1\r\n", {"a": 1})


def test_quick_has_the_defaults_of_the_file(tmp_path: Path) -> None:
    """An empty file means the documented folders and patterns, seen from its own folder."""
    quick = file.quick({}, tmp_path)
    patterns = ("**/*.md", "**/*.markdown")
    assert quick == (tmp_path / "content", patterns, (), tmp_path / "archive", "")


def test_quick_leaves_what_is_odd_to_load(tmp_path: Path) -> None:
    """Tables of the wrong type give None, and not an exception."""
    odd: list[dict[str, object]] = [
        {"content": 1},
        {"content": {"root": 1}},
        {"content": {"include": "*.md"}},
        {"archive": {"root": ["a"]}},
    ]
    assert [file.quick(raw, tmp_path) for raw in odd] == [None] * 4


def test_dots_are_folded_only_where_they_mean_the_same(tmp_path: Path) -> None:
    """``..`` behind a symbolic link names what the kernel takes it for."""
    (tmp_path / "config").mkdir()
    (tmp_path / "far" / "config").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "far" / "config")
    assert file.below(tmp_path / "config", "../seeds") == tmp_path / "seeds"
    assert file.below(tmp_path / "link", "../seeds").resolve() == tmp_path / "far" / "seeds"
    assert file.below(tmp_path, "/srv/posts") == Path("/srv/posts")


def test_the_fast_path_imports_nothing_heavy() -> None:
    """Finding and reading the file costs a pass neither pydantic nor the model."""
    code = (
        "import sys, syndicator.config.file\n"
        "print({'pydantic', 'syndicator.model', 'dataclasses'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "set()\n"


def test_one_pair_of_brackets_too_few_is_told_how_to_write(tmp_path: Path) -> None:
    """What TOML calls it helps nobody: "Cannot overwrite a value"."""
    path = tmp_path / "c.toml"
    path.write_text('[publish]\ntype = "rss"\n[[publish]]\ntype = "atom"\n', encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        file.read(path)
    (problem,) = caught.value.problems
    assert problem.hint == "write [[publish]], with two brackets, for each publisher"
