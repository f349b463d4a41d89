"""Second room of the river: from a file to a post, or to the problems that forbid it.

``normalise`` is a pure function: the same bytes under the same path on the same site give the
same reading, on any machine, and nothing anybody writes makes it fail.
"""

from typing import Final

from syndicator.model.posts import Reading, Site, Source
from syndicator.normalise import matter
from syndicator.normalise.characters import FILE_LIMIT, beginning, sound, text_of
from syndicator.normalise.findings import Findings, Flaw
from syndicator.normalise.handlers import FRONT_LIMIT
from syndicator.normalise.matter import Matter
from syndicator.normalise.post import compose, judge

__all__ = ["normalise"]

_LONG: Final = 4 * 1024 * 1024  # bytes; a longer file is known to be long before it is read
_SHORT: Final = 16 * 1024  # what its front matter may have
_HEAD: Final = 5 * _SHORT  # in which that ends


def normalise(source: Source, site: Site) -> Reading:
    """Read one source: the post it holds, or why there is none; never raises for any bytes.

    An error of FM, DATE, TXT or URL holds the post back; warnings, and problems of pictures and
    Markdown, do not. Each problem names line and column in the file where they are known.
    """
    findings = Findings(source.path)
    if source.path.rpartition("/")[2].startswith("_index."):
        return Reading(path=source.path, standing="skipped")  # a section of Hugo or Zola
    post, drafted = None, False
    taken = _taken(source, site, findings)
    if taken is not None and not findings.hold:
        try:
            post, drafted = compose(source, site, taken, findings)
        except Flaw as flaw:
            findings.flaw(flaw)
    problems = findings.told()
    if drafted:
        return Reading(path=source.path, standing="draft", post=post, problems=problems)
    if findings.hold:
        return Reading(path=source.path, standing="held", problems=problems)
    if post is None:
        return Reading(path=source.path, standing="skipped", problems=problems)
    return Reading(path=source.path, standing="post", post=post, problems=problems)


def _taken(source: Source, site: Site, findings: Findings) -> Matter | None:
    """Return a file taken apart, or None and why it holds nothing that can be read.

    Refusing a long text takes as long as refusing much front matter: no file may have both, and
    a long text is not looked at where its front matter is refused, or holds the post back.
    """
    data, limit = source.data, FRONT_LIMIT
    if _LONG < len(data) <= FILE_LIMIT:
        limit = _SHORT
        head, drafted = Findings(findings.path), False
        begin = beginning(data, _HEAD)
        if sound(begin, head):
            front = matter.take_apart(text_of(begin, head), head, limit)
            if not head.hold:
                drafted = judge(source, site, front, day=None, findings=head).drafted
        if head.hold and not drafted and not _undated(head):
            findings.take(head)
            return None
    if not sound(data, findings):
        return None
    return matter.take_apart(text_of(data, findings), findings, limit)


def _undated(head: Findings) -> bool:
    """Whether only an address that may want a day holds a post back: its trailer may name one."""
    codes = {one.code for one in head.problems if one.severity == "error"}
    return codes == {"URL006"} and any(one.code == "DATE004" for one in head.problems)
