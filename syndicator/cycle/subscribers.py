"""The built-in hub's subscribers as people see them: an endpoint, and a push for each of them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

from syndicator.doors import subscriptions
from syndicator.doors.http import shown
from syndicator.doors.layout import Layout
from syndicator.doors.subscriptions import Subscription
from syndicator.model.pushes import Ask, Push, Standing, Try

NAME = "@hub"  # no endpoint can be called so
PREFIX = "sub_"
_AGAIN: tuple[tuple[str, Literal["retry", "replay"]], ...] = (
    ("pending", "retry"),
    ("done", "replay"),
)


def standing(layout: Layout, now: datetime) -> Standing | None:
    """Tell how it stands with all of them together; None where nobody subscribed."""
    found = subscriptions.standing(layout.subscriptions, now.timestamp())
    if not found.subscribers:
        return None
    says = f"{found.failing} of them took nothing last" if found.failing else ""
    return Standing(
        endpoint=NAME,
        state="active",
        says=says,
        streak=0,
        until=None,
        joined=datetime.fromtimestamp(0, UTC),
        counts={"done": found.subscribers - found.waiting, "pending": found.waiting},
        type="websub-subscribers",
    )


def listed(layout: Layout, ask: Ask) -> list[Push]:
    """Tell those that are asked for, those first that were tried last."""
    found = [_push(*one) for one in subscriptions.listed(layout.subscriptions)]
    return [
        one
        for one in found
        if (not ask.states or one.state in ask.states)
        and (not ask.messages or one.message in ask.messages)
        and (ask.since is None or one.at >= ask.since)
    ][: ask.limit or None]


def split(pushes: Iterable[Push]) -> tuple[list[Push], list[Push]]:
    """Tell apart what endpoints are owed and what subscribers are."""
    found = list(pushes)
    here = [one for one in found if one.endpoint == NAME]
    return [one for one in found if one.endpoint != NAME], here


def again(layout: Layout, pushes: Iterable[Push]) -> None:
    """Let these be sent the feed: who waits for it at once, who has it once more."""
    found = list(pushes)
    for state, what in _AGAIN:
        names = [_name(one) for one in found if one.state == state]
        if names:
            subscriptions.ask(layout.subscriptions, what, names)


def cancel(layout: Layout, pushes: Iterable[Push]) -> None:
    """Let these not be sent what is published now: the next version again."""
    if names := [_name(one) for one in pushes]:
        subscriptions.ask(layout.subscriptions, "cancel", names)


def _name(one: Push) -> str:
    return one.message.removeprefix(PREFIX)


def one(layout: Layout, message: str) -> tuple[list[Push], list[Try], str]:
    """Tell all that may be shown of one: how it stands, and its last attempt."""
    name = message.removeprefix(PREFIX)
    found = subscriptions.listed(layout.subscriptions, name)
    tries = [
        Try(
            n=max(1, each.failures),
            at=datetime.fromtimestamp(each.at, UTC),
            milliseconds=each.milliseconds,
            status=each.status,
            says=each.says,
            peer=each.peer,
            reply=each.reply,
        )
        for each, _ in found
        if each.at
    ]
    return [_push(*each) for each in found], tries, ""


def _push(one: Subscription, waits: bool) -> Push:  # noqa: FBT001  # as it is listed
    where = shown(one.callback, secret=True)
    due = datetime.fromtimestamp(one.due, UTC) if one.due else None
    return Push(
        message=PREFIX + one.key,
        endpoint=NAME,
        kind="websub.content",
        subject=one.topic,
        seq=0,
        at=datetime.fromtimestamp(one.at, UTC),
        state="pending" if waits else "done",
        attempts=one.failures,
        next_at=due if waits else None,
        status=one.status,
        says=f"{where}: {one.says}" if one.says else where,
        remote="",
    )
