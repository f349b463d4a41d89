r"""What travels between the rooms: frozen values, no behaviour beyond one-line properties.

The river: ``Source`` -> ``Reading`` (a ``Post``, or the ``Problem``\ s that forbid it) ->
``Entry`` (the post with its identity and its ``Asset``\ s) -> ``Edition`` -> ``Document`` and
``Notice`` -> ``Answer`` -> ``Verdict``. Beside it the journal's lines (``Kept``, ``Version``,
``Removal``, ``Capture``, ``Joined``, ``Owed``, ``Settled``, ``Noted``), from which the database
can be rebuilt, and the ``Report`` of a pass.

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
    Validators,
    Verdict,
    Waiting,
)
from syndicator.model.pictures import Asset, Entry, Rest, Shown, Want
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
    Joined,
    Kept,
    Note,
    Noted,
    Owed,
    Record,
    Removal,
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
    "Document",
    "Edit",
    "Edition",
    "Entry",
    "ImageRef",
    "Joined",
    "Kept",
    "Known",
    "Lane",
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
    "Report",
    "Request",
    "Rest",
    "Settled",
    "Severity",
    "Shown",
    "Site",
    "Source",
    "Standing",
    "State",
    "Trait",
    "TraitKind",
    "Validators",
    "Verdict",
    "Version",
    "Waiting",
    "Want",
]
