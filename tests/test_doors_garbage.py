"""When Python looks for cycles of garbage."""

import gc
from collections.abc import Iterator

import pytest

from syndicator import cycle
from syndicator.doors.garbage import seldom, settling


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Leave the collector as it was found."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()
    gc.enable()


def test_what_settles_is_not_looked_through_again() -> None:
    """Nobody looks meanwhile; what was made is out of the collector's sight afterwards."""
    with settling():
        assert not gc.isenabled()
        made: list[object] = [[]]
    assert gc.isenabled()
    assert not any(one is made for one in gc.get_objects())


def test_garbage_is_looked_for_again_whatever_happened() -> None:
    """An import that fails leaves the collector on, and its thresholds alone."""
    before = gc.get_threshold()
    with pytest.raises(ImportError), settling():
        raise ImportError
    with seldom():
        assert gc.get_threshold() > before
    assert gc.isenabled()
    assert gc.get_threshold() == before


def test_the_passes_of_a_daemon_pin_no_garbage() -> None:
    """What makes passes is imported once; a later pass lets nothing more settle."""
    cycle._maker()
    gc.unfreeze()
    cycle._maker()
    assert gc.get_freeze_count() == 0
