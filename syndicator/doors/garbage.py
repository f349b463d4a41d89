"""When Python looks for cycles of garbage: not at what stays, and seldom in long work."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_SELDOM: Final = 50_000  # new objects between two looks


@contextmanager
def settling() -> Iterator[None]:
    """Let what is made here stay: no look passes through it, nor does the last one at the exit.

    Looking through some hundred thousand objects of imports takes a sixth of a short pass.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def seldom() -> Iterator[None]:
    """Look once in a while only: to look as usual costs a tenth, and hardly any cycles come."""
    before = gc.get_threshold()
    gc.set_threshold(_SELDOM, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
