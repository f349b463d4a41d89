"""What SQLite and PostgreSQL say in words of their own; all other statements are the same.

A statement is made for a dialect once, as SQLAlchemy compiles it, and kept with its compiled form.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, Dialect, Index, Integer, TextClause, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from syndicator.doors import index, server

# of a column that the database counts up: SQLite does so with this type alone
NUMBER = BigInteger().with_variant(Integer, "sqlite")

_WORDS = {"sqlite": index.WORDS, "postgresql": server.WORDS}


class _Said(TextClause):
    """A statement with words in braces that each dialect has its own for."""

    inherit_cache = True


def said(statement: str) -> TextClause:
    """Return a statement in which ``{each}``, ``{most}`` and so on stand for a dialect's words."""
    return _Said(statement)


@compiles(_Said)
def _say(element: _Said, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401  # SQLAlchemy's own
    plain = text(element.text.format_map(_WORDS[compiler.dialect.name]))
    return str(compiler.process(plain, **options))


class Each(GenericFunction[str]):
    """The texts of a JSON list, as a table with the one column ``value``."""

    inherit_cache = True
    name = "each"


@compiles(Each)
def _each(element: Each, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401  # SQLAlchemy's own
    inner = compiler.process(element.clause_expr, **options)
    if compiler.dialect.name == "sqlite":
        return f"json_each{inner}"
    return f"json_array_elements_text(CAST({inner} AS JSON))"


Insert = Any  # the two dialects' INSERT … ON CONFLICT: told the same, without a common class


def driver(name: str) -> tuple[Callable[..., Insert], Dialect]:
    """Return the dialect's INSERT, and the dialect as its driver takes rows: by position."""
    if name == "sqlite":
        return sqlite.insert, sqlite.dialect(paramstyle="qmark")
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415  # few have it
    from sqlalchemy.dialects.postgresql import psycopg  # noqa: PLC0415

    dialect: Dialect = psycopg.dialect(paramstyle="format")  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    return postgresql.insert, dialect


def some(name: str, *columns: str, where: str) -> Index:
    """Return an index of the rows of which ``where`` is true, as SQLite says it.

    As PostgreSQL does is in the migrations alone: to say it here would import all that is its.
    """
    return Index(name, *columns, sqlite_where=text(where))
