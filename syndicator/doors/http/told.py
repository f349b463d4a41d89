"""What goes wrong with a request, told in plain words: ``Refused`` or ``Failed``, nothing else."""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from syndicator.errors import Failed, Refused

UNSENT = (httpx.ConnectError, httpx.ConnectTimeout)  # no byte of the request has left


def untrusted(error: BaseException | None) -> bool:
    """Tell whether a certificate was refused: it will be the same in a moment."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None


class Hop:
    """One request of a fetch or send: whether its host has given any answer."""

    def __init__(self, host: str) -> None:
        """Start without one."""
        self.answered = False
        self._host = host

    @property
    def silent(self) -> str:
        """The host, if it gave no answer."""
        return "" if self.answered else self._host


@contextmanager
def told(where: str, host: str, timeout: float) -> Iterator[Hop]:
    """Turn whatever goes wrong inside into ``Refused`` or ``Failed``, its message ``where: why``.

    ``timeout`` is the seconds that a ``TimeoutError`` was after.
    """
    hop = Hop(host)
    try:
        yield hop
    except Refused as error:
        raise Refused(f"{where}: {error.says}", hint=error.hint) from None
    except Failed as error:
        raise Failed(f"{where}: {error.says}", hint=error.hint, status=error.status) from None
    except TimeoutError:
        says = f"{where}: no complete answer within {timeout:g} s"
        raise Failed(says, silent=hop.silent) from None
    except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError) as error:
        # UnicodeError: a header that is not ASCII
        raise Refused(f"{where}: not a request that can be sent") from error
    except (httpx.TransportError, OSError) as error:  # OSError: TLS that breaks later on
        unsent = isinstance(error, UNSENT)
        says = f"{where}: {_in_words(error)}"
        raise Failed(says, silent=hop.silent, unsent=unsent) from error


def _in_words(error: httpx.TransportError | OSError) -> str:
    """Say what broke: the peer's own bytes shortened and made harmless."""
    text = re.sub(r"\s*\(_ssl\.c:\d+\)|\[(SSL[^\]]*)\]\s*", "", str(error))
    text = ascii(text)[1:-1][:160]
    if "SSL" in str(error):
        return f"TLS: {text}"
    if isinstance(error, httpx.ProxyError):
        return f"the proxy answered {text}"
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return text or "no connection"
    if isinstance(error, httpx.RemoteProtocolError):
        return f"not a proper HTTP answer: {text}"
    return "the connection broke off"
