"""What decides what comes out of a post: machines that differ in it would read posts otherwise."""

import sys
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Final
from zoneinfo import TZPATH

from syndicator import __file__ as program
from syndicator import __version__

_READS_WITH: Final = (  # decides beside our own code
    "backports-zstd",
    "cmarkgfm",
    "idna",
    "nh3",
    "pillow",
    "py-svg-hush",
    "pydantic-core",
    "python-frontmatter",
    "pyyaml",
    "selectolax",
    "tzdata",
)


@cache
def fingerprint() -> Mapping[str, str]:
    """Name what decides what comes out of a post: the program, what it reads with, Python."""
    found = {"syndicator": __version__, "its code": _code(), "time zones": _zones()}
    found["Python"] = f"{sys.version_info.major}.{sys.version_info.minor}"
    for name in _READS_WITH:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = ""
    return found


def _code() -> str:
    """Digest our own code: two checkouts of one version may differ."""
    root, digest = Path(program).parent, sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _zones() -> str:
    """Digest the machine's own time zones, which go before those of the package."""
    files = (Path(folder) / "tzdata.zi" for folder in TZPATH)
    return next((sha256(one.read_bytes()).hexdigest() for one in files if one.is_file()), "")


def differences(theirs: Mapping[str, str]) -> list[str]:
    """Name in what another machine's fingerprint differs from this one's."""
    here = fingerprint()
    return [
        f"{name} {theirs.get(name, '')[:12]} (here {here[name][:12]})"
        for name in here
        if theirs.get(name) != here[name]
    ]
