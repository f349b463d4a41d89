"""The subscribe page and the operator's, in Debian's Chromium: axe-core finds nothing."""

import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from local_web import LocalWeb, local_web
from reports import NOW, ill
from syndicate_command import syndicate
from trial import PNG

from syndicator.serve.page import render

pytestmark = pytest.mark.slow

AXE = Path(__file__).parent.parent.parent / ".readers" / "axe.min.js"
PATIENCE = 120.0  # seconds
POST = "---\ntitle: {title}\ndate: 2020-12-0{day}\ntags: [rain, 5G]\n---\nIt fell.\n\n{more}"
ASK = """<script src="/axe.min.js"></script><script>
axe.run(document, {resultTypes: ["violations", "incomplete"]}).then(found => {
  const told = document.createElement("pre");
  told.id = "axe";
  told.textContent = JSON.stringify(
    {wrong: found.violations, unsure: found.incomplete, passes: found.passes.length});
  document.body.replaceChildren(told);
});
</script></body>"""


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    """Serve what a test puts up."""
    with local_web() as served:
        yield served


def needed() -> None:
    """Skip where there is nothing to ask with."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: .ci/readers installs it")
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed: .ci/readers installs it")


@pytest.fixture
def page(small_site: Callable[..., Path], web: LocalWeb) -> str:
    """Put up the page of a site, with the question of axe in it; return its address."""
    needed()
    tables = ("rss", "json", "opml", "page")
    root = small_site(publish="".join(f'[[publish]]\ntype = "{kind}"\n' for kind in tables))
    for day, title in enumerate(("Rain & wind", "Snow <b>", "高雄 5G"), 1):
        more = "![a](a.png)" if day == 1 else ""
        text = POST.format(title=title, day=day, more=more)
        (root / "content" / f"2020-12-0{day}-post-{day}.md").write_text(text, "utf-8")
    (root / "content" / "a.png").write_bytes(PNG)
    assert syndicate("run", cwd=root).code == 0
    public = root / "archive" / "public"
    for path in (public / "media").iterdir():
        web.serve(f"/media/{path.name}", path.read_bytes())
    web.serve("/page.css", (public / "page.css").read_bytes(), "text/css")
    return asked(web, (public / "index.html").read_text("utf-8"))


def asked(web: LocalWeb, page: str) -> str:
    """Put up a page with the question of axe in it; return its address."""
    web.serve("/axe.min.js", AXE.read_bytes(), "text/javascript")
    text = page.replace("</body>", ASK)
    return web.serve("/", text.encode(), "text/html; charset=utf-8")


@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: str, width: int, scheme: str, tmp_path: Path) -> None:
    """On a phone and a desk, in light and dark: no violation, and nothing left to be looked at."""
    judge(page, width, scheme, tmp_path)


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1200, "light")])
def test_axe_finds_nothing_on_the_operators_page(
    web: LocalWeb, width: int, scheme: str, tmp_path: Path
) -> None:
    """With everything on it that can be wrong: cards, problems, pictures, endless names."""
    needed()
    judge(asked(web, render(ill(), NOW)), width, scheme, tmp_path)


def judge(page: str, width: int, scheme: str, tmp_path: Path) -> None:
    """Hold a page to what axe asks of it."""
    command = [
        "chromium",
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--virtual-time-budget=20000",
        f"--user-data-dir={tmp_path / 'profile'}",
        f"--window-size={width},1200",
        *(["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []),
        "--dump-dom",
        page,
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)
    found = re.search(r'<pre id="axe">(.*?)</pre>', ran.stdout, re.DOTALL)
    assert found, ran.stdout[-2000:]
    told: dict[str, Any] = json.loads(html.unescape(found[1]))
    assert told["passes"] > 20
    assert [one["id"] for one in told["wrong"]] == []
    assert [one["id"] for one in told["unsure"]] == []
