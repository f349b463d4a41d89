"""What ``syndicate run`` asks of a daemon that holds the archive, and what it is told."""

from typing import Any

from pydantic import TypeAdapter, ValidationError

from syndicator import errors
from syndicator.cycle import Order
from syndicator.doors import control
from syndicator.doors.layout import Layout
from syndicator.errors import SyndicatorError
from syndicator.model.posts import Problem
from syndicator.model.report import Report

_REPORT = TypeAdapter(Report)
_PROBLEMS = TypeAdapter(tuple[Problem, ...])
_BUSY = "the daemon at work gave no answer that this version understands"


def ask(place: Layout, order: Order) -> Report | None:
    """Let the daemon make a pass; None where none listens. Raises what the pass raised there."""
    question = {"force": order.force, "confirm": order.confirm, "drain": order.drain}
    found = control.ask(place.control, question)
    if found is None:
        return None
    try:
        if "report" in found:
            return _REPORT.validate_python(found["report"])
        told = found["error"]
        problems = _PROBLEMS.validate_python(told["problems"])
        kind = getattr(errors, str(told["kind"]), None)
    except (KeyError, TypeError, ValidationError) as error:
        raise errors.Busy(_BUSY, hint="restart it after an update") from error
    if not (isinstance(kind, type) and issubclass(kind, SyndicatorError)):
        kind = SyndicatorError
    raise kind(str(told["says"]), hint=str(told["hint"]), problems=problems)


def understood(question: dict[str, Any], order: Order) -> Order:
    """Read what was asked for into an order."""
    drain = question.get("drain")
    return order._replace(
        force=question.get("force") is True,
        confirm=question.get("confirm") is True,
        drain=float(drain) if isinstance(drain, int | float) and drain >= 0 else order.drain,
    )


def told(result: Report | SyndicatorError) -> dict[str, Any]:
    """Word the answer."""
    if isinstance(result, Report):
        return {"report": _REPORT.dump_python(result, mode="json")}
    kind = type(result).__name__
    problems = _PROBLEMS.dump_python(result.problems, mode="json")
    return {
        "error": {"kind": kind, "says": str(result), "hint": result.hint, "problems": problems}
    }
