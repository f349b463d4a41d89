"""An archive with every kind of kept file, made by real passes, for tests of exports."""

from pathlib import Path

import httpx
from trial import PNG, Trial, webhook

FIRST, AGAIN = "https://img.example/a.png", "https://img.example/again.png"
PAGE = "https://img.example/page"
OLD, NEW = "https://img.example/old.png", "https://img.example/new.png"


def says(request: httpx.Request) -> httpx.Response:
    """Give the same picture at two addresses, a page at a third, a redirect at a fourth."""
    if request.url.path == "/page":
        return httpx.Response(200, content=b"<html><body>no</body></html>")
    if request.url.path == "/old.png":
        return httpx.Response(302, headers={"location": NEW})
    return httpx.Response(200, content=PNG, headers={"content-type": "image/png", "etag": '"1"'})


def archive(root: Path) -> Trial:
    """Make it: two posts, one edited once, a draft, pictures, a page in place of one."""
    site = Trial(root=root, tables=webhook(), says=says)
    pictures = " ".join(f"![]({url})" for url in (FIRST, AGAIN, PAGE, OLD))
    site.write("a.md", f"Old. {pictures}", title="A", date="2026-11-01")
    site.write("b.md", "Text with 'é'.", title="B", date="2026-11-02")
    site.write("ü 100%.md", "Draft.", title="D", draft="true")
    site.make()
    site.write("a.md", f"New. {pictures}", title="A", date="2026-11-01")
    site.make()
    return site
