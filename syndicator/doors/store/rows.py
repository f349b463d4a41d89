"""Small steps the tables share: upserts, batches, and how values are written in columns."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import ClauseElement, ColumnElement, bindparam, delete, inspect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import Session, SQLModel, col, select

from syndicator.doors.store.dialects import Each, Insert, driver
from syndicator.doors.store.schema import Meta

BATCH = 500
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
        names = tuple(rows[0])
        made = [tuple([row[name] for name in names]) for row in rows]
        put_rows(session, table, names, made, keys=keys, keep=keep)


def put_rows(
    session: Session,
    table: type[SQLModel],
    names: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    *,
    keys: Collection[str] = (),
    keep: Collection[str] = (),
) -> None:
    """Do what ``upsert`` does, for rows that are tuples of the values of these columns."""
    if rows:
        connection = session.connection()
        made = _upsert(connection.dialect.name, table, names, frozenset(keys), frozenset(keep))
        statement, rest, ordered = made
        # as the driver takes them: that SQLAlchemy looks at each row costs half as much again
        whole = ((*row, *rest) for row in rows) if rest else rows
        connection.exec_driver_sql(statement, list(map(ordered, whole)))


@lru_cache(maxsize=128)
def _upsert(
    name: str,
    table: type[SQLModel],
    names: tuple[str, ...],
    keys: frozenset[str],
    keep: frozenset[str],
) -> tuple[str, tuple[Any, ...], Callable[[tuple[Any, ...]], tuple[Any, ...]]]:
    """Make the statement; that costs more than a row.

    With it, what stands in the columns that have a default and no name here, and what puts the
    values of these and those into its order.
    """
    insert, dialect = driver(name)
    statement: Insert = insert(table)
    indexed = sorted(keys) or [column.name for column in inspect(table).primary_key]
    rest = {name: statement.excluded[name] for name in names if name not in {*indexed, *keep}}
    if rest:
        statement = statement.on_conflict_do_update(index_elements=indexed, set_=rest)
    else:
        statement = statement.on_conflict_do_nothing()
    made = statement.compile(dialect=dialect, column_keys=list(names))
    assert isinstance(made, SQLCompiler)  # noqa: S101  # no other is made of a statement
    columns = table.__table__.columns  # type: ignore[attr-defined]  # SQLModel hides it
    order = made.positiontup or ()
    new = {name: columns[name].default.arg for name in order if name not in names}
    given = (*names, *new)
    return str(made), tuple(new.values()), itemgetter(*map(given.index, order))


class Asked:
    """A question that is put again and again: made into SQL once, which costs more than asking.

    Values come as the driver has them, none turned into another by its column's type.
    """

    def __init__(self, statement: ClauseElement) -> None:
        """Take the question; what it leaves open are ``bindparam``s."""
        self._statement = statement
        self._made: dict[str, tuple[str, Sequence[str]]] = {}  # by dialect

    def rows(self, session: Session, **values: object) -> Sequence[Any]:
        """Put it with these values; a list of values is for ``one_of``."""
        connection = session.connection()
        name = connection.dialect.name
        if name not in self._made:
            compiled = self._statement.compile(dialect=driver(name)[1])
            assert isinstance(compiled, SQLCompiler)  # noqa: S101  # no other is made of a statement
            self._made[name] = str(compiled), compiled.positiontup or ()
        text, order = self._made[name]
        each = (values[name] for name in order)
        given = tuple([json.dumps(one) if isinstance(one, list) else one for one in each])
        return connection.exec_driver_sql(text, given).all()


def one_of(column: object, name: str) -> ColumnElement[bool]:
    """Say that a column has one of the values that ``Asked.rows`` is given under a name."""
    each = Each(bindparam(name)).table_valued("value")
    return col(column).in_(select(each.c.value))


def among(column: object, values: Iterable[str]) -> ColumnElement[bool]:
    """Say that a column has one of these values: as one of them, whatever their number is.

    So the statement is the same one for any number, and is compiled once.
    """
    each = Each(json.dumps(list(values))).table_valued("value")
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
