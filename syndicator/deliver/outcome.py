"""What an answer means as a rule, for kinds that do not say otherwise; pure."""

from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from syndicator.errors import Failed, Refused
from syndicator.model.feeds import Answer, Outcome

# A receiver that deploys a bug refuses for hours: worth trying again, and a person's look.
_REFUSALS = frozenset({400, 401, 403, 404, 405, 406, 409, 411, 413, 414, 415, 422, 431})
_OVERLOADED = frozenset({429, 502, 503, 504})
_WISH: Final = "webhook-delivery"  # a receiver's wish: "disable", or "abort-message"


def usual(answer: Answer) -> Outcome:
    """Judge an answer as Standard Webhooks 1.0.0 does ("Operational considerations").

    Only a 2xx acknowledges. 3xx is never followed. 410, or the header ``webhook-delivery:
    disable``, ends the endpoint; ``webhook-delivery: abort-message`` this message alone.
    """
    status, wish = answer.status, answer.headers.get(_WISH, "").strip().lower()
    says = f"answered {status}{_phrase(status)}"
    if wish == "disable":
        return Outcome(means="gone", status=status, says=f"{says}, and wants no more")
    if status == HTTPStatus.GONE:
        return Outcome(means="gone", status=status, says=f"{says}: it wants no more")
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Outcome(means="done", status=status)
    if wish == "abort-message":
        return Outcome(means="dead", status=status, says=f"{says}, and does not want this message")
    return _failure(answer, says)


def _failure(answer: Answer, says: str) -> Outcome:
    status, wait = answer.status, answer.retry_after
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        says += f"; redirects are not followed: {_points(answer.headers.get('location', ''))}"
        return Outcome(means="refused", status=status, says=says, alarm=True)
    if status in _OVERLOADED or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        busy = status in _OVERLOADED
        return Outcome(means="again", status=status, says=says, wait=wait, busy=busy)
    alarm = status in _REFUSALS
    return Outcome(means="refused", status=status, says=says, wait=wait, alarm=alarm)


def broken(error: Exception) -> Outcome:
    """Judge what came instead of an answer; a message is blamed only for what is its own."""
    if isinstance(error, Refused):  # our own guard: nothing was dialled, and nothing will be
        return Outcome(means="dead", says=error.says, alarm=True)
    if isinstance(error, Failed):
        alarm = ": TLS: " in error.says  # a certificate: it will not mend itself
        return Outcome(means="again", says=error.says, unknown=not error.unsent, alarm=alarm)
    says = f"internal error: {type(error).__name__}"  # not its text: it may quote a secret
    return Outcome(means="again", says=says, unknown=True, alarm=True)


def _points(location: str) -> str:
    """Say where a redirect points, without the path and the query, which may be secret."""
    try:
        to = urlsplit(location)
        where = f"{to.scheme}://{to.hostname}" if to.scheme and to.hostname else ""
    except ValueError:
        where = ""
    return f"set the address it points to, at {where}" if where else "set the right address"


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""
