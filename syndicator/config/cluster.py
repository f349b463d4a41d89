"""The table ``[cluster]``: other machines that share the bulk of the work."""

import ipaddress
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, NamedTuple

from pydantic import AfterValidator

from syndicator.config import checks
from syndicator.config.file import below
from syndicator.config.findings import MISSING, WRONG_VALUE, Finding
from syndicator.config.table import Table

_PLACE: Final = re.compile(r"(tls|tcp)://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9_.-]+):([0-9]{1,5})")
_SUCH_AS = 'such as "tls://scheduler.example:8786"'
_PEM = ("ca_file", "cert", "key")
_PAGE = "docs/how-to/add-workers.md says how to make them"


class Scheduler(NamedTuple):
    """Where a scheduler is asked, and by which files each side knows the other."""

    address: str
    ca_file: Path | None = None
    cert: Path | None = None
    key: Path | None = None


def _address(value: str) -> str:
    """Keep nothing, or the address of a scheduler; in the clear only on this machine."""
    if not value:
        return value
    found = _PLACE.fullmatch(value)
    if found is None:
        raise checks.unfit("is no address of a scheduler", _SUCH_AS)
    scheme, host, port = found[1], found[2].strip("[]"), int(found[3])
    if not 0 < port < 1 << 16:
        raise checks.unfit(f"there is no port {port}", _SUCH_AS)
    if scheme == "tcp" and not _is_here(host):
        raise checks.unfit(
            "tcp:// is for this machine only: whoever stands between could run anything here",
            f"tls://{found[2]}:{port}, with ca_file, cert and key",
        )
    return value


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class ClusterTable(Table):
    """Other machines that read posts for this one: a cluster of Dask (extra `cluster`)."""

    scheduler: Annotated[str, AfterValidator(_address)] = ""
    """Its scheduler, "tls://host:port"; "tcp://" on this machine only; empty: no cluster."""
    ca_file: Annotated[str, AfterValidator(checks.optional_path)] = ""
    """PEM file of the authority that signs for this cluster and for nothing else."""
    cert: Annotated[str, AfterValidator(checks.optional_path)] = ""
    """PEM file of the certificate by which the cluster knows us."""
    key: Annotated[str, AfterValidator(checks.optional_path)] = ""
    """PEM file of its private key."""

    def place(self, folder: Path) -> Scheduler | None:
        """Return where the scheduler is, its files seen from a folder; None without one."""
        if not self.scheduler:
            return None
        files = (getattr(self, name) for name in _PEM)
        return Scheduler(self.scheduler, *(below(folder, one) if one else None for one in files))

    def lacking(self, folder: Path) -> Iterator[Finding]:
        """Yield what keeps ``tls://`` from being spoken: files that lack, or that can't serve."""
        if not self.scheduler.startswith("tls:"):
            return
        found = [*self._unread(folder)]
        yield from found or self._unfit(*(below(folder, getattr(self, one)) for one in _PEM))

    def _unread(self, folder: Path) -> Iterator[Finding]:
        for name in _PEM:
            written = getattr(self, name)
            if not written:
                says = "tls:// needs ca_file, cert and key"
                yield Finding(("cluster", name), MISSING, says, _PAGE)
                continue
            try:
                with below(folder, written).open("rb"):
                    pass
            except OSError as error:
                says = f"{below(folder, written)} can't be read: {error.strerror}"
                yield Finding(("cluster", name), WRONG_VALUE, says, _PAGE)

    def _unfit(self, ca_file: Path, cert: Path, key: Path) -> Iterator[Finding]:
        """Yield the files that hold something else; Dask would ask a terminal for a passphrase."""
        import ssl  # noqa: PLC0415  # a hundredth of a second that few need

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        well = True
        for name, path in (("ca_file", ca_file), ("cert", cert)):
            try:
                context.load_verify_locations(path)
            except ssl.SSLError:
                well = False
                says = f"{path} holds no certificate in PEM form"
                yield Finding(("cluster", name), WRONG_VALUE, says, _PAGE)
        try:
            context.load_cert_chain(cert, key, password="")
        except (ssl.SSLError, ValueError) as error:
            other = getattr(error, "reason", "") == "KEY_VALUES_MISMATCH"
            says = (
                f"{key} is not the key of {cert}"
                if other
                else f"{key} holds no private key in PEM form without a passphrase"
            )
            if well:
                yield Finding(("cluster", "key"), WRONG_VALUE, says, _PAGE)
