"""What can go wrong, what to do about it, and the exit code it ends in.

::

    SyndicatorError           exit code   meaning
      ConfigError                 2       the configuration can't be used; carries Problems
      ContentError                1       the content needs a person (missing or emptied folder)
      StoreError                  4       state.db or the journal: damaged, newer, unwritable
      Busy                       75       another instance holds the archive
      DoorError                   5       the world outside did not do what was asked
        Refused                           it never will: asking again is pointless
        Failed                            it may later: transient
      PublisherError              6       a publisher broke its promise; names it

What is wrong with one post is never an exception but a ``Problem``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

if TYPE_CHECKING:  # a pass that finds nothing changed needs this file but no model
    from syndicator.model.posts import Problem


class SyndicatorError(Exception):
    """Something a person or a later pass must deal with: what happened, and a hint what to do."""

    exit_code: ClassVar[int] = 1
    transient: ClassVar[bool] = False

    def __init__(self, says: str, *, hint: str = "", problems: tuple[Problem, ...] = ()) -> None:
        """Keep the message, the way out, and the problems to print before both."""
        super().__init__(says)
        self.says = says
        self.hint = hint
        self.problems = problems


@final
class ConfigError(SyndicatorError):
    """The configuration can't be used; ``problems`` holds every reason at once."""

    exit_code = 2


@final
class ContentError(SyndicatorError):
    """The content folder is missing, or empty where posts were before."""


@final
class StoreError(SyndicatorError):
    """The state can't be read or written: damaged, written by a newer version, or no space.

    ``away``: it is on a server that may answer later.
    """

    exit_code = 4

    def __init__(self, says: str, *, hint: str = "", away: bool = False) -> None:
        """Keep the message, the way out, and whether waiting may help."""
        super().__init__(says, hint=hint)
        self.away = away


@final
class Busy(SyndicatorError):  # noqa: N818  # a state of the world, named as people say it
    """Another instance works on this archive (sysexits' EX_TEMPFAIL)."""

    exit_code = 75


class DoorError(SyndicatorError):
    """The world outside did not do what was asked."""

    exit_code = 5


@final
class Refused(DoorError):  # noqa: N818
    """The other side, or our own guard, will give the same answer every time."""


@final
class Failed(DoorError):  # noqa: N818
    """The other side may do it later: time-outs, 5xx, a connection refused."""

    transient = True

    def __init__(
        self,
        says: str,
        *,
        hint: str = "",
        status: int = 0,
        silent: str = "",
        unsent: bool = False,
    ) -> None:
        """``status`` is the HTTP status or 0; ``silent`` the host that gave no answer at all.

        ``unsent`` says that no byte of the request has left: the other side can't have taken it.
        """
        super().__init__(says, hint=hint)
        self.status = status
        self.silent = silent
        self.unsent = unsent


@final
class PublisherError(SyndicatorError):
    """A publisher broke its promise; the message names it."""

    exit_code = 6
