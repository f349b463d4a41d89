"""What the documents say is what the product does."""

import json
import re
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args
from urllib.parse import unquote

import jsonschema  # type: ignore[import-untyped]  # the package ships no types
import pytest
from entries import edition, entry, nasty, seed

import syndicator
from syndicator import cli, errors
from syndicator.cli import formats
from syndicator.cli.formats import Told
from syndicator.config.load import json_schema
from syndicator.cycle import LETTER
from syndicator.doors.lines import EVENTS
from syndicator.model.finding import Finding
from syndicator.model.keeping import (
    Asked,
    Collection,
    Difference,
    Exported,
    Facts,
    Holdings,
    Mirrored,
    Rebuilt,
    Restored,
    Stage,
    Takedown,
    Verification,
    Waste,
)
from syndicator.model.posts import ChangeKind, Problem
from syndicator.model.report import Lane, Missing, Report
from syndicator.model.written import AdoptedEntry, Adoption, EntryFacts, FeedFacts, Judgement
from syndicator.publish import registered
from syndicator.publish.signing import headers as headers_of
from syndicator.publish.signing import keys
from syndicator.publish.webhook import Webhook

PROJECT = Path(__file__).parent.parent
REFERENCE = PROJECT / "docs" / "reference"
NO_DOCUMENT = {
    ".venv",
    ".readers",
    ".git",
    ".hypothesis",
    ".pytest_cache",
    ".mypy_cache",
    "seeds",
    "tests",
}
PAGES = sorted(
    page
    for page in PROJECT.rglob("*.md")
    if not NO_DOCUMENT & set(page.relative_to(PROJECT).parts)
    and (page.parent != PROJECT / "archive" or page.name == "README.md")
    and PROJECT / "archive" / "blobs" not in page.parents
)
ARCHIVE = (
    Holdings,
    Verification,
    Mirrored,
    Restored,
    Rebuilt,
    Asked,
    Collection,
    Waste,
    Takedown,
    Stage,
    Difference,
    Facts,
    Exported,
)
FEEDS = (FeedFacts, EntryFacts, Judgement, Adoption, AdoptedEntry)
CODE = re.compile(r'"((?:[A-Z]{2,4})[0-9]{3})"')
FENCE = re.compile(r"^ *```.*?^ *```|^ {4}.*?$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def text(name: str) -> str:
    """Return a document by its path in the project."""
    return (PROJECT / name).read_text(encoding="utf-8")


def codes(folder: Path) -> set[str]:
    """Return every code of a problem that stands in the source."""
    sources = (path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    return {code for source in sources for code in CODE.findall(source)}


def anchor(heading: str) -> str:
    """Return the anchor that code hosts give a heading."""
    plain = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return plain.replace(" ", "-")


def anchors(page: Path) -> set[str]:
    plain = FENCE.sub("", page.read_text(encoding="utf-8"))
    return {anchor(line) for line in re.findall(r"^#+ (.*)$", plain, re.MULTILINE)}


def test_the_generated_pages_are_up_to_date() -> None:
    """``python docs/generate.py`` would write nothing else than what is there."""
    script = str(PROJECT / "docs" / "generate.py")
    ran = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)  # noqa: PLW1510  # the assertion shows more
    assert (ran.stdout + ran.stderr, ran.returncode) == ("", 0)


@pytest.mark.parametrize("verb", sorted(cli.VERBS))
def test_every_verb_is_explained(verb: str) -> None:
    """Each has a section in the reference, and one of the other documents names it."""
    assert f"\n## syndicate {verb}\n" in text("docs/reference/cli.md")
    others = [page for page in PAGES if page.parent != REFERENCE]
    assert any(f"syndicate {verb}" in page.read_text(encoding="utf-8") for page in others)


def test_every_setting_is_explained() -> None:
    """Each key of the JSON Schema stands in a table, below the heading of its own table."""
    page = text("docs/reference/configuration.md")
    schema = json_schema(registered())
    sections = dict(re.findall(r"^##+ (.*?)\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL))
    for name, item in schema["properties"].items():
        if name != "publish":
            _explained(sections[f"[{name}]"], schema, item)
    for item in schema["properties"]["publish"]["items"]["oneOf"]:
        table = schema["$defs"][item["$ref"].rpartition("/")[2]]
        kind = table["properties"]["type"]["const"]
        _explained(sections[f'type = "{kind}"'], schema, item)


def _explained(section: str, schema: dict[str, Any], item: dict[str, Any]) -> None:
    keys = schema["$defs"][item["$ref"].rpartition("/")[2]]["properties"].keys() - {"type"}
    assert keys
    assert set(re.findall(r"^\| `([\w-]+)`", section, re.MULTILINE)) == keys


def test_every_publisher_is_explained() -> None:
    """The reference has a section for each built-in type, and the tour names what it makes."""
    page = text("docs/reference/configuration.md")
    assert set(re.findall(r'^### type = "(\w+)"', page, re.MULTILINE)) == set(registered())


def test_every_exit_code_is_explained() -> None:
    """Those of the errors, of the help text and of the reference are the same."""
    classes = [one for one in vars(errors).values() if isinstance(one, type)]
    raised = {one.exit_code for one in classes if issubclass(one, errors.SyndicatorError)}
    helped = {int(code) for code in re.findall(r"^  (\d+) ", cli.EPILOGUE, re.MULTILINE)}
    section = text("docs/reference/cli.md").partition("## Exit codes")[2]
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)}
    assert helped == raised | {0}
    assert listed == helped | {cli.INTERRUPTED}


def test_every_problem_is_explained() -> None:
    """The list has each code of the source, and each once."""
    heads = re.findall(r"^### ([A-Z]+[0-9]{3}): ", text("docs/reference/rules.md"), re.MULTILINE)
    assert len(heads) == len(set(heads))
    assert set(heads) >= codes(PROJECT / "syndicator") - codes(PROJECT / "syndicator/rules")


def test_every_event_of_the_journal_is_explained() -> None:
    """Each has a section with all of its fields; so has the letter in the archive, by name."""
    page = text("docs/reference/journal.md")
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    assert list(sections) == list(EVENTS)
    for name, kind in EVENTS.items():
        firsts = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", sections[name], re.MULTILINE)
        fields = re.findall(r"\w+", " ".join(firsts))
        assert fields == list(kind.__dataclass_fields__)
        assert re.search(rf"^  {name} ", LETTER, re.MULTILINE)


def test_the_schema_of_webhooks_fits_what_is_sent() -> None:
    """It takes every message the publisher makes, of the nastiest post too, and is no blank."""
    schema = json.loads(text("docs/reference/webhook.schema.json"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    settings = {"type": "webhook", "name": "ops", "url": "https://x.example/", "secret_env": "S"}
    events = schema["properties"]["type"]["enum"]
    hook = Webhook.model_validate(settings | {"events": tuple(events)})
    kinds: tuple[ChangeKind, ...] = get_args(ChangeKind)
    told = [(kind, one) for kind in kinds for one in (seed(), entry(), nasty())]
    bodies = [json.loads(notice.body) for notice in hook.publish(edition(told=told))]
    assert {body["type"] for body in bodies} == set(events)
    for body in bodies:
        validator.validate(body)
        assert body["data"].keys() == schema["properties"]["data"]["properties"].keys()
        for name in body["data"]:
            rest = {key: value for key, value in body["data"].items() if key != name}
            assert not validator.is_valid(body | {"data": rest})


def test_the_example_of_a_webhook_fits_its_schema() -> None:
    """The message in the reference is one that could have been sent."""
    (example,) = re.findall(r"```json\n(.*?)```", text("docs/reference/webhook.md"), re.DOTALL)
    schema = json.loads(text("docs/reference/webhook.schema.json"))
    jsonschema.validate(json.loads(example), schema)


def test_every_field_of_json_output_is_explained() -> None:
    """The page has each field of the report and of what is in it, and of what check prints."""
    page = text("docs/reference/json.md")
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    told = Told(Problem(path="a.md", code="X", says="x"), "content/a.md", fails=True)
    expected = {
        kind.__name__: list(kind.__dataclass_fields__)
        for kind in (Report, Missing, Lane, Problem, Finding, *ARCHIVE, *FEEDS)
    }
    expected["Check"] = list(json.loads(formats.as_json([told]))[0])
    assert {name: _firsts(section) for name, section in sections.items()} == expected


def _firsts(section: str) -> list[str]:
    cells = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", section, re.MULTILINE)
    return re.findall(r"\w+", " ".join(cells))


def test_the_receiver_in_the_reference_works() -> None:
    """It takes what is signed here, and nothing else: no other key, body or time."""
    (code,) = re.findall(r"```python\n(.*?)```", text("docs/reference/webhook.md"), re.DOTALL)
    room: dict[str, Any] = {}
    exec(code, room)  # noqa: S102  # a document of ours
    verified, secret = room["verified"], "whsec_" + b64encode(b"k" * 32).decode()
    headers, body = (
        dict(
            headers_of(keys("whsec_" + b64encode(b"k" * 32).decode()), "msg_1", 1000, b'{"a":1}')
        ),
        b'{"a":1}',
    )
    assert verified(secret, headers, body, 1300) == {"a": 1}
    other = "whsec_" + b64encode(b"l" * 32).decode()
    for wrong in ((other, body, 1000), (secret, b"{}", 1000), (secret, body, 1301)):
        with pytest.raises(ValueError, match=r"signed|old"):
            verified(wrong[0], headers, *wrong[1:])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every link to a file finds it, and a link to a heading finds the heading."""
    for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, fragment = unquote(link).partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not fragment or fragment in anchors(target), link


def test_every_document_can_be_found() -> None:
    """The index of docs/ and the index of decisions link each page there is."""
    linked = set()
    for index in (PROJECT / "docs/README.md", PROJECT / "docs/decisions/README.md"):
        for link in LINK.findall(index.read_text(encoding="utf-8")):
            linked.add((index.parent / link).resolve())
    below = {
        page for page in PAGES if PROJECT / "docs" in page.parents and page.name != "README.md"
    }
    assert below <= linked


def test_the_two_commands_of_the_readme_are_the_right_ones() -> None:
    """What README says sets up, runs and tests is what .ci/run calls, and ./dev says so too."""
    commands = re.findall(r"^\./dev (\S+(?: \w+)?)", text("README.md"), re.MULTILINE)
    assert commands == ["syndicate run", "pytest"]
    assert "./dev syndicate run, ./dev pytest" in text("dev")
    assert re.search(r"^step \./dev pytest$", text(".ci/run"), re.MULTILINE)


def test_contributing_names_the_steps_of_the_gate() -> None:
    """Whoever follows CONTRIBUTING has run all that .ci/run runs."""
    steps = re.findall(r"^step (\./dev [^|\n]*[^|\n ])", text(".ci/run"), re.MULTILINE)
    section = text("CONTRIBUTING.md").partition("## Before you send a change")[2]
    written = [line.partition("#")[0].strip() for line in section.splitlines()]
    assert len(steps) == 6
    assert [line for line in written if line.startswith("./dev ")] == steps


def test_the_changelog_is_about_this_version() -> None:
    """After Unreleased, its newest entry is the version that the package says it is."""
    heads = re.findall(r"^## \[(.*?)\]", text("CHANGELOG.md"), re.MULTILINE)
    assert heads[:2] == ["Unreleased", syndicator.__version__]
    assert heads.count(syndicator.__version__) == 1


def test_the_example_of_the_archive_is_true() -> None:
    """The digest in archive/README.md is that of the seed post it speaks of."""
    page = text("archive/README.md")
    (name,) = re.findall(r'"path":"(.*?)"', page)
    digest = sha256((PROJECT / "seeds" / name).read_bytes()).hexdigest()
    assert f"archive/blobs/sha256/{digest[:2]}/{digest}.md" in page
