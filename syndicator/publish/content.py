"""The body of an entry as readers get it: every picture is a kept one."""

from collections.abc import Mapping
from html import escape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from syndicator.model.pictures import Asset, Entry
from syndicator.publish.text import clean

# Attributes that would have a browser fetch, or wait for, something else than ``src``.
_RIVALS = ("srcset", "sizes", "loading")
# Beginnings of tags that show pictures: <img>, <image>, which a parser reads as one, and <video>.
_SHOWING = ("<im", "<video")
# An HTML parser swallows one line break at their beginning (HTML, 13.2.6.4.7).
_VERBATIM = "pre, textarea, listing"


def localise(html: str, assets: Mapping[str, Asset], media: str) -> str:
    """Return stored HTML in which every picture is a kept one under ``media``, or its alt text.

    ``assets`` are by the URL in ``src`` or ``poster``; ``media`` is a URL that ends in a slash. A
    kept picture gets its true width and height in pixels; no remote URL of a picture is left: a
    film whose poster is not kept has none. HTML without pictures comes back as it is; a second
    application changes nothing.
    """
    return _localise(html, assets, media)[0]


def lead(entry: Entry) -> Asset | None:
    """Return the kept picture its author put in front of the post, if there is one."""
    chosen = entry.post.lead
    return entry.assets.get(chosen.url) if chosen else None


def content(entry: Entry, media: str) -> str:
    """Return the body of an entry: the lead picture, unless the body shows it, then the body.

    A post without a text gets its summary: readers that mail posts would mail nothing. Fit for
    XML as it is: nothing in it needs to be cleaned again.
    """
    text = entry.post.html
    if not text.strip() and entry.post.summary:
        text = f"<p>{escape(entry.post.summary, quote=False)}</p>"
    body, shown = _localise(text, entry.assets, media)
    if clean(body) != body:
        body = clean(_untainted(body))
    picture = lead(entry)
    if picture is None or media + picture.name in shown:
        return body
    return _img(picture, media) + body


def _localise(html: str, assets: Mapping[str, Asset], media: str) -> tuple[str, frozenset[str]]:
    """Return the HTML, and the URLs of the pictures it shows."""
    small = html.lower()
    if not any(tag in small for tag in _SHOWING):
        return html, frozenset()
    kept = {media + asset.name: asset for asset in assets.values()}
    tree = _parse(html)
    shown = set()
    for node in tree.css("img"):
        source = node.attributes.get("src") or ""
        asset = assets.get(source) or kept.get(source)
        if asset is None:
            node.replace_with(node.attributes.get("alt") or "")
        else:
            _point(node, asset, media)
            shown.add(media + asset.name)
    for node in tree.css("video[poster]"):
        poster = node.attributes.get("poster") or ""
        asset = assets.get(poster) or kept.get(poster)
        if asset is None:
            del node.attrs["poster"]
        else:
            node.attrs["poster"] = media + asset.name
    return _written(tree), frozenset(shown)


def _point(node: LexborNode, asset: Asset, media: str) -> None:
    node.attrs["src"] = media + asset.name
    if asset.width and asset.height:
        node.attrs["width"] = str(asset.width)
        node.attrs["height"] = str(asset.height)
    for name in _RIVALS:
        if name in node.attrs:
            del node.attrs[name]


def _img(asset: Asset, media: str) -> str:
    size = (
        f' width="{asset.width}" height="{asset.height}"' if asset.width and asset.height else ""
    )
    return f'<img src="{escape(media + asset.name)}" alt=""{size}>'


def _untainted(html: str) -> str:
    r"""Drop attributes with characters that XML can't hold.

    Without them ``java\x01script:`` would be a scheme, after the sanitiser has looked.
    """
    tree = _parse(html)
    for node in tree.css("*"):
        for name, value in node.attributes.items():
            if value and clean(value) != value:
                del node.attrs[name]
    return _written(tree)


def _parse(html: str) -> LexborHTMLParser:
    """Parse a fragment; a lone surrogate becomes U+FFFD, so that its attribute stays tainted."""
    whole = html.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return LexborHTMLParser(whole, is_fragment=True)


def _written(tree: LexborHTMLParser) -> str:
    for node in tree.css(_VERBATIM):
        first = node.first_child
        if first is not None and (first.text_content or "").startswith("\n"):
            first.insert_before("\n")
    return tree.html or ""
