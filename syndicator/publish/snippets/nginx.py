"""nginx 1.18 and later."""

import re
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

from syndicator.config.moves import GONE, MOVED
from syndicator.publish.snippets import FEED, MEDIA, PAGE, Serving

_ROOM = 40  # bytes of a name in a map (map_hash_bucket_size is 64 where nobody sets it)


def written(serving: Serving) -> str:
    """Return a file for /etc/nginx/conf.d."""
    return "\n".join(_lines(serving)) + "\n"


def _lines(serving: Serving) -> Iterator[str]:
    parts = urlsplit(serving.url)
    yield "# made by: syndicate feeds snippets nginx"
    if serving.linked:
        yield "map $uri $syndicator_link {"
        yield '    default "";'
        for feed in serving.linked:
            yield f"    {_name(parts.path + feed.path)} {_quoted(_inert(feed.header))};"
        yield "}"
    yield from _former(serving, parts.path)
    yield "server {"
    yield "    listen 80;  # and 443 ssl, with your certificates"
    yield f"    server_name {parts.hostname};"
    yield f"    location {_quoted(parts.path)} {{"
    yield f"        alias {_quoted(serving.public + '/')};"
    yield "        index index.html;"
    yield from _types()
    yield from _coded(serving)
    yield f'        add_header Cache-Control "public, max-age={serving.max_age}";'
    yield "        add_header X-Content-Type-Options nosniff;"
    yield f'        add_header Content-Security-Policy "{FEED}";'
    if serving.linked:
        yield "        add_header Link $syndicator_link;"
    yield "    }"
    yield from _page(serving, parts.path)
    yield f"    location {_quoted(parts.path + 'media/')} {{"
    yield f"        alias {_quoted(serving.public + '/media/')};"
    yield '        add_header Cache-Control "public, max-age=31536000, immutable";'
    yield "        add_header X-Content-Type-Options nosniff;"
    yield f'        add_header Content-Security-Policy "{MEDIA}";'
    yield "    }"
    if serving.moves:
        yield "    error_page 404 = @syndicator_former;"
        yield "    location @syndicator_former {"
        yield f"        if ($syndicator_former = {GONE}) {{ return {GONE}; }}"
        yield f"        if ($syndicator_former) {{ return {MOVED} $syndicator_former; }}"
        yield "        return 404;"
        yield "    }"
    yield "}"


def _former(serving: Serving, base: str) -> Iterator[str]:
    """Say where a file went that is not there; the innermost name of it decides.

    Folders are looked for in the address as it was asked for, so that what is below them goes
    into the new one as it was written: decoded, it could end the header.
    """
    if not serving.moves:
        return
    folders = sorted((path for path in serving.moves if path.endswith("/")), key=len, reverse=True)
    yield "map $request_uri $syndicator_below {"
    yield '    default "";'
    for number, path in enumerate(folders):
        status, target = serving.moves[path]
        to = str(GONE) if status == GONE else f"{_inert(target)}$below{number}"
        pattern = f"~^{re.escape(quote(base + path))}(?<below{number}>[^?]+)"
        yield f"    {_quoted(pattern)} {_quoted(to)};"
    yield "}"
    yield "map $uri $syndicator_former {"
    yield "    default $syndicator_below;"
    for path, (status, target) in sorted(serving.moves.items()):
        if not path.endswith("/"):
            to = str(GONE) if status == GONE else _inert(target)
            yield f"    {_quoted(_only(base + path))} {_quoted(to)};"
    yield "}"


def _types() -> Iterator[str]:
    """Browsers show feeds as pages only where they are plain XML to them."""
    yield "        types {"
    yield "            text/html html;"
    yield "            text/css css;"
    yield "            text/x-opml opml;"
    yield "            application/xml xml rss atom;"
    yield "            application/feed+json json;"
    yield "        }"
    yield "        charset utf-8;"
    yield "        charset_types text/html text/css text/x-opml application/xml;"


def _coded(serving: Serving) -> Iterator[str]:
    if "gz" in serving.codings:
        yield "        gzip_static on;"
        yield "        gzip_vary on;"
    if "br" in serving.codings:
        yield "        # with the module ngx_brotli: brotli_static on;"


def _page(serving: Serving, path: str) -> Iterator[str]:
    """Let the page show the pictures beside it, and nothing else."""
    base = re.escape(path)
    yield f"    location ~ {_quoted(f'^{base}(?:.*/)?(?:[^/]*[.]html)?$')} {{"
    yield f"        root {_quoted(serving.public)};"
    if path != "/":
        yield f"        rewrite {_quoted(f'^{base}(.*)$')} /$1 break;"
    yield "        index index.html;"
    yield "        charset utf-8;"
    yield from _coded(serving)
    yield f'        add_header Cache-Control "public, max-age={serving.max_age}";'
    yield "        add_header X-Content-Type-Options nosniff;"
    yield f'        add_header Content-Security-Policy "{PAGE}";'
    yield "    }"


def _name(path: str) -> str:
    """Write a path as a name in a map: a long one as a pattern, for which there is room."""
    plain = len(path.encode()) <= _ROOM and path == path.lower()  # plain ones are told in any case
    return _quoted(path if plain else _only(path))


def _only(path: str) -> str:
    """Write a pattern that this path alone fits."""
    return f"~^{re.escape(path)}$"


def _quoted(text: str) -> str:
    """Write a text as one word; a ``$`` in it stays what it is only in paths and patterns."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _inert(text: str) -> str:
    """Take variables out of an address: nginx knows no way to write a ``$`` there."""
    return text.replace("$", "%24")
