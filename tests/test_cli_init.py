"""``syndicate init``: a configuration of one's own, and what is taken over from a site."""

import argparse
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.cli import init
from syndicator.cli.sites import Found, Neighbour, look
from syndicator.config.load import load
from syndicator.config.tables import Settings
from syndicator.config.write import annotated
from syndicator.errors import ConfigError, StoreError
from syndicator.publish import registered

JEKYLL = """\
title: &t Harbour news
description: >-
  What ships
  and cranes do
url: https://harbour.example
baseurl: /news
timezone: Asia/Taipei
lang: zh-TW
author: {name: Lin, email: lin@harbour.example}
copy: *t
collections:
  press: {output: true}
  hidden: {output: false}
"""
HUGO = """\
title = "Harbour"
baseurl = "https://harbour.example/blog"
timeZone = "Asia/Taipei"
languageCode = "en-GB"
contentDir = "texts"
[params]
description = "Ships"
[params.author]
name = "Lin"
"""


def _run(folder: Path, *words: str) -> int:
    parser = argparse.ArgumentParser()
    init.options(parser)
    return init.main(parser.parse_args([str(folder), *words]))


def _settings(folder: Path) -> Settings:
    return load(folder / "config" / "syndicator.toml", registered())


def _tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_an_empty_folder_gets_all_that_a_first_run_needs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Configuration, schema and folders are there, and the next commands are printed."""
    folder = tmp_path / "new site"
    assert _run(folder) == 0
    assert _tree(folder) == [
        "archive",
        "config",
        "config/syndicator.schema.json",
        "config/syndicator.toml",
        "content",
    ]
    settings = _settings(folder)
    assert settings.content_root == folder / "content"
    assert settings.archive_root == folder / "archive"
    out = capsys.readouterr().out
    file = folder / "config" / "syndicator.toml"
    assert out.endswith(
        f"  syndicate --config '{file}' check\n  syndicate --config '{file}' run\n"
    )


def test_what_is_unknown_is_a_line_to_edit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Title, addresses and time zone of nobody's site are marked, and the marks are listed."""
    _run(tmp_path)
    text = (tmp_path / "config" / "syndicator.toml").read_text("utf-8")
    marked = [line.partition(" = ")[0] for line in text.splitlines() if "# EDIT: " in line]
    assert marked == ["title", "url", "timezone", "url"]
    assert capsys.readouterr().out.count("to edit: ") == 4


def test_the_next_commands_are_short_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the folder itself the file is found without being named."""
    monkeypatch.chdir(tmp_path)
    _run(Path())
    assert capsys.readouterr().out.endswith("Next:\n  syndicate check\n  syndicate run\n")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A configuration that is there stays, and the exit code says so."""
    _run(tmp_path)
    file = tmp_path / "config" / "syndicator.toml"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="never overwrites") as caught:
        _run(tmp_path)
    assert caught.value.exit_code == 2
    assert file.read_text("utf-8") == "mine"


def test_a_dry_run_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints the files, the folders and the text, and leaves the disk alone."""
    assert _run(tmp_path, "--dry-run") == 0
    assert _tree(tmp_path) == []
    out = capsys.readouterr().out
    assert out.count("would make") == 5
    assert "[[publish]]" in out


def test_a_jekyll_site_tells_what_it_knows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Title, address, zone, language, author and collections come from _config.yml."""
    (tmp_path / "_config.yml").write_text(JEKYLL, encoding="utf-8")
    for name in ("_posts", "_press", "_hidden"):
        (tmp_path / name).mkdir()
    _run(tmp_path)
    settings = _settings(tmp_path)
    site = settings.site
    assert (site.title, site.url) == ("Harbour news", "https://harbour.example/news/")
    assert (site.timezone, site.language, site.author) == ("Asia/Taipei", "zh-TW", "Lin")
    assert site.description == "What ships and cranes do"
    assert settings.content_root == tmp_path
    assert settings.content.include == (
        "_posts/**/*.md",
        "_posts/**/*.markdown",
        "_press/**/*.md",
        "_press/**/*.markdown",
    )
    assert settings.static_roots == (tmp_path,)
    assert settings.serve.url == "https://harbour.example/news/feeds/"
    out = capsys.readouterr().out
    assert "This is a Jekyll site." in out
    assert '"https://harbour.example/news"   (_config.yml: url + baseurl)' in out
    assert out.count("to edit: ") == 1  # serve.url, which no site knows


