"""A pass that is killed anywhere is finished by the next one, as if nothing had been."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from crash_trial import Trial, events
from local_web import LocalWeb, local_web
from random_kills import Kills

POINTS = 6  # kill points of each of the two passes in the quick run; the campaign takes all
PARTS = 2  # of the campaign over every step, for whoever has several cores
RANDOM_KILLS = 100
Prepare = Callable[[Trial], None]


@pytest.fixture(scope="module")
def web() -> Iterator[LocalWeb]:
    """Serve the pictures, and receive what every trial of this file sends."""
    with local_web() as served:
        yield served


def first(trial: Trial) -> None:
    """Leave everything to the pass that is killed: there is no archive yet."""
    trial.save()


def second(trial: Trial) -> None:
    """Let a pass end well, and change everything a pass can notice."""
    assert trial.run().code == 1  # a post is broken
    trial.change()
    trial.save()


class Case:
    """An undisturbed pass, and the means to compare a killed one with it."""

    def __init__(self, root: Path, web: LocalWeb, prepare: Prepare) -> None:
        self.web = web
        self.trial = Trial(root / "site", web)
        prepare(self.trial)
        self.trial.restore()
        web.pushes.clear()
        undisturbed = self.trial.run(fatal=0)
        assert undisturbed.code == 1, undisturbed
        self.steps = undisturbed.steps
        self.outcome = self.trial.outcome()
        self.events = events(web.pushes).keys()
        assert len(self.events) >= 3
        assert self.trial.is_clean()

    def begin(self) -> None:
        """Put the site back to where the pass starts."""
        self.trial.restore()
        self.web.pushes.clear()

    def judge(self) -> None:
        """Make the pass that finishes; hold the end against the undisturbed one."""
        finished = self.trial.run()
        assert finished.code == 1, finished
        assert self.trial.is_clean()
        outcome = self.trial.outcome()
        for part, expected in self.outcome.items():
            assert outcome[part] == expected, part
        told = events(self.web.pushes)
        assert told.keys() == self.events
        assert all(len(messages) == 1 for messages in told.values())
        count = len(self.web.pushes)
        assert self.trial.run().out.startswith("nothing changed")
        assert len(self.web.pushes) == count

    def killed_before(self, step: int) -> bool:
        """Kill a pass before its n-th step; tell whether it came that far."""
        self.begin()
        code = self.trial.run(fatal=step).code
        assert code in {1, -9}
        self.judge()
        return code == -9


def _spread(steps: int) -> list[int]:
    """Choose points over a whole pass, others every time (pytest-randomly prints the seed)."""
    return sorted(random.sample(range(1, steps + 1), POINTS))


@pytest.mark.parametrize("prepare", [first, second])
def test_a_killed_pass_is_finished_by_the_next(
    memory: Path, web: LocalWeb, prepare: Prepare
) -> None:
    """Killed before any step, a pass loses nothing, and the next one ends where it would have."""
    case = Case(memory, web, prepare)
    killed = [case.killed_before(step) for step in _spread(case.steps)]
    assert sum(killed) >= POINTS * 3 // 4  # how many steps a fetch takes differs


@pytest.mark.parametrize("prepare", [first, second])
def test_a_torn_journal_loses_nothing(memory: Path, web: LocalWeb, prepare: Prepare) -> None:
    """Where the disk kept only part of the last batch, nothing is lost, and no push forgotten."""
    case = Case(memory, web, prepare)
    case.begin()
    folder = memory / "site/archive/journal"
    before = sum(file.stat().st_size for file in folder.glob("*.jsonl"))
    step = _behind_the_journal(case)
    for share in (0.999, 0.6, 0.1):
        case.begin()
        assert case.trial.run(fatal=step).code == -9
        *_, file = sorted(folder.glob("*.jsonl"))  # the month may have changed
        data = file.read_bytes()
        batch = max(_batch_start(data), before)
        file.write_bytes(data[: batch + int((len(data) - batch) * share)])
        case.judge()


def _batch_start(data: bytes) -> int:
    """Find where the batch of the publishing begins: behind the last picture or kept source."""
    ends = [data.rfind(b'{"event":"%s"' % name) for name in (b"kept", b"capture", b"copy")]
    return data.index(b"\n", max(ends)) + 1


def _behind_the_journal(case: Case) -> int:
    """Find the step before which what the pass publishes is in the journal, and nowhere else."""
    versions = _versions(case.trial)
    low, high = 1, case.steps
    while low < high:
        middle = (low + high) // 2
        case.begin()
        case.trial.run(fatal=middle)
        if _versions(case.trial) > versions:
            high = middle
        else:
            low = middle + 1
    return low


def _versions(trial: Trial) -> int:
    files = (trial.root / "archive/journal").glob("*.jsonl")
    return sum(file.read_bytes().count(b'{"event":"version"') for file in files)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("prepare", [first, second])
def test_every_step_of_a_pass_may_be_the_last(
    memory: Path, web: LocalWeb, prepare: Prepare, part: int
) -> None:
    """The same for each and every step of both passes."""
    case = Case(memory, web, prepare)
    killed = [case.killed_before(step) for step in range(1 + part, case.steps + 1, PARTS)]
    assert sum(killed) >= len(killed) * 3 // 4


@pytest.mark.slow
@pytest.mark.parametrize("prepare", [first, second])
def test_the_real_command_may_be_killed_at_any_time(
    memory: Path, web: LocalWeb, prepare: Prepare
) -> None:
    """A hundred times SIGKILL, at a random moment of the real command, and nothing is lost."""
    case = Case(memory, web, prepare)
    kills = Kills()
    for _ in range(RANDOM_KILLS // 2):
        case.begin()
        kills.run("run", "--drain", "0", cwd=case.trial.root)
        case.judge()
    assert kills.count >= RANDOM_KILLS // 8
