r"""What travels between the rooms: frozen values, no behaviour beyond one-line properties.

The river: ``Source`` -> ``Reading`` (a ``Post``, or the ``Problem``\ s that forbid it) ->
``Entry`` (the post with its identity and its ``Asset``\ s) -> ``Edition`` -> ``Document`` and
``Notice`` -> ``Parcel`` -> ``Request`` -> ``Answer`` -> ``Outcome`` -> ``Verdict``. Beside it the
journal's lines (``Kept``, ``Adopted``, ``Version``, ``Removal``, ``Capture``, ``Copy``,
``Joined``, ``Owed``, ``Settled``, ``Reopened``, ``Tried``, ``Switched``, ``Alerted``, ``Noted``,
and what becomes of kept bytes: ``Checked``, ``Damaged``, ``Repaired``, ``Loose``, ``Collected``,
``Forgotten``, and of documents: ``Written``), from which the database can be rebuilt, and the
``Report`` of a pass.

Every ``datetime`` is aware. A ``digest`` is a lower-case hexadecimal SHA-256.

Each name is imported once it is asked for: to build all of these values takes a pass that finds
nothing changed a fifth of its time, and it needs few of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syndicator.model.custody import Checked, Collected, Damaged, Forgotten, Loose, Repaired
    from syndicator.model.feeds import (
        EVERYTHING,
        UNWORDED,
        Absent,
        Announced,
        Answer,
        Attempt,
        Change,
        Document,
        Edition,
        Entries,
        Facet,
        Health,
        History,
        Means,
        Notice,
        Outcome,
        Parcel,
        Part,
        Request,
        Selection,
        Validators,
        Values,
        Verdict,
        Waiting,
    )
    from syndicator.model.pictures import Asset, Entry, Rest, Shown, Want
    from syndicator.model.posts import (
        PERMALINK_WORDS,
        TRAILER,
        Adoption,
        Candidate,
        ChangeKind,
        Channel,
        Edit,
        ImageRef,
        Known,
        LinkRef,
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
        Adopted,
        Alerted,
        Capture,
        Copy,
        Joined,
        Kept,
        Note,
        Noted,
        Owed,
        Record,
        Removal,
        Reopened,
        Settled,
        Switched,
        Tried,
        Version,
        Written,
    )
    from syndicator.model.report import Alert, EndpointState, Job, Lane, Missing, Receiver, Report

_PARTS = ("posts", "report", "pictures", "feeds", "custody", "records")  # later need earlier ones

__all__ = [
    "EVERYTHING",
    "PERMALINK_WORDS",
    "TRAILER",
    "UNWORDED",
    "Absent",
    "Adopted",
    "Adoption",
    "Alert",
    "Alerted",
    "Announced",
    "Answer",
    "Asset",
    "Attempt",
    "Candidate",
    "Capture",
    "Change",
    "ChangeKind",
    "Channel",
    "Checked",
    "Collected",
    "Copy",
    "Damaged",
    "Document",
    "Edit",
    "Edition",
    "EndpointState",
    "Entries",
    "Entry",
    "Facet",
    "Forgotten",
    "Health",
    "History",
    "ImageRef",
    "Job",
    "Joined",
    "Kept",
    "Known",
    "Lane",
    "LinkRef",
    "Loose",
    "Means",
    "Missing",
    "Note",
    "Noted",
    "Notice",
    "Outcome",
    "Owed",
    "Parcel",
    "Part",
    "Post",
    "Problem",
    "Reading",
    "Receiver",
    "Record",
    "Removal",
    "Reopened",
    "Repaired",
    "Report",
    "Request",
    "Rest",
    "Selection",
    "Settled",
    "Severity",
    "Shown",
    "Site",
    "Source",
    "Standing",
    "State",
    "Switched",
    "Trait",
    "TraitKind",
    "Tried",
    "Validators",
    "Values",
    "Verdict",
    "Version",
    "Waiting",
    "Want",
    "Written",
]


if not TYPE_CHECKING:  # whoever checks types would take any name for one of these

    def __getattr__(name: str) -> object:
        """Return what is called so in the first part that has it, and keep it at hand here."""
        if name in __all__:
            for part in _PARTS:
                found = vars(import_module(f"{__name__}.{part}"))
                if name in found:
                    globals()[name] = found[name]
                    return found[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
