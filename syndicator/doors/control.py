"""Asking the daemon that holds an archive for a pass: one line of JSON each way, over a socket.

The socket lies in the archive, and only the daemon's own user, and root, may connect to it.
"""

import asyncio
import json
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

LARGEST = 4096  # bytes of a question
PATIENCE = 5.0  # seconds a question may take to arrive
Answer = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


def ask(place: Path, question: dict[str, Any]) -> dict[str, Any] | None:
    """Ask, and wait for the answer; None where nobody is there to give one."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as one, _short(place) as path:
            one.connect(path)
            one.sendall(json.dumps(question).encode() + b"\n")
            with one.makefile("rb") as answer:
                found = json.loads(answer.readline())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


async def answer(place: Path, give: Answer) -> asyncio.Server:
    """Answer questions at ``place``; whoever calls holds the archive's lock, and closes it."""
    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short(place) as path:
            with suppress(FileNotFoundError):
                os.unlink(path)  # noqa: PTH108  # of a daemon that was killed
            one.bind(path)
            os.chmod(path, 0o600)  # noqa: PTH101  # before it listens: nobody else gets in between
        return await asyncio.start_unix_server(_Talk(give).hear, sock=one)
    except OSError:
        one.close()
        raise


class _Talk:
    def __init__(self, give: Answer) -> None:
        self._give = give

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, ValueError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                line = await reader.readline()
            question = json.loads(line)
            if isinstance(question, dict) and len(line) <= LARGEST:
                found = await self._give(question)
                writer.write(json.dumps(found).encode() + b"\n")
                await writer.drain()
        writer.close()


@contextmanager
def _short(place: Path) -> Iterator[str]:
    """Name a socket in at most the 107 bytes that Linux has for it."""
    folder = os.open(place.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{place.name}"
    finally:
        os.close(folder)
