"""Small steps the tables share: upserts, batches, and how values are written in columns."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ClauseElement, ColumnElement, bindparam, delete, func, inspect
from sqlalchemy.dialects.sqlite import dialect, insert
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import Session, SQLModel, col, select

from syndicator.doors.store.schema import Meta

BATCH = 500
_DIALECT = dialect(paramstyle="qmark")  # as sqlite3 has it
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_T = TypeVar("_T")


def upsert(
    session: Session,
    table: type[SQLModel],
    rows: Sequence[Mapping[str, Any]],
    *,
    keys: Collection[str] = (),
    keep: Collection[str] = (),
) -> None:
    """Insert rows, or replace those with the same keys, but for the columns in ``keep``.

    ``keys`` is the primary key unless given; every row names the same columns.
    """
    if rows:
        statement, order = _upsert(table, tuple(rows[0]), frozenset(keys), frozenset(keep))
        columns = table.__table__.columns  # type: ignore[attr-defined]  # SQLModel hides it
        new = {name: columns[name].default.arg for name in order if name not in rows[0]}
        whole = ({**new, **row} for row in rows) if new else rows
        made = [tuple([row[name] for name in order]) for row in whole]
        # as SQLite takes them: to have each row looked at by SQLAlchemy costs half as much again
        session.connection().exec_driver_sql(statement, made)


@lru_cache(maxsize=128)
def _upsert(
    table: type[SQLModel], names: tuple[str, ...], keys: frozenset[str], keep: frozenset[str]
) -> tuple[str, Sequence[str]]:
    """Make the statement, and tell the order of its values; that costs more than a row."""
    statement = insert(table)
    indexed = sorted(keys) or [column.name for column in inspect(table).primary_key]
    rest = {name: statement.excluded[name] for name in names if name not in {*indexed, *keep}}
    if rest:
        statement = statement.on_conflict_do_update(index_elements=indexed, set_=rest)
    else:
        statement = statement.on_conflict_do_nothing()
    made = statement.compile(dialect=_DIALECT, column_keys=list(names))
    assert isinstance(made, SQLCompiler)  # noqa: S101  # no other is made of a statement
    return str(made), made.positiontup or ()


class Asked:
    """A question that is put again and again: made into SQL once, which costs more than asking.

    Values come as SQLite has them, none turned into another by its column's type.
    """

    def __init__(self, statement: ClauseElement) -> None:
        """Take the question; what it leaves open are ``bindparam``s."""
        self._statement = statement
        self._made: tuple[str, Sequence[str]] | None = None

    def rows(self, session: Session, **values: object) -> Sequence[Any]:
        """Put it with these values; a list of values is for ``one_of``."""
        if self._made is None:
            compiled = self._statement.compile(dialect=_DIALECT)
            assert isinstance(compiled, SQLCompiler)  # noqa: S101  # no other is made of a statement
            self._made = str(compiled), compiled.positiontup or ()
        text, order = self._made
        each = (values[name] for name in order)
        given = tuple([json.dumps(one) if isinstance(one, list) else one for one in each])
        return session.connection().exec_driver_sql(text, given).all()


def one_of(column: object, name: str) -> ColumnElement[bool]:
    """Say that a column has one of the values that ``Asked.rows`` is given under a name."""
    each = func.json_each(bindparam(name)).table_valued("value")
    return col(column).in_(select(each.c.value))


def among(column: object, values: Iterable[str]) -> ColumnElement[bool]:
    """Say that a column has one of these values: as one of them, whatever their number is.

    So the statement is the same one for any number, and is compiled once.
    """
    each = func.json_each(json.dumps(list(values))).table_valued("value")
    return col(column).in_(select(each.c.value))


def batches(items: Iterable[_T], size: int = BATCH) -> Iterator[list[_T]]:
    """Cut an iterable into lists of at most ``size``."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def seconds(moment: datetime) -> int:
    """Write a moment as whole seconds since 1970, rounded up: what is due is never early."""
    return -((_EPOCH - moment) // timedelta(seconds=1))


def begun(moment: datetime) -> int:
    """Write a moment as whole seconds since 1970, rounded down: due at once is not due later."""
    return (moment - _EPOCH) // timedelta(seconds=1)


def microseconds(moment: datetime) -> int:
    """Write a moment as microseconds since 1970, exactly."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    """Read whole seconds since 1970."""
    return _EPOCH + timedelta(seconds=at)


def get(session: Session, key: str) -> str:
    """Read a single fact, "" when it was never set."""
    return session.exec(select(Meta.value).where(Meta.key == key)).first() or ""


def drop(session: Session, key: str) -> None:
    """Forget a single fact."""
    session.exec(delete(Meta).where(col(Meta.key) == key))


def put(session: Session, key: str, value: str) -> None:
    """Set a single fact."""
    upsert(session, Meta, [{"key": key, "value": value}])
