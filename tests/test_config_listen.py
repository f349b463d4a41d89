"""Addresses to listen at: what is taken, and what is refused with a reason."""

from functools import partial

import pytest
from pydantic import TypeAdapter, ValidationError

from syndicator.config.listen import Addresses, split

TAKE = partial(TypeAdapter(Addresses).validate_json, strict=True)  # as load does
GOOD = ["127.0.0.1:8000", "[::1]:8000", ":8000", "0.0.0.0:80", "127.0.0.1:0", "unix:/run/x.sock"]
BAD = {
    "localhost:8000": "names no address and port",
    "127.0.0.1": "names no address and port",
    "8000": "names no address and port",
    "::1:8000": "names no address and port",
    "127.0.0.1:66000": "there is no port 66000",
    "127.0.0.256:80": "127.0.0.256 is no IP address",
    "[::z]:80": "names no address and port",
    "unix:x.sock": "the path of a socket must be absolute",
    f"unix:/{'a' * 107}": "the path of a socket must be absolute",
    "unix:/run/a\\nb": "the path of a socket must be absolute",
}


@pytest.mark.parametrize("value", GOOD)
def test_an_address_is_taken_alone_or_in_a_list(value: str) -> None:
    """One is a text, several are a list."""
    assert TAKE(f'"{value}"') == (value,)
    assert TAKE(f'["{value}", ":9000"]') == (value, ":9000")


@pytest.mark.parametrize("value", BAD)
def test_a_bad_address_is_refused(value: str) -> None:
    """With what is wrong and an example."""
    with pytest.raises(ValidationError, match=BAD[value].replace(".", r"\.")):
        TAKE(f'"{value}"')


def test_host_and_port_come_apart() -> None:
    """No host means every address."""
    assert split("[::1]:80") == ("::1", 80)
    assert split(":80") == ("", 80)
