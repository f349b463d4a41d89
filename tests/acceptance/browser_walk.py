"""Lead Debian's Chromium over pages, and print as JSON what it finds; for .readers/bin/python.

``browser_walk.py AXE`` reads from stdin a list of ``{"url", "width", "scheme", "follow"}``. Of
each page it tells what axe-core finds, what the console says, whether it is wider than its window,
and each stop of the Tab key: what has the focus, whether one sees that. Then it goes on with keys
alone: to each link that is to be followed, by its text, and tells where that led.
"""

import json
import sys
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
AXE = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations", "incomplete"]});
  const told = list => list.map(one => [one.id, one.nodes[0].target.join(" ")]);
  return [told(found.violations), told(found.incomplete), found.passes.length];
}"""
STOPS = """() => [...document.querySelectorAll("a[href], input, button, summary, [tabindex]")]
  .filter(one => one.checkVisibility()).map(one => one.href || one.value || one.textContent)"""
FOCUS = """() => {
  const one = document.activeElement;
  const box = one.getBoundingClientRect(), how = getComputedStyle(one);
  return one === document.body ? null : {
    at: one.href || one.value || one.textContent,
    outlined: how.outlineStyle !== "none" && parseFloat(how.outlineWidth) >= 2,
    seen: box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth,
  };
}"""
MOST = 500  # stops


def walk(page: Page) -> dict[str, object]:
    """Press Tab until the page is left."""
    stops = page.evaluate(STOPS)
    walked: list[dict[str, object]] = []
    for _ in range(MOST):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        if at is None:
            break
        walked.append(at)
    return {"stops": stops, "walked": walked}


def hear(line: ConsoleMessage, said: list[str]) -> None:
    """Note what the console says, but of an icon that the browser asks for by itself."""
    if not line.location["url"].endswith("/favicon.ico"):
        said.append(line.text)


def follow(page: Page, links: list[str]) -> list[str]:
    """Go from link to link with Tab and Enter; tell the addresses."""
    led = []
    for text in links:
        for _ in range(MOST):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent") == text:
                break
        with page.expect_navigation():
            page.keyboard.press("Enter")
        led.append(page.url)
    return led


def main() -> None:
    """Look at every page that is asked for."""
    axe, told = Path(sys.argv[1]).read_text("utf-8"), []
    with sync_playwright() as play:
        # whoever started us gives up some day; how slow a machine may be is not for us to say
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=0)
        for asked in json.load(sys.stdin):
            window = {"width": asked["width"], "height": 900}
            context = browser.new_context(viewport=window, color_scheme=asked["scheme"])
            context.set_default_timeout(0)
            page, said = context.new_page(), list[str]()
            page.on("console", lambda line, said=said: hear(line, said))
            page.on("pageerror", lambda error, said=said: said.append(str(error)))
            page.goto(asked["url"])
            page.evaluate(axe)  # by the protocol, which the page's policy does not bind
            wrong, unsure, passes = page.evaluate(AXE)
            wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            found = {"title": page.title(), "said": said, "wide": wide, **walk(page)}
            found |= {"wrong": wrong, "unsure": unsure, "passes": passes}
            found["led"] = follow(page, asked.get("follow", []))
            told.append(found)
            context.close()
        browser.close()
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
