"""One post of each generator, and all that is read from it.

``python tests/test_normalise_golden.py`` writes the expectations again; read the difference
before you keep it.
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syndicator.model.posts import Site, Source
from syndicator.normalise import normalise

ROOT = Path(__file__).parent / "golden" / "generators"
GENERATORS = ("astro", "eleventy", "hexo", "hugo", "jekyll", "obsidian", "pelican", "zola")
SITE = Site(
    title="Site",
    url="https://site.example/",
    timezone="Asia/Taipei",
    feeds="https://feeds.example/",
    authority="site.example",
)


def _post(generator: str) -> Path:
    (found,) = (ROOT / generator).rglob("*.md")
    return found


def _read(generator: str) -> str:
    file = _post(generator)
    source = Source(
        path=file.relative_to(ROOT / generator).as_posix(),
        data=file.read_bytes(),
        digest="",
        modified=datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
        beside=frozenset(("gauge.png",)),
    )
    reading = asdict(normalise(source, SITE))
    return json.dumps(reading, ensure_ascii=False, indent=1, default=str) + "\n"


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_post_is_read_as_its_generator_means_it(generator: str) -> None:
    """Every field of the post and every problem told is the one that was read by eye."""
    expected = (ROOT / f"{generator}.json").read_text("utf-8")
    assert json.loads(_read(generator)) == json.loads(expected)


def test_every_generator_has_its_post() -> None:
    """Eight generators, a folder and an expectation each."""
    assert sorted(one.name for one in ROOT.iterdir() if one.is_dir()) == list(GENERATORS)


if __name__ == "__main__":
    for name in GENERATORS:
        (ROOT / f"{name}.json").write_text(_read(name), "utf-8")
