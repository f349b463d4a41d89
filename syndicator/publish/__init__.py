"""Fourth: what readers get now, as documents and notices; pure.

A publisher is its settings plus one method, ``publish(edition)``. Each is one small file, found
through the entry-point group ``syndicator.publishers``, whoever wrote it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.errors import PublisherError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from syndicator.config.tables import Publisher

GROUP = "syndicator.publishers"


def registered() -> dict[str, type[Publisher]]:
    """Return every installed publisher by the name it stands under in ``[[publish]]``, sorted.

    Raises ``PublisherError``, naming the plug-in and its distribution, where one can't be
    imported, is no ``Publisher``, or claims a name that is taken.
    """
    # A pass that finds nothing changed imports this room, but asks for no publisher.
    from importlib.metadata import entry_points  # noqa: PLC0415

    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP):
        taken = found.setdefault(point.name, point)
        if taken.value != point.value:
            raise PublisherError(
                f"two publishers are called {point.name}: {_called(taken)} and {_called(point)}",
                hint="uninstall one of the two",
            )
    return {name: _load(found[name]) for name in sorted(found)}


def _load(point: EntryPoint) -> type[Publisher]:
    from syndicator.config.tables import Publisher  # noqa: PLC0415  # pydantic: as above

    hint = "update or uninstall its distribution"
    try:
        loaded: object = point.load()
    except Exception as error:  # a plug-in may raise anything while it is imported
        says = f"can't load publisher {_called(point)}: {type(error).__name__}: {error}"
        raise PublisherError(says, hint=hint) from error
    if isinstance(loaded, type) and issubclass(loaded, Publisher):
        return loaded
    raise PublisherError(f"{_called(point)} is no publisher: {loaded!r}", hint=hint)


def _called(point: EntryPoint) -> str:
    """Name a plug-in so that a person finds what to uninstall."""
    owner = f" of {point.dist.name} {point.dist.version}" if point.dist else ""
    return f"{point.name} ({point.value}{owner})"
