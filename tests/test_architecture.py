"""The shape of the house: what DESIGN and CONTRIBUTING promise about the code itself."""

import ast
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
PACKAGE = PROJECT / "syndicator"
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((PROJECT / "tests").rglob("*.py"))
LONGEST_MODULE, LONGEST_FUNCTION = 300, 50
FOLDERS = ("syndicator", "config", "seeds", "archive", "tests", "systemd", "docs")
EMPTY_NAMES = re.compile(r"(?:^|_)(?:utils?|helpers?|manager|base)(?:_|$)")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def shown(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def functions(path: Path) -> Iterator[Function]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from (node for node in ast.walk(tree) if isinstance(node, Function))


def comments(path: Path) -> Iterator[str]:
    """Yield the comments of a file; what stands in a text is none."""
    with tokenize.open(path) as opened:
        for token in tokenize.generate_tokens(opened.readline):
            if token.type == tokenize.COMMENT:
                yield token.string


NOQA = re.compile(r"# (?:ruff: )?noqa: ([A-Z]+[0-9]+(?:, [A-Z]+[0-9]+)*)(  # \S.*)?$")
IGNORE = re.compile(r"# type: ignore\[([a-z-]+(?:, ?[a-z-]+)*)\](  # \S.*)?$")
SWITCH = re.compile(
    r"#\s*(?:(?:ruff|flake8):\s*)?noqa\b|#\s*(?:type|mypy):\s*ignore", re.IGNORECASE
)


def unexcused(remarks: Iterable[str]) -> list[str]:
    """Return the switched-off checks of a file that miss a code or a reason.

    The reason may stand once: what is switched off again in the same file is so for the same.
    """
    wanting: list[str] = []
    codes: set[str] = set()
    excused: set[str] = set()
    for remark in remarks:
        found = NOQA.search(remark) or IGNORE.search(remark)
        if found:
            named = set(re.split(r",\s*", found[1]))
            codes |= named
            excused |= named if found[2] else set()
        elif SWITCH.search(remark):
            wanting.append(remark)
    return [*wanting, *sorted(codes - excused)]


def test_the_import_contract_holds() -> None:
    """Floors, closed doors and one room a package, as pyproject.toml has them."""
    lint = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([lint, "--no-cache"], cwd=PROJECT, capture_output=True, text=True)  # noqa: PLW1510  # the assertion shows more
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_contract_has_a_floor_for_every_room() -> None:
    """Each top-level name stands in the layers once, so that none is free to import anything."""
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = (one for one in settings["tool"]["importlinter"]["contracts"] if "layers" in one)
    floors = [name.strip() for floor in layers["layers"] for name in floor.split("|")]
    rooms = {path.stem for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    rooms |= {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    assert layers["exhaustive"] is True
    assert sorted(floors) == sorted(rooms)


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_a_module_can_be_read_at_a_sitting(path: Path) -> None:
    """It has at most 300 lines, and no function in it more than 50."""
    lines = len(path.read_text(encoding="utf-8").splitlines())
    schema = "migrations" in path.parts  # a list, however long
    assert lines <= LONGEST_MODULE or schema
    sizes = {
        f"{one.name}, line {one.lineno}": (one.end_lineno or 0) - one.lineno + 1
        for one in functions(path)
    }
    long = {name: size for name, size in sizes.items() if size > LONGEST_FUNCTION}
    assert long == {} or schema


def test_every_name_says_something() -> None:
    """No module, and no test's double of one, is called utils, helpers, manager or base."""
    assert [shown(path) for path in (*MODULES, *TESTS) if EMPTY_NAMES.search(path.stem)] == []


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_every_public_name_says_what_it_promises(path: Path) -> None:
    """Modules, public classes and public functions have docstrings; ruff looks at their form."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = [node for node in tree.body if isinstance(node, Function | ast.ClassDef)]
    silent = [
        node.name for node in named if node.name[0] != "_" and ast.get_docstring(node) is None
    ]
    migration = "migrations" in path.parts  # Alembic calls them by name; they promise nothing
    assert migration or ast.get_docstring(tree)
    assert migration or silent == []


@pytest.mark.parametrize("path", TESTS, ids=shown)
def test_every_test_states_its_promise(path: Path) -> None:
    """Each test function has a docstring, those in classes too."""
    tests = (one for one in functions(path) if one.name.startswith("test_"))
    assert [one.name for one in tests if ast.get_docstring(one) is None] == []


def test_the_folders_are_where_people_look_for_them() -> None:
    """Code, configuration, posts to try, archive, tests, units and documents, at the top."""
    assert [name for name in FOLDERS if not (PROJECT / name).is_dir()] == []


def test_every_dependency_says_why_it_is_there() -> None:
    """A comment beside it in pyproject.toml, unless it is a checker that everybody knows."""
    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    (block,) = re.findall(r"^dependencies = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    lines = block.splitlines()
    assert lines
    assert [line for line in lines if not re.search(r'",\s+# \w{3}', line)] == []


@pytest.mark.parametrize("path", [*MODULES, *TESTS, PROJECT / "docs/generate.py"], ids=shown)
def test_a_check_that_is_switched_off_says_why(path: Path) -> None:
    """``noqa`` and ``type: ignore`` name their code, and once in the file their reason."""
    assert unexcused(comments(path)) == []


@pytest.mark.parametrize(
    ("remarks", "guilty"),
    [
        (["# noqa"], ["# noqa"]),
        (["# NOQA: s101"], ["# NOQA: s101"]),
        (["# ruff: noqa"], ["# ruff: noqa"]),
        (["# noqa: S101"], ["S101"]),
        (["# noqa: S101, E501", "# noqa: E501  # a reason"], ["S101"]),
        (["# noqa: S101", "# noqa: S101  # a reason"], []),
        (["# type: ignore"], ["# type: ignore"]),
        (["# type: ignore[misc]"], ["misc"]),
        (["# type: ignore[misc]  # a reason"], []),
        (["# mypy: ignore-errors"], ["# mypy: ignore-errors"]),
        (["# why"], []),
    ],
)
def test_the_watch_over_excuses_is_awake(remarks: list[str], guilty: list[str]) -> None:
    """It lets through what names code and reason, and nothing else."""
    assert unexcused(remarks) == guilty
