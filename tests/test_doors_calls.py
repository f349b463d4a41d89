"""Hearing that something is owed, and saying so when nobody can hear it."""

import asyncio
from typing import Any

import pytest

from syndicator.doors import calls
from syndicator.doors import server as door
from syndicator.doors.server import Server

pytestmark = pytest.mark.slow


def test_that_the_server_is_away_and_back_is_said_once_each(
    place: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """However often it is asked meanwhile; and then it rings."""
    asked: list[Server] = []
    wishes = door.wishes

    def away(server: Server) -> dict[str, Any]:
        asked.append(server)
        return wishes(server) | ({"host": "/nowhere"} if len(asked) <= 3 else {})

    monkeypatch.setattr(door, "wishes", away)
    monkeypatch.setattr(calls, "_PAUSE", 0.0)
    asyncio.run(_until_it_rings(place))
    said = [one.getMessage() for one in caplog.records if one.name == calls.__name__]
    assert len(asked) == 4
    assert [one.startswith(str(place)) for one in said] == [True, True]
    assert "could not be used" in said[0]
    assert "there again" in said[1]


async def _until_it_rings(place: Server) -> None:
    rung = asyncio.Event()
    task = asyncio.create_task(calls.hear(place, rung.set))
    async with asyncio.timeout(300):
        await rung.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
