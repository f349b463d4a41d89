"""Work that waits for the disk, in a thread of its own."""

import asyncio
from collections.abc import Callable


async def in_thread(work: Callable[[], None]) -> None:
    """Do this while the loop goes on; whoever is cancelled meanwhile leaves when it is done."""
    task = asyncio.create_task(asyncio.to_thread(work))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
