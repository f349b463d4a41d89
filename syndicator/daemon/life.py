"""The long life: what is due is done, until a signal ends it.

A second hand looks once a second for what no timer tells: a clock that was set, a machine that
slept, a wish that a person left.
"""

import asyncio
import logging
import signal
import time
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from syndicator.config import file as configuration
from syndicator.config.load import load
from syndicator.config.tables import Settings
from syndicator.content.look import Place, wished
from syndicator.cycle import Order
from syndicator.cycle.post import agent
from syndicator.daemon import asking
from syndicator.daemon.alarms import Alarms
from syndicator.daemon.heart import Heart
from syndicator.daemon.jobs import CHECK, HEARTBEAT, PASS, RETRY
from syndicator.daemon.service import Service
from syndicator.daemon.watch import Watching
from syndicator.daemon.work import Ears, Work
from syndicator.doors import control, files, machine, systemd
from syndicator.doors.jobs import Ended
from syndicator.doors.layout import Layout
from syndicator.doors.leader import Leader
from syndicator.errors import ConfigError, SyndicatorError
from syndicator.model.report import Report
from syndicator.publish import registered
from syndicator.serve import Pulse, Server, follow

SECOND = 1.0  # of the second hand
JUMP = 5.0  # seconds by which clocks may differ before timers are set anew
_ENDS = (signal.SIGTERM, signal.SIGINT)


