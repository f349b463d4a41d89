"""Which files are posts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.content.globs import matcher, translate


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("**/*.md", "a.md", True),
        ("**/*.md", "2020/12/a.md", True),
        ("**/*.md", "a.mdx", False),
        ("**/*.md", "a.MD", False),
        ("*.md", "a/b.md", False),
        ("./posts/*.md", "posts/a.md", True),
        ("posts/**/a.md", "posts/a.md", True),
        ("posts/**/a.md", "posts/x/y/a.md", True),
        ("posts/**/a.md", "postsx/a.md", False),
        ("drafts/", "drafts/a.md", True),
        ("drafts/", "drafts/x/a.md", True),
        ("drafts/**", "drafts/x/a.md", True),
        ("drafts/", "my-drafts/a.md", False),
        ("a?.md", "ab.md", True),
        ("a?.md", "a/.md", False),
        ("[0-9]*.md", "2020.md", True),
        ("[!0-9]*.md", "2020.md", False),
        ("[!a]b", "/b", False),
        ("[^a].md", "^.md", True),
        ("[]a].md", "].md", True),
        ("[a.md", "[a.md", True),
        ("a[[]b", "a[b", True),
        ("[z-a].md", "b.md", False),
        ("[!z-a].md", "b.md", True),
        ("[a--]", "-", False),
        ("[--a]", "-", True),
        ("[a&&b]", "&", True),
        ("[a-]", "-", True),
        ("[\\d]", "7", False),
        ("a.b+(c)|d$", "a.b+(c)|d$", True),
        ("a.md", "axmd", False),
        ("新*.md", "新聞.md", True),
        ("*", "a\nb", True),
    ],
)
def test_a_pattern_means_what_people_who_know_globs_expect(
    pattern: str, path: str, expected: bool
) -> None:
    """Stars stop at slashes, two stars do not, brackets are choices, all else is itself."""
    assert matcher([pattern], [])(path) is expected


def test_a_file_must_be_wanted_and_not_unwanted() -> None:
    """Without a pattern to include it nothing is a post; exclusion wins."""
    matches = matcher(["**/*.md", "*.txt"], ["README.md", "drafts/"])
    assert [matches(path) for path in ("a.md", "b.txt", "README.md", "drafts/a.md")] == [
        True,
        True,
        False,
        False,
    ]
    assert not matcher([], [])("a.md")
    assert not matcher([], [])("")


@given(st.text(alphabet="[]!-&|~^\\*?/ab"), st.text())
def test_no_pattern_breaks_the_matcher(pattern: str, path: str) -> None:
    """Whatever stands in the configuration, a match is told or not told, and never fails."""
    assert translate(pattern) is not None
    assert matcher([pattern], [])(path) in {True, False}


@given(st.text(alphabet="ab.-+()|$^{}\\/新", min_size=1))
def test_a_path_without_signs_matches_itself_only(path: str) -> None:
    """What is special to regular expressions is not special here."""
    if not path.startswith("./") and not path.endswith("/"):
        assert matcher([path], [])(path)
        assert not matcher([path], [])(path + "x")
