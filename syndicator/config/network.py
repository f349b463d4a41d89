"""The table ``[network]``: how the world is reached."""

from typing import Annotated

from pydantic import AfterValidator, Field

from syndicator.config import checks
from syndicator.config.table import Table
from syndicator.config.values import Bytes, HostName, Port, Range, Seconds


class HostTable(Table):
    """What one host is told when it is asked for a picture."""

    user_agent: Annotated[str, AfterValidator(checks.header)] = ""
    """What requests call themselves there; empty: what they do everywhere."""
    referer: Annotated[str, AfterValidator(checks.header)] = ""
    """The page that shows the picture, for a host that wants to be told one; empty: none."""


class NetworkTable(Table):
    """How the world is reached, and what is never asked."""

    proxy: Annotated[str, AfterValidator(checks.proxy)] = ""
    """URL of an HTTP proxy for everything not in allow; empty: none."""
    ca_file: Annotated[str, AfterValidator(checks.optional_path)] = ""
    """File of PEM certificates to trust instead of the usual ones; empty: the usual ones."""
    ports: tuple[Port, ...] = (80, 443)
    """Ports that may be dialled."""
    allow: tuple[Range, ...] = ()
    """Networks that may be reached although private: directly, on any port, plain http too."""
    max_image_bytes: Annotated[Bytes, Field(gt=0)] = 20 * 2**20
    """A picture larger than this is refused."""
    timeout: Annotated[Seconds, Field(gt=0)] = 60.0
    """The whole of one request takes no longer than this."""
    user_agent: Annotated[str, AfterValidator(checks.header)] = ""
    """What requests call themselves; empty: syndicator with its version."""
    hosts: dict[HostName, HostTable] = {}  # noqa: RUF012  # pydantic copies it
    """What single hosts are told otherwise, each by its exact name."""
