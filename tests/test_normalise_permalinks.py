"""Addresses filled in from a template, and what front matter says of other addresses."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from test_normalise_post import SITE, front, post, problem, read

from syndicator.model.posts import PERMALINK_WORDS
from syndicator.normalise.findings import Flaw
from syndicator.normalise.permalinks import Facts, filled

FACTS = Facts(
    path="_posts/2020-12-01-a-Day_of rain",
    name="a-Day_of rain",
    title="It's a Day",
    slug="",
    categories=("News", "Rain Gauge"),
    at=datetime(2020, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=8))),
)


@pytest.mark.parametrize(
    ("template", "address"),
    [
        ("/:year/:month/:day/:title/", "/2020/02/03/a-Day-of-rain/"),
        ("/:i_month-:i_day/:short_year", "/2-3/20"),
        ("/:hour:minute:second", "/040506"),
        ("/:long_month/:short_month/:long_day/:short_day", "/February/Feb/Monday/Mon"),
        ("/:y_day/:week/:w_day/:w_year", "/034/06/1/2020"),
        ("/:monthname/:weekdayname/:weekday/:yearday", "/february/monday/1/34"),
        ("/:categories/:title:output_ext", "/news/rain%20gauge/a-Day-of-rain.html"),
        ("/:slugified_categories/:slug/", "/news/rain-gauge/a-day-of-rain/"),
        ("/:category/:name/", "/news/a-day-of-rain/"),
        ("/:collection/:post_title/", "/posts/it-s-a-day/"),
        ("/:section/:sections/:contentbasename", "/_posts/_posts/a-Day_of%20rain"),
        ("/:slugorfilename/:slugorcontentbasename", "/a-day-of-rain/a-day-of-rain"),
        ("/:path/", "/2020-12-01-a-Day_of%20rain/"),
        ("/:year_:month/", "/2020_02/"),
        ("/wiki/Talk:rain/", "/wiki/Talk:rain/"),
        ("/at/10:30/", "/at/10:30/"),
        ("/plain//twice/", "/plain//twice/"),
    ],
)
def test_words_are_filled_in(template: str, address: str) -> None:
    """Jekyll's words, Hexo's and Hugo's; a colon within a word is a colon."""
    assert filled(template, FACTS) == address


def test_an_empty_word_leaves_no_empty_step() -> None:
    """Without categories ``/:categories/x/`` is ``/x/``, as in Jekyll."""
    assert filled("/:categories/x/", FACTS._replace(categories=())) == "/x/"


def test_a_slug_comes_before_the_name_of_the_file() -> None:
    """Jekyll takes ``:title`` and ``:slug`` from the key ``slug``, where there is one."""
    facts = FACTS._replace(slug="Wet")
    assert filled("/:title/:slug/:name", facts) == "/Wet/wet/a-day-of-rain"


def test_hugo_means_the_title_by_title() -> None:
    """Under Hugo's key ``url`` the word is the title, under ``permalink`` the file's name."""
    assert filled("/:title/", FACTS, hugo=True) == "/it-s-a-day/"
    assert post(front("url: /x/:title/"), "2020-12-01-b.md").url == "https://site.example/x/a/"
    keys = front("permalink: /x/:title/")
    assert post(keys, "2020-12-01-b.md").url == "https://site.example/x/b/"


@pytest.mark.parametrize("template", ["/:weather/", ":nope", "/:year/:years/", "/a-:b/"])
def test_an_unknown_word_is_an_error(template: str) -> None:
    """URL006 names the word; nothing is published under an address that was not meant."""
    with pytest.raises(Flaw) as caught:
        filled(template, FACTS)
    assert caught.value.code == "URL006"


def test_a_day_is_needed_for_a_day() -> None:
    """Where only the file's own time is known, an address can't hang on it."""
    found = problem(read(front("permalink: /:year/:title/"), "a.md"), "URL006")
    assert (found.severity, found.line) == ("error", 3)
    assert "date" in found.says


def test_all_of_jekylls_words_are_known() -> None:
    """The list of the documentation of Jekyll 4, whole."""
    jekyll = (
        "collection path name title slug categories slugified_categories year month day hour"
        " minute second i_day i_month short_month long_month short_year w_year week w_day"
        " short_day long_day y_day output_ext"
    )
    assert set(jekyll.split()) <= PERMALINK_WORDS


@pytest.mark.parametrize("word", sorted(PERMALINK_WORDS))
def test_every_word_that_a_configuration_may_hold_is_filled_in(word: str) -> None:
    """None is known to the configuration alone."""
    assert ":" not in filled(f"/:{word}/", FACTS)


PATTERNS = (
    ("", "/:categories/:year/:month/:day/:title:output_ext"),
    ("notes", "/n/:slugortitle/"),
    ("notes/long", "/:year/:path"),
)