def test_a_jekyll_site_with_posts_alone_needs_no_patterns(tmp_path: Path) -> None:
    """One folder of posts is the content root, below `source` if the site has one."""
    (tmp_path / "src" / "_posts").mkdir(parents=True)
    (tmp_path / "_config.yml").write_text("source: src\nauthor: Lin\n", encoding="utf-8")
    _run(tmp_path)
    settings = _settings(tmp_path)
    assert settings.content_root == tmp_path / "src" / "_posts"
    assert settings.content.include == ("**/*.md", "**/*.markdown")
    assert settings.static_roots == (tmp_path / "src",)
    assert settings.site.author == "Lin"


@pytest.mark.parametrize("name", ["hugo.toml", "config.toml", "config/_default/hugo.toml"])
def test_a_hugo_site_tells_what_it_knows(tmp_path: Path, name: str) -> None:
    """Whatever the case of its keys, and wherever its configuration lies."""
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(HUGO, encoding="utf-8")
    for folder in ("texts", "static", "assets"):
        (tmp_path / folder).mkdir()
    _run(tmp_path)
    settings = _settings(tmp_path)
    site = settings.site
    assert (site.title, site.url) == ("Harbour", "https://harbour.example/blog/")
    assert (site.timezone, site.language, site.author) == ("Asia/Taipei", "en-GB", "Lin")
    assert site.description == "Ships"
    assert settings.content_root == tmp_path / "texts"
    assert settings.content.exclude == ("**/_index.md",)
    assert settings.static_roots == (tmp_path / "static", tmp_path / "assets")


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("hugo.yaml", "title: 2020\nlanguages: {en: {title: no}}\n", "Hugo"),
        ("config.json", '{"title": "2020", "baseURL": ""}', "Hugo"),
        ("config.toml", 'title = "2020"\nbase_url = "https://x.example"', "Zola"),
    ],
)
def test_other_forms_are_read_too(tmp_path: Path, name: str, text: str, kind: str) -> None:
    """YAML (texts as written: 2020 is a title), JSON, and Zola's own keys."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = look(tmp_path)
    assert found is not None
    assert found.kind == kind
    assert found.values["title"] == Found("2020", f"{name}: title")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("_config.yml", b"title: [\n"),
        ("_config.yml", b"title: \xff\n"),
        ("_config.yml", b"- a\n- b\n"),
        ("_config.yml", b"a: " + b"[" * 5000),
        ("_config.yml", b"x" * (2**20 + 1)),
        ("_config.yml", b"a: 1\n---\nb: 2\n"),
        ("hugo.toml", b"title = \n"),
        ("hugo.toml", b"a = " + b"[" * 5000),
        ("config.json", b"{"),
    ],
)
def test_a_broken_site_file_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, data: bytes
) -> None:
    """Bad YAML, TOML or JSON gives a message, and the configuration is written all the same."""
    (tmp_path / name).write_bytes(data)
    assert _run(tmp_path) == 0
    assert f"{name} can't be read and is left out: " in capsys.readouterr().out
    assert _settings(tmp_path).site.title == "My site"


def test_aliases_are_not_expanded(tmp_path: Path) -> None:
    """A bomb of nested aliases and one that holds itself cost nothing."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]", "me: &me [*me]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 40)]
    (tmp_path / "_config.yml").write_text("\n".join([*lines, "title: T"]), encoding="utf-8")
    found = look(tmp_path)
    assert found is not None
    assert found.values["title"].value == "T"


def test_what_does_not_fit_is_left_to_a_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A value that the configuration would refuse is named, with the reason."""
    (tmp_path / "_config.yml").write_text("url: harbour\ntimezone: CST6CDT?\n", encoding="utf-8")
    _run(tmp_path)
    out = capsys.readouterr().out
    assert "_config.yml: url could not be taken over: must start with https://" in " ".join(
        out.split()
    )
    assert "timezone could not be taken over: is no known time zone" in " ".join(out.split())
    assert _settings(tmp_path).site.timezone == "UTC"


def test_a_hostile_title_breaks_nothing(tmp_path: Path) -> None:
    """Quotes, hashes, brackets and line breaks in a title stay a title."""
    title = '"""\\u0022 # ] [[publish]] \'x\' $title ${url} 亞洲\\'
    (tmp_path / "hugo.yaml").write_text(f"title: |\n  {title}\n", encoding="utf-8")
    _run(tmp_path)
    settings = _settings(tmp_path)
    assert settings.site.title == title
    assert len(settings.publish) == 5


