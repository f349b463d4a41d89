"""What workers call out to each other through the store's server: that something is owed.

A worker listens on a connection of its own, which also tells the others that it lives: a shared
lock of the schema, and a sign every few seconds.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from syndicator.doors import server as door
from syndicator.doors.leader import SIGN
from syndicator.doors.server import Server, unusable

_PAUSE: Final = 1.0  # seconds until a server that is away is asked again
_HERE: Final = (
    f"SELECT pg_advisory_lock_shared({door.WORKER}, hashtext(current_schema())), current_schema()"
)
_log = logging.getLogger(__name__)


async def hear(server: Server, ring: Callable[[], object]) -> None:
    """Ring whenever something is owed in the store, until cancelled; be counted as a worker.

    What was called out while the server was away is not heard: it rings once it is there again.
    That it went away is said once, and so that it came back.
    """
    import psycopg  # noqa: PLC0415  # few have a server

    away = False
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(
                autocommit=True, **door.wishes(server)
            ) as made:
                await made.execute(f"LISTEN {door.CHANNEL}".encode())
                asked = await made.execute(_HERE.encode())
                row = await asked.fetchone()
                if away:
                    _log.warning("%s is there again: what is owed is heard of at once", server)
                    away = False
                ring()
                while True:
                    async for call in made.notifies(timeout=SIGN):
                        if row and call.payload == row[1]:
                            ring()
                    await made.execute(b"SELECT 1")
        except psycopg.Error as error:
            if not away:
                _log.warning(
                    "%s; nobody hears what is owed, it is looked for", unusable(server, error)
                )
                away = True
            await asyncio.sleep(_PAUSE)
