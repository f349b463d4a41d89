r"""What travels between the rooms: frozen values, no behaviour beyond one-line properties.

The river: ``Source`` -> ``Reading`` (a ``Post``, or the ``Problem``\ s that forbid it) ->
``Entry`` (the post with its identity and its ``Asset``\ s) -> ``Edition`` -> ``Document`` and
``Notice`` -> ``Answer`` -> ``Verdict``. Beside it the journal's lines (``Kept``, ``Version``,
``Removal``, ``Capture``, ``Joined``, ``Owed``, ``Settled``, ``Noted``, and what becomes of kept
bytes: ``Checked``, ``Damaged``, ``Repaired``, ``Loose``, ``Collected``, ``Forgotten``), from which
the database can be rebuilt, and the ``Report`` of a pass.

Every ``datetime`` is aware. A ``digest`` is a lower-case hexadecimal SHA-256.
"""

from syndicator.model.feeds import (
    Answer,
    Change,
    Document,
    Edition,
    Notice,
    Parcel,
    Request,
    Verdict,
)
from syndicator.model.pictures import Asset, Entry, Want
from syndicator.model.posts import (
    PERMALINK_WORDS,
    TRAILER,
    Candidate,
    ChangeKind,
    Edit,
    ImageRef,
    Known,
    Post,
    Problem,
    Reading,
    Severity,
    Site,
    Source,
    Standing,
    State,
    Trait,
    TraitKind,
)
from syndicator.model.records import (
    Capture,
    Checked,
    Collected,
    Damaged,
    Forgotten,
    Joined,
    Kept,
    Loose,
    Note,
    Noted,
    Owed,
    Record,
    Removal,
    Repaired,
    Settled,
    Version,
)
from syndicator.model.report import Lane, Missing, Report

__all__ = [
    "PERMALINK_WORDS",
    "TRAILER",
    "Answer",
    "Asset",
    "Candidate",
    "Capture",
    "Change",
    "ChangeKind",
    "Checked",
    "Collected",
    "Damaged",
    "Document",
    "Edit",
    "Edition",
    "Entry",
    "Forgotten",
    "ImageRef",
    "Joined",
    "Kept",
    "Known",
    "Lane",
    "Loose",
    "Missing",
    "Note",
    "Noted",
    "Notice",
    "Owed",
    "Parcel",
    "Post",
    "Problem",
    "Reading",
    "Record",
    "Removal",
    "Repaired",
    "Report",
    "Request",
    "Settled",
    "Severity",
    "Site",
    "Source",
    "Standing",
    "State",
    "Trait",
    "TraitKind",
    "Verdict",
    "Version",
    "Want",
]
