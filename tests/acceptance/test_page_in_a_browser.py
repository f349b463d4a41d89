"""The subscribe page and the operator's in Debian's Chromium, led by Playwright.

axe-core finds nothing, and whoever has no mouse gets everywhere.
"""

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from local_web import free_port, local_web
from reports import NOW, ill
from syndicate_command import finish, start, syndicate
from trial import PNG

from syndicator.cycle.roll import STATES
from syndicator.doors.tally import Sum
from syndicator.model.roll import Pushed, Roll, Row
from syndicator.serve import sheets as operators
from syndicator.serve.page import LENGTH

pytestmark = pytest.mark.slow

READERS = Path(__file__).parent.parent.parent / ".readers"
AXE = READERS / "axe.min.js"
PYTHON = READERS / "bin" / "python"
CHROMIUM = Path("/usr/bin/chromium")
WALK = Path(__file__).with_name("browser_walk.py")
PATIENCE = 600.0  # seconds
SIZES = [(360, "light"), (360, "dark"), (1200, "light"), (1200, "dark")]
POST = "---\ntitle: {title}\ndate: 2020-12-0{day}\ntags: [rain, 5G]\n---\nIt fell.\n\n{more}"
Found = dict[str, Any]


def look(pages: Sequence[Found]) -> list[Found]:
    """Lead a browser over pages; skip where there is none to lead."""
    for needed, what in ((AXE, "axe-core"), (CHROMIUM, "chromium"), (PYTHON, "Playwright")):
        if not needed.exists():
            pytest.skip(f"{what} is not installed: .ci/readers installs it")
    there = subprocess.run([PYTHON, "-c", "import playwright"], capture_output=True, check=False)
    if there.returncode:
        pytest.skip("Playwright is not installed: .ci/readers installs it")
    ran = subprocess.run(
        [PYTHON, WALK, AXE],
        input=json.dumps(pages),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert ran.returncode == 0, ran.stderr
    found: list[Found] = json.loads(ran.stdout)
    return found


def sizes(url: str) -> list[Found]:
    """Ask for a page on a phone and a desk, in light and dark."""
    return [{"url": url, "width": width, "scheme": scheme} for width, scheme in SIZES]


def judge(page: Found) -> None:
    """Hold a page to what axe asks of it, to its window, and to the keyboard."""
    assert page["passes"] > 20
    assert (page["wrong"], page["unsure"], page["said"], page["wide"]) == ([], [], [], False)
    assert [one["at"] for one in page["walked"]] == page["stops"] != []
    assert all(one["outlined"] and one["seen"] for one in page["walked"]), page["walked"]


@pytest.fixture
def served(small_site: Callable[..., Path]) -> Iterator[tuple[str, str]]:
    """Serve a site of a hundred posts and some; yield where its page is, and the operator's."""
    here, there = (f"127.0.0.1:{free_port()}" for _ in range(2))
    tables = ("rss", "json", "opml", "page")
    publish = "".join(f'[[publish]]\ntype = "{kind}"\n' for kind in tables)
    root = small_site(publish=publish, serve=f"http://{here}/")
    file = root / "config" / "syndicator.toml"
    where = f'[serve]\nlisten = "{here}"\nmonitor = "{there}"\nstatus = "monitor"\n'
    file.write_text(file.read_text("utf-8").replace("[serve]\n", where), "utf-8")
    for day, title in enumerate(("Rain & wind", "Snow <b>", "高雄 5G"), 1):
        more = "![a](a.png)" if day == 1 else ""
        text = POST.format(title=title, day=day, more=more)
        (root / "content" / f"2020-12-0{day}-post-{day}.md").write_text(text, "utf-8")
    (root / "content" / "a.png").write_bytes(PNG)
    for number in range(LENGTH):
        text = f"---\ntitle: Old {number}\ndate: 2019-01-01\n---\nWords of {number}.\n"
        (root / "content" / f"old-{number}.md").write_text(text, "utf-8")
    assert syndicate("run", cwd=root).code == 0
    process = start("serve", cwd=root)
    try:
        assert process.stderr is not None
        assert "server.started" in process.stderr.readline()
        yield f"http://{here}/index.html", f"http://{there}/status"
    finally:
        process.terminate()
        finish(process)


def test_readers_and_operators_need_no_mouse(served: tuple[str, str]) -> None:
    """Every link and field in its order, each seen while it has the focus; nothing for axe.

    As the server gives the pages, with its policies: the console complains of nothing.
    """
    page, status = served
    ways = {"follow": ["Posts", "Next", "Configuration", "Status"]}
    asked = [*sizes(page), {**sizes(status)[0], **ways}, *sizes(f"{status}/posts")[1:2]]
    told = look([*asked, *sizes(f"{status}/configuration")[::3]])
    for one in told:
        judge(one)
    assert told[0]["title"].endswith(": subscribe")
    assert told[4]["led"] == [
        f"{status}/posts",
        f"{status}/posts?state=published&page=2",
        f"{status}/configuration",
        status,
    ]


def test_axe_finds_nothing_on_the_worst_of_pages() -> None:
    """With everything on them that can be wrong: cards, problems, pictures, endless names."""
    pages = {
        "/status": operators.status(ill(), Sum(), NOW),
        "/posts": operators.posts(roll(), NOW),
    }
    with local_web() as web:
        told = []
        for path, page in pages.items():
            told += sizes(web.serve(path, page.encode(), "text/html; charset=utf-8"))
        for one in look(told):
            judge(one)


def roll() -> Roll:
    """Return a page of posts that have every ill."""
    told = (
        Pushed(endpoint="ops", state="given up", count=2, says="answered 503"),
        Pushed(endpoint="ops", state="owed", count=1, next_at=NOW),
        Pushed(endpoint="a-chat-of-a-long-name-" + "x" * 40, state="told", count=1),
    )
    rows = [
        Row(path=f"{state}-{'long' * 40}.md", state=state, why="DAT001 <script>", wake=NOW)
        for state in STATES
    ]
    live = [
        Row(
            path=f"live-{state}.md",
            title="高雄 " + "x" * 90,
            url="https://site.example/" + "y" * 200,
            published=NOW,
            updated=NOW,
            state=state,
            pending=True,
            pictures=3,
            missing=2,
            pushes=told,
        )
        for state in STATES
    ]
    counts = dict.fromkeys(STATES, 12_345)
    return Roll(state="held", rows=(*rows, *live), page=7, pages=124, counts=counts)
