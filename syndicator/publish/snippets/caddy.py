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
    for path, (status, target) in sorted(serving.moves.items()):
        where = _quoted(f"{base}/{path}")
        if status == GONE:
            yield f"\thandle {where} {{"  # respond alone would come after handle_path
            yield f"\t\trespond {status}"
            yield "\t}"
        else:
            yield f"\tredir {where} {_quoted(target)} {status}"
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
    codings = " ".join(name for coding, name in _CODINGS.items() if coding in serving.codings)
    yield "\t\tfile_server {"
    if codings:
        yield f"\t\t\tprecompressed {codings}"
    yield "\t\t}"
    yield "\t}"
    yield "}"


def _quoted(text: str) -> str:
    """Write a text as one word; Caddy reads ``{...}`` as a placeholder unless it is escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("{", "\\{").replace("}", "\\}") + '"'