@given(title=st.text(), url=st.text(), root=st.text())
def test_any_site_gives_a_file_that_loads(
    tmp_path_factory: pytest.TempPathFactory, title: str, url: str, root: str
) -> None:
    """Whatever a site says of itself, what is written can be read back."""
    found = {"title": Found(title, "x"), "url": Found(url, "x"), "root": Found(root, "x")}
    chosen = init.choose(Neighbour("Jekyll", found))
    text = annotated(
        {key: choice.value for key, choice in chosen.items()},
        {key: choice.edit for key, choice in chosen.items() if choice.edit},
    )
    file = tmp_path_factory.mktemp("site") / "config" / "syndicator.toml"
    file.parent.mkdir()
    file.write_bytes(text.encode("utf-8"))
    assert load(file, registered()).site.title in {title, "My site"}


def test_a_folder_that_can_not_be_made_is_said(tmp_path: Path) -> None:
    """A file in the way is one clear message."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="can't write"):
        _run(tmp_path / "file")


def test_a_jekyll_site_is_kept_from_publishing_what_is_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The archive begins with an underscore, and the last line says how to exclude config."""
    (tmp_path / "_config.yml").write_text("title: T\n", encoding="utf-8")
    _run(tmp_path)
    assert _settings(tmp_path).archive_root == tmp_path / "_archive"
    assert not (tmp_path / "archive").exists()
    assert capsys.readouterr().out.endswith(
        "To do: add `exclude: [config]` to _config.yml: else Jekyll publishes the folder config\n"
    )


@pytest.mark.parametrize(
    ("name", "text", "advice"),
    [
        ("_config.yml", "exclude: [Gemfile, config/]", ""),
        ("_config.yml", "exclude: config", ""),
        ("_config.yml", "source: src", ""),
        ("_config.yml", "exclude: [Gemfile]", "add config to `exclude` in _config.yml: "),
        ("_config.toml", 'title = "T"', 'add `exclude = ["config"]` to _config.toml: '),
    ],
)
def test_advice_is_given_only_where_it_is_needed(
    tmp_path: Path, name: str, text: str, advice: str
) -> None:
    """What is excluded already, or lies outside the source, is not published."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = look(tmp_path)
    assert found is not None
    assert found.advice.partition("else ")[0] == advice


@pytest.mark.parametrize(
    ("name", "text", "patterns"),
    [
        ("_config.yml", "title: T", {".": "/:categories/:year/:month/:day/:title:output_ext"}),
        ("_config.yml", "permalink: pretty", {".": "/:categories/:year/:month/:day/:title/"}),
        ("_config.yml", "permalink: /:year/:title/", {".": "/:year/:title/"}),
        ("hugo.toml", '[permalinks]\nnews = "/:year/:slug/"', {"news": "/:year/:slugortitle/"}),
        ("hugo.toml", '[permalinks.page]\nnews = "/:title/"', {"news": "/:post_title/"}),
        ("hugo.toml", 'title = "T"', {}),
    ],
)
def test_the_addresses_of_a_whole_site_are_taken_over(
    tmp_path: Path, name: str, text: str, patterns: dict[str, str]
) -> None:
    """Posts get the addresses here under which the generator publishes them."""
    (tmp_path / "_posts").mkdir()
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert init.choose(look(tmp_path))["permalinks"].value == patterns


def test_the_addresses_of_collections_are_their_own(tmp_path: Path) -> None:
    """Jekyll's collections are published under their names unless they say otherwise."""
    for folder in ("_posts", "_soups", "_teas"):
        (tmp_path / folder).mkdir()
    text = "permalink: pretty\ncollections:\n  soups: {output: true}\n"
    text += "  teas: {output: true, permalink: /tea/:name}\n"
    (tmp_path / "_config.yml").write_text(text, encoding="utf-8")
    assert init.choose(look(tmp_path))["permalinks"].value == {
        "_posts": "/:categories/:year/:month/:day/:title/",
        "_soups": "/:collection/:path/",
        "_teas": "/tea/:name",
    }


def test_a_pattern_that_means_nothing_here_is_left_to_a_person(tmp_path: Path) -> None:
    """It is not taken over, and the line that waits for an edit says why."""
    (tmp_path / "hugo.toml").write_text('[permalinks]\nnews = "/:weather/"', encoding="utf-8")
    chosen = init.choose(look(tmp_path))["permalinks"]
    assert chosen.value == {}
    assert ":weather" in chosen.edit
