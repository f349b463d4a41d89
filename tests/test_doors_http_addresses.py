"""Which addresses may be dialled, and which spellings are addresses."""

# ruff: noqa: S104  # addresses to judge here, none to bind to

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.doors.http.addresses import (
    is_local_name,
    is_loopback_name,
    judge_address,
    literal,
)

FORBIDDEN = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.168.1.1",
    "192.175.48.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:7f00:1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "2620:4f:8000::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.1",
    "168.63.129.15",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.1",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2606:4700:4700::1111",
    "2a00:1450::1",
]


@pytest.mark.parametrize("text", FORBIDDEN)
def test_an_address_that_is_not_public_is_refused(text: str) -> None:
    """Every special-purpose address, in every IPv6 disguise, is refused by default."""
    assert judge_address(ip_address(text), ()) is False


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_passes(text: str) -> None:
    """Addresses right beside the refused ranges, and translated public ones, may be dialled."""
    assert judge_address(ip_address(text), ()) is True


@pytest.mark.parametrize(
    ("text", "network", "expected"),
    [
        ("127.0.0.1", "127.0.0.0/8", True),
        ("::ffff:127.0.0.1", "127.0.0.0/8", True),
        ("192.168.7.9", "192.168.7.0/24", True),
        ("192.168.8.9", "192.168.7.0/24", False),
        ("fd12::1", "fd12::/16", True),
        ("::1", "::1/128", True),
        ("::1", "127.0.0.0/8", False),
        ("8.8.8.8", "10.0.0.0/8", True),
        ("64:ff9b::10.0.0.1", "10.0.0.0/8", False),
        ("fe80::1%eth0", "fe80::/10", False),
        ("0.0.0.0", "0.0.0.0/0", False),
        ("::", "::/0", False),
        ("::ffff:0.0.0.0", "0.0.0.0/0", False),
    ],
)
def test_an_allowed_network_opens_only_itself(text: str, network: str, expected: bool) -> None:
    """``allow`` admits its own addresses, never a scope, a translation or the unspecified one."""
    assert judge_address(ip_address(text), (ip_network(network),)) is expected


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_as_itself(address: IPv4Address) -> None:
    """IPv4 hidden in ::ffff:0:0/96 and 64:ff9b::/96 gets the verdict of the bare address."""
    bare = judge_address(address, ())
    assert judge_address(IPv6Address(f"::ffff:{address}"), ()) is bare
    assert judge_address(IPv6Address(f"64:ff9b::{address}"), ()) is bare


@given(st.ip_addresses(v=4))
def test_the_judgement_is_never_laxer_than_the_standard_library(address: IPv4Address) -> None:
    """What Python calls private, link-local, multicast or reserved is refused here too."""
    dubious = (
        address.is_private
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )
    assert not (dubious and judge_address(address, ()))


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("127.0.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0X7F.1", "127.0.0.1"),
        ("0x7f.0x0.0x0.0x1", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("0177.0.0.01", "127.0.0.1"),
        ("0177.0x0.1", "127.0.0.1"),
        ("127.65530", "127.0.255.250"),
        ("0", "0.0.0.0"),
        ("0x", "0.0.0.0"),
        ("4294967295", "255.255.255.255"),
        ("3232235777", "192.168.1.1"),
        ("169.254.43518", "169.254.169.254"),
        ("0xa9fea9fe", "169.254.169.254"),
        ("::1", "::1"),
        ("::ffff:7f00:1", "::ffff:127.0.0.1"),
    ],
)
def test_every_spelling_of_an_address_is_read_as_that_address(host: str, expected: str) -> None:
    """Short, octal, hexadecimal and single-number forms are what a resolver takes them for."""
    assert literal(host) == ip_address(expected)


@pytest.mark.parametrize("host", ["example.com", "1.2.3.com", "0xg", "a1", "x.0xg", "1password"])
def test_a_name_is_no_address(host: str) -> None:
    """A host whose last label is no number is a name."""
    assert literal(host) is None


@pytest.mark.parametrize(
    "host", ["256.1.1.1", "1.2.3.4.5", "4294967296", "1.2.3.256", "a.1", "09.1.1.1", "1.65536.1"]
)
def test_what_ends_in_a_number_and_is_no_address_is_an_error(host: str) -> None:
    """No name ends in a number, so nothing is left for a resolver to guess at."""
    with pytest.raises(ValueError, match=r".+"):
        literal(host)


@pytest.mark.parametrize(
    ("host", "loopback", "local"),
    [
        ("localhost", True, True),
        ("LOCALHOST.", True, True),
        ("a.b.localhost", True, True),
        ("notlocalhost", False, True),
        ("printer", False, True),
        ("nas.local", False, True),
        ("metadata.google.internal", False, True),
        ("router.home.arpa", False, True),
        ("nas.lan.", False, True),
        ("example.com", False, False),
        ("local.example.com", False, False),
        ("arpa.example", False, False),
    ],
)
def test_names_that_only_a_local_network_knows(host: str, loopback: bool, local: bool) -> None:
    """Single labels and the reserved endings are local; only localhost is this machine."""
    assert (is_loopback_name(host), is_local_name(host)) == (loopback, local)
