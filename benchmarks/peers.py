"""Other programs that make a feed of a folder of posts, each told to make nothing but that feed.

Every one gets the same posts and writes the newest fifty in full, as RSS; Jekyll can't be kept
from writing a file for each post, too. None fetches or keeps pictures, checks HTML, or remembers
what it published. Whoever is not on ``PATH`` is left out.
"""

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.corpus import settings

HUGO = """\
baseURL = "https://site.example/"
title = "Made up"
timeZone = "Asia/Taipei"
disableKinds = ["taxonomy", "term", "section", "404", "sitemap", "robotstxt"]
[outputs]
home = ["rss"]
[[cascade]]
[cascade.target]
kind = "page"
[cascade.build]
render = "never"
list = "always"
[services.rss]
limit = 50
"""
HUGO_PAGES = """\
baseURL = "https://site.example/"
title = "Made up"
timeZone = "Asia/Taipei"
[services.rss]
limit = 50
"""
HUGO_FEED = """\
{{ "<?xml version='1.0' encoding='utf-8'?>" | safeHTML }}
<rss version="2.0"><channel><title>{{ site.Title }}</title><link>{{ site.BaseURL }}</link>
<description>{{ site.Title }}</description>
{{ range first 50 site.RegularPages.ByDate.Reverse }}<item><title>{{ .Title }}</title>
<link>{{ site.BaseURL }}{{ .File.ContentBaseName }}/</link>
<guid>{{ site.BaseURL }}{{ .File.ContentBaseName }}/</guid>
<pubDate>{{ .Date.Format "Mon, 02 Jan 2006 15:04:05 -0700" | safeHTML }}</pubDate>
<description>{{ .Content | transform.XMLEscape | safeHTML }}</description></item>
{{ end }}</channel></rss>
"""
HUGO_PAGE = "<!doctype html><title>{{ .Title }}</title><main>{{ .Content }}</main>\n"
HUGO_LIST = "<!doctype html><title>{{ .Title }}</title>{{ range .Pages }}{{ .Title }} {{ end }}\n"

ELEVENTY = """\
const rss = require("@11ty/eleventy-plugin-rss").default;
module.exports = (config) => {
  config.addCollection("newest", (api) => api.getFilteredByGlob("content/**/*.md").slice(-50));
  config.addPlugin(rss);
  return { dir: { input: ".", output: "out" }, markdownTemplateEngine: false };
};
"""
ELEVENTY_FEED = """\
---
permalink: feed.xml
eleventyExcludeFromCollections: true
---
<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Made up</title><link>https://site.example/</link>
<description>Made up</description>
{% for post in collections.newest | reverse %}<item><title>{{ post.data.title }}</title>
<link>https://site.example/{{ post.fileSlug }}/</link>
<guid>https://site.example/{{ post.fileSlug }}/</guid>
<pubDate>{{ post.date | dateToRfc822 }}</pubDate>
<description>{{ post.templateContent | escape }}</description></item>
{% endfor %}</channel></rss>
"""
PELICAN = """\
SITENAME = "Made up"
SITEURL = "https://site.example"
FEED_DOMAIN = SITEURL
TIMEZONE = "Asia/Taipei"
DEFAULT_LANG = "en"
PATH = "content"
OUTPUT_PATH = "out"
FEED_ALL_RSS = "feed.xml"
RSS_FEED_SUMMARY_ONLY = False
FEED_MAX_ITEMS = 50
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = None
AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
ARTICLE_SAVE_AS = TAG_SAVE_AS = CATEGORY_SAVE_AS = AUTHOR_SAVE_AS = ""
DIRECT_TEMPLATES = []
THEME_STATIC_PATHS = []
CACHE_CONTENT = LOAD_CONTENT_CACHE = True
"""
JEKYLL = """\
title: Made up
url: https://site.example
timezone: Asia/Taipei
plugins: [jekyll-feed]
feed: {posts_limit: 50}
exclude: [out]
destination: out
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A program, where it wants its posts, and what to call it with."""

    name: str
    posts: str  # the folder of the posts
    command: tuple[str | Path, ...]
    files: Mapping[str, str]  # the configuration
    made: tuple[str, ...]  # what a cold run does not find
    feed: str  # what it must have made
    most: int = 1_000_000  # posts; more take it longer than anybody waits
    environment: Mapping[str, str] = field(default_factory=dict)

    def lay(self, root: Path) -> None:
        """Write its configuration."""
        for name, text in self.files.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")

    def forget(self, root: Path) -> None:
        """Put all it made out of its way.

        Nothing is deleted: ext4 looks for a minute at every inode that was given free, and whoever
        makes thousands of files right after is charged three seconds of the processor for it.
        """
        aside = root.with_name(f"{root.name}.before-{time.monotonic_ns()}")
        for name in self.made:
            if (root / name).exists():
                (aside / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).rename(aside / name)


def peers(command: Path) -> Iterator[Peer]:
    """Yield ourselves, ``command``, and who else is installed."""
    yield Peer(
        name="syndicator",
        posts="content",
        command=(command, "--config", "syndicator.toml", "run"),
        files={"syndicator.toml": settings()},
        made=("archive",),
        feed="archive/public/feed.xml",
    )
    if hugo := _hugo():
        yield from _hugos(hugo)
    if eleventy := _found("eleventy"):
        yield Peer(
            name="eleventy",
            posts="content",
            command=(eleventy, "--quiet", "--config=config.cjs"),
            files={
                "config.cjs": ELEVENTY,
                "feed.njk": ELEVENTY_FEED,
                "content/content.json": '{"permalink": false}',
            },
            made=("out", ".cache"),
            feed="out/feed.xml",
            most=10_000,
            environment={"NODE_PATH": str(_above(eleventy.resolve(), "node_modules"))},
        )
    if pelican := _found("pelican"):
        yield Peer(
            name="pelican",
            posts="content",
            command=(pelican, "--quiet", "-s", "pelicanconf.py"),
            files={"pelicanconf.py": PELICAN},
            made=("out", "cache", "__pycache__"),
            feed="out/feed.xml",
            most=10_000,
        )
    if jekyll := _found("jekyll"):
        yield Peer(
            name="jekyll",
            posts="_posts",
            command=(jekyll, "build", "--quiet"),
            files={"_config.yml": JEKYLL},
            made=("out", ".jekyll-cache"),
            feed="out/feed.xml",
            most=1_000,
        )


def _hugos(hugo: Path) -> Iterator[Peer]:
    command = (hugo, "--quiet", "--destination", "out")
    yield Peer(
        name="hugo",
        posts="content",
        command=command,
        files={"hugo.toml": HUGO, "layouts/index.rss.xml": HUGO_FEED},
        made=("out",),
        feed="out/index.xml",
    )
    yield Peer(
        name="hugo, all pages",
        posts="content",
        command=command,
        files={
            "hugo.toml": HUGO_PAGES,
            "layouts/_default/single.html": HUGO_PAGE,
            "layouts/_default/list.html": HUGO_LIST,
        },
        made=("out",),
        feed="out/index.xml",
        most=10_000,
    )


def _hugo() -> Path | None:
    """Find the program itself: PyPI's package puts a script of Python's before it."""
    found = _found("hugo")
    if found and found.read_bytes()[:2] == b"#!":
        inner = found.parents[1].glob("lib/python*/site-packages/hugo/binaries/hugo")
        return next(inner, found)
    return found


def _found(name: str) -> Path | None:
    found = shutil.which(name, path=os.environ.get("PATH"))
    return Path(found) if found else None


def _above(place: Path, name: str) -> Path:
    return next(folder for folder in place.parents if folder.name == name)
