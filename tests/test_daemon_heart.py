"""The sign of life: given after good passes, and told of when it begins to fail."""

import asyncio
from functools import partial
from pathlib import Path

import httpx
import pytest
from loopback import no_wait
from trial import Trial

from syndicator.config.load import load
from syndicator.config.tables import Settings
from syndicator.daemon import heart
from syndicator.daemon.heart import Heart
from syndicator.doors.http import Web
from syndicator.publish import registered

URL = "https://watch.example/a-key"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Want a sign of life."""
    site = Trial(root=tmp_path, tables=f'[schedule]\nheartbeat = "{URL}"\n')
    return load(site.file, registered())


def beats(settings: Settings, *statuses: int) -> tuple[list[str], list[str]]:
    """Beat once for each answer; return what was asked and what was said."""
    asked: list[str] = []
    said: list[str] = []
    left = iter(statuses)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url}")
        status = next(left)
        if not status:
            raise httpx.ConnectError("refused")
        return httpx.Response(status)

    def say(event: str, line: str, /, **about: str) -> None:
        said.append(f"{event} {line} {about['url']}")

    async def whole() -> None:
        made = Heart(say, lambda _settings: "us")
        made.web = partial(Web, transport=httpx.MockTransport(answer), sleep=no_wait)
        for _ in statuses:
            await made.beat(settings)

    asyncio.run(whole())
    return asked, said


def test_the_address_is_asked(settings: Settings) -> None:
    """With GET, as services of that kind want it."""
    assert beats(settings, 200) == ([f"GET {URL}"], [])


def test_edits_in_a_row_are_one_sign(settings: Settings) -> None:
    """Nobody counts passes by it."""
    assert beats(settings, 200, 200, 200) == ([f"GET {URL}"], [])


def test_a_failure_is_told_once_and_so_is_its_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the address, which is a key."""
    monkeypatch.setattr(heart, "PAUSE", 0.0)
    _, said = beats(settings, 200, 404, 500, 200, 200)
    assert said == [
        "heartbeat.failed heartbeat: watch.example answered 404 https://watch.example/…",
        "heartbeat.well heartbeat: watch.example answers again https://watch.example/…",
    ]


def test_a_sign_that_can_t_be_given_ends_nothing(settings: Settings) -> None:
    """Nor is the address told then."""
    _, (said,) = beats(settings, 0, 0)
    assert said.startswith("heartbeat.failed heartbeat: watch.example ")
    assert "a-key" not in said


def test_nobody_is_asked_unless_that_is_wanted(settings: Settings) -> None:
    """The default."""
    quiet = settings.schedule.model_copy(update={"heartbeat": ""})
    assert beats(settings.model_copy(update={"schedule": quiet}), 200) == ([], [])
