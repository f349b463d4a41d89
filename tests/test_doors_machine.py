"""What this machine gives: wishes to its allocator do no harm where it has none."""

import ctypes

import pytest

from syndicator.doors import machine


def test_memory_is_given_back_where_that_can_be() -> None:
    """Glibc takes both wishes; nothing is lost by them."""
    kept = [bytes(1000) for _ in range(1000)]
    machine.spare()
    machine.trim()
    assert all(one == bytes(1000) for one in kept)


def test_another_libc_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Musl knows neither."""
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    machine.spare()
    machine.trim()
