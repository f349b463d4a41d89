"""The real command, killed at random moments of the time that it takes on this machine by now."""

import random
import subprocess
import time
from dataclasses import dataclass
from math import inf
from pathlib import Path

from syndicate_command import PATIENCE, start


@dataclass(slots=True)
class Kills:
    """How many there were, and what a whole run took last: machines grow slower, and faster."""

    count: int = 0
    latest: float = inf  # seconds after which nobody is killed
    _usual: float = 0.0  # seconds

    def run(self, *arguments: str, cwd: Path) -> None:
        """Run the command, the first time to its end; else kill it, if it is still there then."""
        begin = time.monotonic()
        left = min(self._usual * random.uniform(0.3, 1.1), self.latest)  # noqa: S311  # no secret
        with start(*arguments, cwd=cwd) as process:
            try:
                process.communicate(timeout=left or PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate(timeout=PATIENCE)
        if process.returncode == -9:
            self.count += 1
            self._usual *= 1.02
        else:
            self._usual = time.monotonic() - begin