@pytest.mark.parametrize(
    ("keys", "path", "url"),
    [
        ("category: News", "2020-12-01-rain.md", "news/2020/12/01/rain.html"),
        ("permalink: /own/rain/", "2020-12-01-rain.md", "own/rain/"),
        ("permalink: false", "2020-12-01-rain.md", "2020/12/01/rain.html"),
        ("slug: wet", "2020-12-01-rain.md", "2020/12/01/wet.html"),
        ("", "notes/rain.md", "n/a/"),
        ("slug: wet", "notes/more/rain.md", "n/wet/"),
        ("date: 2021-02-03", "notes/long/rain.md", "2021/notes/long/rain"),
        ("date: 2021-02-03", "notesandmore/rain.md", "2021/02/03/rain.html"),
    ],
)
def test_a_site_s_own_pattern_makes_the_addresses_of_posts_that_name_none(
    keys: str, path: str, url: str
) -> None:
    """That of the nearest folder; the front matter's own address goes before it."""
    site = replace(SITE, permalinks=PATTERNS)
    assert post(front(keys), path, site).url == "https://site.example/" + url


@pytest.mark.parametrize(
    ("keys", "path", "code"),
    [("", "rain.md", "URL006"), ("categories: ['..', b]\ndate: 2021-02-03", "rain.md", "URL007")],
)
def test_a_pattern_that_a_post_can_t_fill_holds_it_back(keys: str, path: str, code: str) -> None:
    """No day to fill in, or a way off the site: an error of the post, with its hint."""
    site = replace(SITE, permalinks=PATTERNS)
    assert problem(read(front(keys), path, site), code).severity == "error"


@pytest.mark.parametrize(
    ("keys", "path", "url"),
    [
        ("save_as: news/x/index.html", "a.md", "news/x/"),
        ("save_as: news/x.html", "a.md", "news/x.html"),
        ("url: news/x/\nsave_as: news/x/index.html", "a.md", "news/x/"),
        ("slug: My Post", "2020-12-01-a.md", "My%20Post/"),
        ("path: /a/:b/", "a.md", "a/:b/"),
    ],
)
def test_other_keys_for_an_address(keys: str, path: str, url: str) -> None:
    """Pelican's ``save_as``, and paths without words."""
    assert post(front(keys), path).url == "https://site.example/" + url


@pytest.mark.parametrize(
    ("keys", "path", "code"),
    [
        ("permalink: /News/Rain/", "rain.md", "URL004"),
        ("permalink: /%E9%AB%98/", "\u9ad8.md", ""),
        ("permalink: /news/wind/", "rain.md", "URL003"),
        ("permalink: /news/Rain.html", "rain.md", "URL004"),
        ("permalink: /news/rain.html", "2020-12-01-rain.md", ""),
        ("permalink: /news/rain/", "rain/index.md", ""),
        ("permalink: /:year/:title/", "2020-12-01-rain.md", ""),
        ("permalink: news/rain/", "rain.md", "URL005"),
        ("path: news/rain", "rain.md", ""),
    ],
)
def test_what_is_odd_about_an_address(keys: str, path: str, code: str) -> None:
    """Capitals, a name that is not the file's, a slash left out; nothing where nothing is."""
    told = [one.code for one in read(front(keys), path).problems if one.code.startswith("URL")]
    assert told == ([code] if code else [])


def test_redirects_are_addresses() -> None:
    """Old addresses in either key, below the site; Obsidian's other names are none."""
    found = post(front("aliases: [/old/, Other name, b.html]\nredirect_from: /c/"))
    assert found.redirects == (
        "https://site.example/old/",
        "https://site.example/b.html",
        "https://site.example/c/",
    )


def test_canonical_and_source() -> None:
    """Absolute wherever they lead; nested where Zola and Hugo have keys of one's own."""
    found = post(front("canonical_url: https://b.example/x\nsourceUrl: /y\nguid: urn:x"))
    assert found.canonical == "https://b.example/x"
    assert found.source_url == "https://site.example/y"
    assert found.declared_id == "urn:x"
    nested = post(front("extra:\n  canonical: https://b.example/z"))
    assert nested.canonical == "https://b.example/z"


@pytest.mark.parametrize("value", ["javascript:x()", "mailto:a@b.example", "a b", "[x]"])
def test_what_is_no_address_is_told(value: str) -> None:
    """A canonical address that is none is left out with a warning."""
    reading = read(front(f"canonical: {value}"))
    assert reading.post is not None
    assert reading.post.canonical == ""
    assert problem(reading, "FM019").line == 3


def test_what_nobody_is_shown_does_not_change_the_digest() -> None:
    """Old addresses, an id and the like are published in nothing: the post is the same one."""
    more = "aliases: [/old/]\nid: 5\ncanonical: https://b.example/x\nlink: https://b.example/y"
    assert post(front(more)).digest == post(front("layout: post")).digest
