"""What nobody who reads posts can go below: ``python -m benchmarks.floors FOLDER``.

Prints seconds of the processor as JSON: finding every file and its stat, reading all of them,
their SHA-256, and YAML, Markdown and sanitising by the libraries alone. The best of three.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nh3
import yaml

from syndicator.normalise import markdown


def stats(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Yield every file below a folder; its stat has been asked for."""
    for entry in os.scandir(folder):
        if entry.is_dir():
            yield from stats(Path(entry.path))
        else:
            entry.stat()
            yield entry


def seconds(work: Callable[[], object]) -> float:
    """Return the best of three."""
    taken = []
    for _ in range(3):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return min(taken)


def main() -> None:
    """Measure, and print."""
    folder = Path(sys.argv[1])
    names = [entry.path for entry in stats(folder) if entry.path.endswith(".md")]

    def read() -> Iterator[bytes]:
        for name in names:
            with open(name, "rb") as file:  # noqa: PTH123  # Path costs as much again
                yield file.read()

    def parts(data: bytes) -> None:
        _, matter, body = data.decode().split("---\n", 2)
        yaml.load(matter, yaml.CSafeLoader)
        nh3.clean(markdown.render(body))

    print(  # noqa: T201  # what it is for
        json.dumps(
            {
                "scandir + stat": seconds(lambda: list(stats(folder))),
                "read": seconds(lambda: [len(data) for data in read()]),
                "read + sha256": seconds(lambda: [hashlib.sha256(d).digest() for d in read()]),
                "read + yaml + cmark + nh3": seconds(lambda: [parts(data) for data in read()]),
            }
        )
    )


if __name__ == "__main__":
    main()
