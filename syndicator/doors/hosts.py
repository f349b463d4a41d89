"""Which host a URL names: what politeness and rest are counted by."""

from urllib.parse import urlsplit


def host(url: str) -> str:
    """Return the host of ``url`` in lower case, without its port; "" where it names none."""
    try:
        return (urlsplit(url.strip()).hostname or "").removesuffix(".")
    except ValueError:  # who asks for it will say what is wrong with it
        return ""
