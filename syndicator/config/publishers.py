"""What stands behind ``[[publish]]``: a ``Publisher``, and an ``Endpoint``, which owes notices.

An endpoint says what it owes (``publish``), how a parcel that is due becomes a request, and what
an answer means where it means something else than usual. All three are pure. Keeping, ordering,
retrying, resting, giving up and waking somebody are the outbox's, the same for every kind.
"""

import abc
from collections.abc import Generator, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from syndicator.config import checks, keys
from syndicator.config.table import Table
from syndicator.config.values import Seconds
from syndicator.model.custody import Damaged
from syndicator.model.feeds import (
    Absent,
    Announced,
    Answer,
    Attempt,
    Document,
    Edition,
    Facet,
    Notice,
    Outcome,
    Parcel,
    Request,
    Values,
)
from syndicator.model.posts import Problem, Site
from syndicator.model.records import Alerted, Switched

Name = Annotated[str, AfterValidator(checks.name)]
MOST_INFLIGHT = 10  # connections a client has for one origin


class Publisher(Table, abc.ABC):
    """One ``[[publish]]`` table and what it makes of an edition.

    Registered under its ``type`` as an entry point of the group ``syndicator.publishers``. A
    subclass adds its settings as fields and implements ``publish``: purely, reading no clock, so
    that the same edition gives the same bytes.
    """

    type: str
    """Which publisher this is."""

    @abc.abstractmethod
    def publish(self, edition: Edition) -> Iterator[Document | Absent | Notice | Problem]:
        """Yield what readers should find or not, whom to tell, what is wrong with single posts.

        What it does not yield stands as it is, unless the edition's history is ``whole``.
        """

    def lists(self) -> tuple[Facet, ...]:
        """Tell by which facets it selects entries."""
        return ()

    def asks_markdown(self) -> bool:
        """Tell whether its posts need their Markdown, which is not kept at hand otherwise."""
        return False

    def announce(self, site: Site, values: Values) -> Iterable[Announced]:  # noqa: ARG002  # for feeds
        """Tell the feeds it makes, which may depend on the values that live posts have."""
        return ()

    def companions(self, site: Site) -> Iterable[Announced]:  # noqa: ARG002  # for pages and lists
        """Tell the documents about feeds it makes, which are none themselves."""
        return ()


