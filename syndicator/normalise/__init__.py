"""Second room of the river: from a file to a post, or to the problems that forbid it.

``normalise`` is a pure function: the same bytes under the same path on the same site give the
same reading, on any machine, and nothing anybody writes makes it fail.
"""

from typing import Final

from syndicator.model import Reading, Site, Source
from syndicator.normalise import matter
from syndicator.normalise.characters import sound, text_of
from syndicator.normalise.findings import Findings, Flaw
from syndicator.normalise.handlers import FRONT_LIMIT
from syndicator.normalise.matter import Matter
from syndicator.normalise.post import compose

__all__ = ["normalise"]

_HEAD: Final = 5 * FRONT_LIMIT  # bytes, in which all front matter ends that may be read


def normalise(source: Source, site: Site) -> Reading:
    """Read one source: the post it holds, or why there is none; never raises for any bytes.

    An error of FM, DATE, TXT or URL holds the post back; warnings, and problems of pictures and
    Markdown, do not. Each problem names line and column in the file where they are known.
    """
    findings = Findings(source.path)
    if source.path.rpartition("/")[2].startswith("_index."):
        return Reading(path=source.path, standing="skipped")  # a section of Hugo or Zola
    post, drafted = None, False
    taken = _taken(source.data, findings) if sound(source.data, findings) else None
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


def _taken(data: bytes, findings: Findings) -> Matter | None:
    """Return a sound file taken apart; None where its front matter holds it back."""
    if len(data) > _HEAD:
        # to get memory for all of a long text takes longer than to see that it won't be read
        head = Findings(findings.path, mark=findings.mark)
        head.text = str(data[findings.mark : _HEAD], "utf-8", "ignore")  # may end in half a letter
        matter.take_apart(head.text, head)
        if head.hold:
            findings.take(head)
            return None
    return matter.take_apart(text_of(data, findings), findings)
