"""What the verbs that make a pass have in common: where the configuration is, and the clock."""

import os
import random
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from syndicator.config.file import find
from syndicator.cycle import Order, Stop


def clock() -> datetime:
    """Tell the time; every room below is handed this."""
    return datetime.now(UTC)  # noqa: TID251  # cli reads the clock for all below


def file(args: Namespace) -> Path:
    """Find the configuration that the command line, the environment or the folder names."""
    return find(args.config, os.environ, Path.cwd())


def order(args: Namespace) -> Order:
    """Make the order for a plain pass."""
    jitter = random.SystemRandom().random
    return Order(file=file(args), clock=clock, environ=os.environ, jitter=jitter, stop=Stop())