class Daemon:
    """Makes passes and checks, and says in ``ears`` what came of them."""

    def __init__(
        self,
        order: Order,
        settings: Settings,
        ears: Ears,
        *,
        server: Server | None = None,
        pulse: Pulse | None = None,
        leader: Leader | None = None,
    ) -> None:
        """Prepare; ``server`` serves meanwhile, and is told in ``pulse`` how the passes go."""
        self._leader, self._server = leader, server
        self._pulse, self._ears = pulse or Pulse(), ears
        self._order, self._settings = order, settings
        self._place = Layout(settings.archive_root, settings.store.url)
        self._work = Work(self._place, order.clock, ears)
        self._alarms = Alarms(order.clock, self._ring)
        self._service = Service(order.environ, self._place.state)
        self._heart = Heart(ears.say, lambda settings: agent(settings.site_values()))
        self._watcher: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[Any]] = set()  # passes and checks, to their last note
        self._reloads = asyncio.Event()
        self._ended = asyncio.Event()

    async def live(self) -> None:
        """Do what is due until SIGTERM or SIGINT; what is under way ends cleanly first."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # passes report themselves
        loop = asyncio.get_running_loop()
        for number in _ENDS:
            loop.add_signal_handler(number, self.end)
        loop.add_signal_handler(signal.SIGHUP, self._reloads.set)
        if self._server is not None:
            self._server.start(partial(loop.call_soon_threadsafe, self.end))
        self._alarms.begin(self._settings, self._order.clock(), self._tick, self._check)
        asked = await self._answer()
        self._service.say(systemd.READY, systemd.status("the first pass is under way"))
        await self._look_out()
        self._alarms.scheduler.start()
        try:
            await self._live_on()
            self._service.say(systemd.STOPPING)
        finally:
            await self._leave(asked)
            configuration.hold(self._order.file, None)

    def end(self) -> None:
        """Ask for the end."""
        self._ended.set()
        self._work.end()

    async def _look_out(self) -> None:
        """Watch the content; what is there by now is left to the pass that follows."""
        if self._watcher is not None:
            self._watcher.cancel()
            self._watcher = None
        if self._settings.schedule.watch:
            root, table = self._settings.content_root, self._settings.content
            place = Place(root, table.include, table.exclude, self._place)
            watching = await asyncio.to_thread(Watching, place, self._deaf)
            self._watcher = asyncio.create_task(self._watch(watching))

    async def _live_on(self) -> None:
        wall, steady = self._order.clock(), time.monotonic()
        while not self._ended.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(SECOND):
                    await self._ended.wait()
            now, gone = self._order.clock(), time.monotonic() - steady
            if abs((now - wall).total_seconds() - gone) > JUMP:
                self._alarms.jumped(now, self._settings.schedule.span)
            wall, steady = now, time.monotonic()
            if wished(self._place):
                self._alarms.hasten(now)
            if self._leader is not None and self._leader.mailed(self._settings):
                self._hold(asyncio.create_task(self._work.take_up(self._order, self._settings)))
            if self._reloads.is_set():
                self._reloads.clear()
                await self._reload()
            await self._service.feed(stuck=self._work.stuck)

    async def _leave(self, asked: asyncio.Server | None) -> None:
        self._alarms.scheduler.pause()
        if self._watcher is not None:
            self._watcher.cancel()
        leaving = asyncio.create_task(self._service.leave())
        if asked is not None:
            asked.close()
            self._place.control.unlink(missing_ok=True)
        try:
            if self._server is not None:
                await asyncio.to_thread(self._server.stop)
        finally:
            await self._work.idle()  # what is under way hears of the end, and comes to it
            await asyncio.gather(*self._under_way, return_exceptions=True)
            leaving.cancel()
            self._alarms.scheduler.shutdown(wait=False)  # earlier, it would cancel that

    async def _reload(self) -> None:
        """Take the configuration as it is on disk now, if it is right; else the old one stays."""
        self._service.say(*systemd.reloading())
        file = self._order.file
        try:
            data = configuration.on_disk(file)
            settings = await asyncio.to_thread(load, file, registered(), data)
            await self._take(settings)
        except SyndicatorError as error:
            self._ears.complain(error, "config.refused")
            said = "the new configuration is wrong, the old one stays"
        else:
            configuration.hold(file, data)
            said = "the new configuration is in force"
            await self._ring()  # an alarm would be set anew by a pass that ends meanwhile
            self._ears.say("config.taken", said, file=str(file))
        self._service.say(systemd.READY, systemd.status(said))

    async def _take(self, settings: Settings) -> None:
        old, self._settings = self._settings, settings
        if settings.archive_root != old.archive_root:
            self._settings = old
            says = "[archive] root is another than that of the daemon at work"
            raise ConfigError(says, hint="stop it, move the archive, and start it again")
        if settings.serve != old.serve:
            self._ears.say("config.waits", "[serve] changed: it counts from the next start on")
        if (settings.schedule, settings.site.timezone) != (old.schedule, old.site.timezone):
            self._alarms.follow(settings)
        if (settings.content, settings.schedule.watch) != (old.content, old.schedule.watch):
            await self._look_out()
        if self._server is not None:
            follow(self._server, settings)

    async def _watch(self, watching: Watching) -> None:
        """Make a pass whenever content changed and is at rest; look on while it is made."""
        try:
            while True:
                self._work.saw(await watching.changed())
                if not self._work.expects_pass:
                    self._hold(asyncio.create_task(self._tick(frozenset())))  # Work knows of which
        finally:
            watching.end()

    def _deaf(self, why: str) -> None:
        hint = "raise fs.inotify.max_user_watches; until then, content is looked at every second"
        self._ears.say("watch.deaf", f"no events of the content folder: {why}; {hint}")

    async def _answer(self) -> asyncio.Server | None:
        """Be there for ``syndicate run``; where that can't be, it says that we are at work."""
        try:
            await asyncio.to_thread(files.make_folder, self._place.root)
            return await control.answer(self._place.control, self._asked)
        except OSError as error:
            self._ears.say("control.closed", f"can't be asked for passes: {error}")
            return None

    async def _asked(self, question: dict[str, Any]) -> dict[str, Any]:
        result = await self._pass(asking.understood(question, self._order))
        return asking.told(result or SyndicatorError("the daemon is ending", hint="run it again"))

    def _hold(self, task: asyncio.Task[Any] | None) -> None:
        if task is not None:
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _ring(self) -> None:
        """Start a pass beside one at work: APScheduler drops what falls due in its job."""
        if not self._work.expects_whole:
            self._hold(asyncio.create_task(self._tick()))

    async def _tick(self, written: frozenset[str] | None = None) -> None:
        await self._pass(self._order._replace(written=written))

    async def _pass(self, order: Order) -> Report | SyndicatorError | None:
        """Make one pass, and wake again when the next thing falls due before the next tick.

        A pass that fails could not tell what falls due: it is made again before long.
        """
        self._hold(asyncio.current_task())
        began = self._order.clock()
        result = await self._work.make_pass(order, self._settings.schedule.limit)
        if result is None:
            return None
        at = self._order.clock().timestamp()
        if isinstance(result, SyndicatorError):
            self._alarms.hasten(self._order.clock(), RETRY)
            self._pulse.failed(at)
            self._service.failed(result)
            self._ears.complain(result, "pass.failed")
            await self._note(PASS, began, str(result))
            return result
        if not self._work.expects_pass:  # who waits says at its end when the next is due
            self._alarms.set(min(filter(None, (result.wake, self._work.whole_by)), default=None))
        if not self._work.failing:
            self._pulse.passed(result, at)
            self._service.passed(result)
            await self._note(PASS, began, "")
        if not (result.unchanged or self._ended.is_set()):
            await asyncio.to_thread(machine.trim)  # a daemon idles nearly always
        self._ears.tell(result)
        if self._ended.is_set() or self._work.failing:
            return result
        began = self._order.clock()
        if (why := await self._heart.beat(self._settings)) is not None:
            await self._note(HEARTBEAT, began, why)
        await self._work.forget(result, self._order, self._settings)
        return result

    async def _check(self) -> None:
        """Check the share of the archive that is due, if one is; what it owes is sent soon."""
        self._hold(asyncio.current_task())
        began = self._order.clock()
        found = await self._work.check(self._order, self._settings.schedule.limit)
        if isinstance(found, SyndicatorError):
            self._ears.complain(found, "check.failed")
            await self._note(CHECK, began, str(found))
        elif found is not None:
            self._ears.checked(found)
            await self._note(CHECK, began, "")
            if found.alarms:
                self._alarms.set(self._order.clock())

    async def _note(self, name: str, began: datetime, says: str) -> None:
        """Note how a job ended; let be told what fails again and again, or does no more."""
        now = self._order.clock()
        seconds = max(0.0, (now - began).total_seconds())
        ended = Ended(name, now, says, seconds, self._alarms.upcoming(name))
        if await self._work.note(ended, self._settings.schedule.alert_after):
            await self._work.alert(self._order, self._settings)
