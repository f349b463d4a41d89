"""What a setting must be like that names a host, or an address made of others."""

from syndicator.config import checks


def host_name(value: str) -> str:
    """Keep the name or address of a host, in lower case."""
    name = value.lower().removesuffix(".")
    place = f"http://[{name}]/" if ":" in name else f"http://{name}/"
    if not name or "/" in name or checks.web_url(place) != place:
        raise checks.unfit("names no valid host", 'such as "images.example"')
    return name


def rescue(value: str) -> str:
    """Keep nothing, or a web address with {url} and perhaps {timestamp} in it."""
    if not value:
        return value
    filled = value.replace("{timestamp}", "20260101000000")
    if filled.count("{url}") != 1:
        raise checks.unfit(
            "must name {url} once: there the picture's own address is put",
            'such as "https://web.archive.org/web/{timestamp}id_/{url}"',
        )
    if "{" in filled.partition("://")[2].partition("/")[0]:
        raise checks.unfit("must name its host itself")
    checks.web_url(filled.replace("{url}", "http://site.example/a.jpg"))
    return value
