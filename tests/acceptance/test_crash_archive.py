"""What looks after the archive may be killed anywhere, too, and loses nothing either."""

import random
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from crash_trial import Trial
from local_web import ALLOW, LocalWeb, local_web
from trial_site import journal, png, post, put, site, sql

MANY = 40  # kill points of each verb in the campaign
POINTS = 3  # kill points of each verb in the quick run
HUNDRED, KILLS = 100, 200
PARTS = 4  # of the longest campaign, for whoever has several cores


class Verb(NamedTuple):
    """A verb, what must be there before it, and the line that tells that it happened."""

    words: tuple[str, ...]
    prepare: Callable[[Trial], None]
    event: str


def nothing(_trial: Trial) -> None:
    """Leave the archive as two passes left it."""


def rot(trial: Trial) -> None:
    """Flip a byte in a picture that its host still has, and in a post's present version."""
    blobs = trial.root / "archive/blobs"
    picture = next(path for path in sorted(blobs.rglob("*.png")) if path.read_bytes() == png(11))
    text = next(path for path in sorted(blobs.rglob("*.md")) if b"Moves." in path.read_bytes())
    for path in (picture, text):
        data = bytearray(path.read_bytes())
        data[20] ^= 1
        path.chmod(0o644)
        with path.open("r+b") as file:
            file.write(data)
        path.chmod(0o444)


def age_waste(trial: Trial) -> None:
    """Note what nothing refers to, and let that be years ago."""
    for mark in "{(":
        put(trial.root / "content/2024-05-06-broken.md", f"---\ntitle: {mark} [\n---\n")
        assert trial.run().code == 1
    trial.archive("gc", "--delete")
    sql(trial.root, "UPDATE loose SET since = '2020' || substr(since, 5)")
    for file in (trial.root / "archive/journal").glob("*.jsonl"):
        text = re.sub(r'("event":"loose","at":")\d{4}', r"\g<1>2020", file.read_text("utf-8"))
        file.write_text(text, encoding="utf-8")


def lose(trial: Trial) -> None:
    """Delete a picture that its host still has."""
    for path in (trial.root / "archive/blobs").rglob("*.png"):
        if path.read_bytes() == png(12):
            (trial.root / "archive/public/media" / path.name).unlink()
            path.unlink()


FORGET = ("forget", "2024-05-01-a.md", "--reason", "asked to", "--pictures", "--yes")
VERBS = {
    "forget": Verb(FORGET, nothing, "forgotten"),
    "gc": Verb(("gc", "--delete"), age_waste, "collected"),
    "verify": Verb(("verify", "--all"), rot, "repaired"),
    "repair": Verb(("repair",), lose, "repaired"),
    "reindex": Verb(("reindex",), nothing, ""),
}


@pytest.fixture(scope="module")
def web() -> Iterator[LocalWeb]:
    """Serve the pictures, and receive what every trial of this file sends."""
    with local_web() as served:
        yield served


class Case:
    """A verb that is not disturbed, and the means to compare a killed one with it."""

    def __init__(self, root: Path, web: LocalWeb, verb: Verb) -> None:
        self.trial = Trial(root / "site", web)
        self.verb = verb
        assert self.trial.run().code == 1  # a post is broken
        self.trial.change()
        assert self.trial.run().code == 1
        verb.prepare(self.trial)
        self.trial.save()
        self.trial.restore()
        undisturbed = self.trial.archive(*verb.words, fatal=0)
        assert undisturbed.code == 0, undisturbed
        self.steps = undisturbed.steps
        self.events = self._happened()
        assert self.events or not verb.event
        self.outcome = self._end()

    def _happened(self) -> int:
        return sum(line["event"] == self.verb.event for line in journal(self.trial.root))

    def _end(self) -> dict[str, object]:
        self.trial.run()
        self.trial.archive("repair")  # whoever opens the archive clears what was left half done
        assert self.trial.is_clean()
        return self.trial.outcome()

    def killed_before(self, step: int) -> bool:
        """Kill the verb before its n-th step, finish, and compare; tell whether it came so far."""
        self.trial.restore()
        code = self.trial.archive(*self.verb.words, fatal=step).code
        assert code in {0, -9}
        self.trial.run()
        if not self.verb.event or self._happened() < self.events:
            assert self.trial.archive(*self.verb.words).code == 0
        outcome = self._end()
        for part, expected in self.outcome.items():
            assert outcome[part] == expected, (part, step)
        assert self.trial.run().out.startswith("nothing changed")
        return code == -9


@pytest.mark.parametrize("name", VERBS)
def test_a_killed_verb_is_finished_or_never_began(memory: Path, web: LocalWeb, name: str) -> None:
    """The next pass, and the verb once more where its line is not written, end as undisturbed."""
    case = Case(memory, web, VERBS[name])
    points = sorted(random.sample(range(1, case.steps + 1), min(POINTS, case.steps)))
    killed = [case.killed_before(step) for step in points]
    assert sum(killed) >= len(points) * 3 // 4  # how many steps a fetch takes differs


@pytest.mark.slow
@pytest.mark.parametrize("name", VERBS)
def test_many_steps_of_a_verb_may_be_the_last(memory: Path, web: LocalWeb, name: str) -> None:
    """The same for forty steps, wherever they fall: all of them would take half an hour."""
    case = Case(memory, web, VERBS[name])
    points = sorted(random.sample(range(1, case.steps + 1), min(MANY, case.steps)))
    killed = [case.killed_before(step) for step in points]
    assert sum(killed) >= len(points) * 3 // 4  # how many steps a fetch takes differs


class Hundred(Trial):
    """A site of a hundred posts, each with a picture of its own and one that all share."""

    def __init__(self, root: Path, web: LocalWeb) -> None:
        """Lay it out; without a receiver: other trials have one, and this one is long."""
        super().__init__(root, web)
        for path in (root / "content").iterdir():
            path.unlink()
        site(root, network=ALLOW)
        shared = web.serve("/shared.png", png(500))
        for number in range(HUNDRED):
            own = web.serve(f"/{1000 + number}.png", png(1000 + number))
            day = f"2024-{1 + number // 28:02}-{1 + number % 28:02}"
            post(root, f"{day}-n{number}.md", f"![]({own}) ![]({shared})")


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_a_pass_over_a_hundred_posts_may_be_killed_anywhere(
    memory: Path, web: LocalWeb, part: int
) -> None:
    """At 200 random moments: no half blob, none without its line, the end as undisturbed."""
    trial = Hundred(memory / "site", web)
    trial.save()
    trial.restore()
    undisturbed = trial.run()
    assert undisturbed.code == 0, undisturbed
    outcome = trial.outcome()
    assert len(outcome["blobs"]) == 2 * HUNDRED + 1  # type: ignore[arg-type]  # a list of names
    killed, whole = 0, undisturbed.seconds
    for kill in range(part, KILLS, PARTS):  # one in each of as many equal parts of the pass
        trial.restore()
        moment = (kill + random.random()) / KILLS * whole  # noqa: S311  # no secret
        ran = trial.run(seconds=moment)
        assert ran.code in {0, -signal.SIGPROF}
        if ran.code == -signal.SIGPROF:
            killed += 1
        else:
            whole = ran.seconds  # the machine is faster by now
        assert trial.run().code == 0
        assert trial.is_clean()
        found = trial.outcome()
        for what, expected in outcome.items():
            assert found[what] == expected, (what, moment)
    assert killed >= KILLS // PARTS * 3 // 4  # how long a pass takes differs
