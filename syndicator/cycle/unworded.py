"""Pushes that the template of an endpoint fails at: told where the template stands."""

from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from syndicator.config import file as configuration
from syndicator.config import locate
from syndicator.cycle.report import FAILING
from syndicator.doors.affairs import Standing
from syndicator.model.posts import Problem


def unworded(file: Path, known: Standing) -> list[Problem]:
    """Return a problem for each endpoint whose template failed at what it is owed."""
    if not known.unworded:  # as nearly always: nothing is read for it
        return []
    data, raw = configuration.read(file)
    places = locate.positions(data.decode("utf-8-sig"))
    tables: Any = raw.get("publish", [])
    listed = enumerate(tables if isinstance(tables, list) else ())
    keys = {
        str(one.get("name")): ("publish", n, "template")
        for n, one in listed
        if isinstance(one, dict)
    }
    found = []
    for name, rows in groupby(known.unworded, itemgetter(0)):
        *others, (_, path, why) = rows
        more = f" and {len(others)} more" if others else ""
        line, column = locate.nearest(places, keys.get(name, ("publish",)))
        problem = Problem(
            path=str(file),
            code=FAILING,
            says=f"endpoint {name} can't be told of {path}{more}: {why}",
            hint=f"mend it, then: syndicate push replay --dead --endpoint {name}",
            line=line,
            column=column,
        )
        found.append(problem)
    return found
