"""The long life: passes when content changes, when something falls due, and at every interval.

::

    life     starts and ends, holds the one lock on work, hears signals
    work     the jobs themselves: a pass, a check of a share of the archive, and what came of them
    jobs     when they are due, by APScheduler
    heart    a sign of life for whoever watches from outside
    service  what the service manager hears
    watch    when content changed
    asking   what `syndicate run` asks of a daemon that holds the archive
"""

from syndicator.daemon.life import Daemon
from syndicator.daemon.work import Ears

__all__ = ["Daemon", "Ears"]
