"""Caddy 2.6 and later."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from syndicator.config.moves import GONE
from syndicator.publish.snippets import FEED, MEDIA, PAGE, Serving

_CODINGS = {"zst": "zstd", "br": "br", "gz": "gzip"}  # Caddy takes the first that a client takes
_TYPES = {
    "*.xml *.rss *.atom": "application/xml; charset=utf-8",
    "*.opml": "text/x-opml; charset=utf-8",
    "*.json": "application/feed+json; charset=utf-8",
}


def written(serving: Serving) -> str:
    """Return a part of a Caddyfile."""
    return "\n".join(_lines(serving)) + "\n"


def _lines(serving: Serving) -> Iterator[str]:
    parts = urlsplit(serving.url)
    base = parts.path.rstrip("/")
    yield "# made by: syndicate feeds snippets caddy"
    yield f"{parts.scheme}://{parts.netloc} {{"
    yield f"\thandle_path {base}/* {{"
    yield f"\t\troot * {_quoted(serving.public)}"
    yield "\t\theader X-Content-Type-Options nosniff"
    yield "\t\t@media path /media/*"
    yield "\t\t@documents not path /media/*"
    yield '\t\theader @media Cache-Control "public, max-age=31536000, immutable"'
    yield f'\t\theader @media Content-Security-Policy "{MEDIA}"'
    yield f'\t\theader @documents Cache-Control "public, max-age={serving.max_age}"'
    yield f'\t\theader @documents Content-Security-Policy "{FEED}"'
    yield "\t\t@page path / */ *.html"
    yield f'\t\theader @page Content-Security-Policy "{PAGE}"'
    for number, (paths, media_type) in enumerate(_TYPES.items()):
        yield f"\t\t@type{number} path {paths}"
        yield f'\t\theader @type{number} Content-Type "{media_type}"'
    for number, feed in enumerate(serving.linked):
        yield f"\t\t@feed{number} path {_quoted('/' + feed.path)}"
        yield f"\t\theader @feed{number} Link {_quoted(feed.header)}"
    yield from _former(serving)
    codings = " ".join(name for coding, name in _CODINGS.items() if coding in serving.codings)
    yield "\t\tfile_server {"
    if codings:
        yield f"\t\t\tprecompressed {codings}"
    yield "\t\t}"
    yield "\t}"
    yield "}"


def _former(serving: Serving) -> Iterator[str]:
    """Say where a file went that is not there; the innermost name of it decides."""
    if not serving.moves:
        return
    yield "\t\troute {"  # in this order
    folders_last = sorted(
        serving.moves.items(), key=lambda one: (one[0].endswith("/"), -len(one[0]))
    )
    for number, (path, (status, target)) in enumerate(folders_last):
        name, below = f"@former{number}", path.endswith("/")
        where = "/" + path + ("*" if below else "")
        yield f"\t\t\t{name} {{"
        yield f"\t\t\t\tpath {_quoted(where)}"
        yield "\t\t\t\tnot file"
        yield "\t\t\t}"
        if status == GONE:
            yield f"\t\t\trespond {name} {status}"
        elif below:
            yield f"\t\t\troute {name} {{"
            yield f"\t\t\t\turi strip_prefix {_quoted('/' + path.removesuffix('/'))}"
            yield f'\t\t\t\tredir {_quoted(target.removesuffix("/"))[:-1]}{{uri}}" {status}'
            yield "\t\t\t}"
        else:
            yield f"\t\t\tredir {name} {_quoted(target)} {status}"
    yield "\t\t}"


def _quoted(text: str) -> str:
    """Write a text as one word; Caddy reads ``{...}`` as a placeholder unless it is escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("{", "\\{").replace("}", "\\}") + '"'
