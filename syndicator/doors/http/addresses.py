"""Which addresses may be dialled: a pure judgement over the special-purpose registries."""

import re
from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LOOPBACK = (IPv4Address("127.0.0.1"), IPv6Address("::1"))

_REFUSED_4 = tuple(
    IPv4Network(network)
    for network in (
        # IANA IPv4 special-purpose registry (RFC 6890), whole: globally reachable or not, no
        # picture and no receiver lives there
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared address space; one cloud's metadata service too
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local; the other clouds' metadata services
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # 6to4 relays, deprecated by RFC 7526
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, with the limited broadcast address
        "168.63.129.16/32",  # public by number, but Azure's host agent
    )
)
_GLOBAL_6 = IPv6Network("2000::/3")  # all that was ever given out for unicast (RFC 4291)
_REFUSED_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarking, AMT
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation (RFC 9637)
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052

# Names that mean something near: RFC 6761, 6762, 8375, ICANN's .internal, and three that ICANN
# keeps out of the root because so many networks use them.
_LOCAL_ENDINGS = frozenset(
    {"localhost", "local", "internal", "localdomain", "lan", "home", "corp", "home.arpa"}
)
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
_IPV4_PARTS = 4
_OCTET = 256


def judge_address(address: Address, allow: Sequence[Network]) -> bool:
    """Say whether ``address`` may be dialled: globally reachable unicast, or inside ``allow``.

    IPv6 is refused unless it lies in 2000::/3; an IPv4 address mapped into IPv6 is judged as
    itself. The unspecified addresses, and any with a scope id, are refused whatever ``allow``
    says: nobody can mean them (RFC 1122 section 3.2.1.3), so the self-test can lean on that.
    """
    if address.is_unspecified:
        return False
    if isinstance(address, IPv6Address):
        return _judge_6(address, allow)
    return inside(address, allow) or not inside(address, _REFUSED_4)


def _judge_6(address: IPv6Address, allow: Sequence[Network]) -> bool:
    if address.scope_id is not None:
        return False
    if address.ipv4_mapped is not None:
        return judge_address(address.ipv4_mapped, allow)
    if address in _NAT64:
        # RFC 6052 section 3.1: this prefix never stands for a private IPv4 address
        return judge_address(IPv4Address(int(address) & 0xFFFF_FFFF), ())
    if inside(address, allow):
        return True
    return address in _GLOBAL_6 and not inside(address, _REFUSED_6)


def inside(address: Address, networks: Sequence[Network]) -> bool:
    """Say whether ``address`` lies in one of ``networks``; an IPv4-mapped one as its IPv4."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    plain = mapped if mapped is not None else address
    return any(plain in network for network in networks)


def literal(host: str) -> Address | None:
    """Read ``host`` as an address, in every spelling a resolver would take for one.

    Follows the WHATWG URL standard's IPv4 parser, which is inet_aton's: 127.1, 0x7f.1, 0177.1
    and 2130706433 are all 127.0.0.1. None for a name; ``ValueError`` for what ends in a number
    and is no address.
    """
    if ":" in host:
        return ip_address(host)
    parts = host.removesuffix(".").split(".")
    if not _NUMBER.fullmatch(parts[-1]):
        return None
    if len(parts) > _IPV4_PARTS or not all(_NUMBER.fullmatch(part) for part in parts):
        raise ValueError(host)
    *first, last = [_number(part) for part in parts]
    room = _OCTET ** (_IPV4_PARTS - len(first))  # the last part fills what the others left
    if any(number >= _OCTET for number in first) or last >= room:
        raise ValueError(host)
    return IPv4Address(last + sum(n << (8 * (3 - place)) for place, n in enumerate(first)))


def _number(part: str) -> int:
    if part[:2] in {"0x", "0X"}:
        return int(part[2:] or "0", 16)
    return int(part, 8) if part.startswith("0") else int(part)


def is_loopback_name(host: str) -> bool:
    """Say whether ``host`` means this machine by rule, whatever a resolver says (RFC 6761)."""
    name = host.removesuffix(".").lower()
    return name == "localhost" or name.endswith(".localhost")


def is_local_name(host: str) -> bool:
    """Say whether ``host`` is a name that only a local network could know."""
    labels = host.removesuffix(".").lower().split(".")
    return len(labels) == 1 or bool({labels[-1], ".".join(labels[-2:])} & _LOCAL_ENDINGS)