class Endpoint(Publisher):
    """A publisher that owes notices to somebody, and knows how each is put to them.

    A kind that makes one request an attempt implements ``request``, one that needs several
    ``exchange``; a kind whose receiver means something else than usual by a status, ``judge``.
    """

    KEY: ClassVar[Literal["required", "optional", "none"]] = "required"
    """Whether this kind needs a secret: a key, a token, or an address that is one."""
    HINT: ClassVar[str] = keys.KEPT
    """What to do about a secret that is missing or wrong."""

    name: Name
    """What this receiver is called in reports and in the journal; never reuse one."""
    secret_env: Annotated[str, AfterValidator(keys.variable)] = ""
    """Environment variable that holds the secret; one of the three."""
    secret_file: Annotated[str, AfterValidator(keys.secret_path)] = ""
    """File that holds the secret, seen from the folder of this file."""
    secret_credential: Annotated[str, AfterValidator(keys.credential)] = ""
    """Name of the systemd credential (LoadCredential=) that holds the secret."""
    since: Literal["configured", "all"] = "configured"
    """Tell it of posts from now on, or first of all that exist, oldest first."""
    mode: Literal["at-least-once", "at-most-once"] = "at-least-once"
    """What to do when nobody knows whether a message arrived: send it again, or give it up."""
    order: Literal["subject", "strict"] = "subject"
    """Keep messages in order for each post, or all of them: then one that fails holds up all."""
    max_inflight: Annotated[int, Field(ge=1, le=MOST_INFLIGHT)] = 2
    """Messages on their way to it at once."""
    retries: Annotated[tuple[Annotated[Seconds, Field(ge=1)], ...], Field(max_length=50)] = ()
    """Waits after the first, second, ... failure; empty: as Standard Webhooks has them."""
    expires: Annotated[Seconds, Field(ge=0)] = 0.0
    """How old a message may become before it is given up; 0s: as old as retries let it."""
    rate: Annotated[float, Field(ge=0, le=1000)] = 0.0
    """Messages a second at most; 0: as many as it takes."""

    max_burst: Annotated[int, Field(ge=0)] = 20
    """More messages than this, owed by one pass, are held back; 0: never."""
    burst: Literal["hold", "digest"] = "hold"
    """What becomes of so many: they wait for `syndicate push confirm`, or one says it all."""

    def request(self, parcel: Parcel, attempt: Attempt) -> Request:
        """Return the one request of an attempt: address, time, signature and secret are of now.

        The body is the parcel's, frozen when it was owed: a retry must not become another
        message. ``ValueError`` where the secret can't be used, without quoting it.
        """
        raise NotImplementedError(f"{self.type} makes its requests in exchange")

    def judge(self, answer: Answer) -> Outcome | None:  # noqa: ARG002  # for those who need it
        """Say what an answer means where it means something else than usual; None: as usual."""
        return None

    def exchange(
        self, parcel: Parcel, attempt: Attempt
    ) -> Generator[Request, Answer, Outcome | None]:
        """Yield each request of an attempt, be sent its answer, and return what came of it.

        None: as usual, by the last answer. Nothing is remembered between two attempts but what
        an outcome's ``remote`` says.
        """
        return self.judge((yield self.request(parcel, attempt)))

    def unfit(self, secret: str) -> str:  # noqa: ARG002  # for those who know a form
        """Say what is wrong with a secret, "" for nothing; never quote it."""
        return ""

    def digest(self, notices: Sequence[Notice], site: Site) -> Notice | None:  # noqa: ARG002  # for those who can
        """Return one notice in place of many at once; None: this kind knows no such."""
        return None

    def sample(self, site: Site, at: datetime) -> Notice | None:  # noqa: ARG002  # as above
        """Return a notice to try the receiver with; None: this kind knows no such."""
        return None

    def idle(self, site: Site) -> str:  # noqa: ARG002  # as above
        """Say why it will be told nothing, as things are configured; "" if it will."""
        return ""

    def alarm(self, damage: Damaged, posts: Sequence[str], site: Site) -> Notice | None:  # noqa: ARG002  # for those who tell of it
        """Return what it is told of a kept file that can't be repaired; None: nothing.

        ``posts`` are the paths of the posts that need the file.
        """
        return None

    def news(self, feeds: Sequence[Announced], site: Site, at: datetime) -> Iterable[Notice]:  # noqa: ARG002  # as above
        """Yield what it is told of feeds whose bytes changed at ``at``; nothing, as a rule.

        These notices are recorded with the feeds, in one transaction: who is told finds them.
        """
        return ()

    def warn(self, switched: Switched, site: Site) -> Notice | None:  # noqa: ARG002  # as above
        """Return what it is told of another endpoint that was disabled; None: nothing."""
        return None

    def alert(self, alerted: Alerted, site: Site) -> Notice | None:  # noqa: ARG002  # as above
        """Return what it is told of a job or another endpoint that fails again and again.

        Or goes well again, after that. None: nothing.
        """
        return None

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        """Show the name alone: addresses and headers of receivers may be secrets."""
        return (("name", self.name),)

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """The settings that say where the secret is, with what they say: one at most."""
        named = ("secret_env", "secret_file", "secret_credential")
        return tuple((name, value) for name in named if (value := getattr(self, name)))

    @model_validator(mode="after")
    def _one_secret(self) -> Self:
        named = [name for name, _ in self.sources]
        if not named and self.KEY == "required":
            raise checks.unfit(
                "needs a secret: neither secret_env, secret_file nor secret_credential",
                self.HINT,
            )
        if len(named) > 1:
            raise checks.unfit(f"has two secrets: {named[0]} and {named[1]}", "keep one of them")
        if named and self.KEY == "none":
            raise checks.unfit(f"needs no secret, and {named[0]} names one", "leave it out")
        return self
