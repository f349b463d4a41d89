"""What happened since the start, in the text format of Prometheus (exposition format 0.0.4)."""

import resource
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from syndicator import __version__
from syndicator.model.report import Report
from syndicator.serve.hub import Hub

TYPE = b"text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 10.0)  # seconds
Sample = tuple[Mapping[str, str], float]


@dataclass(slots=True)
class Counts:
    """What the server did; one thread counts, any may read."""

    requests: dict[tuple[str, int], int] = field(default_factory=dict)  # by group and status
    bytes_sent: int = 0
    slower: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0
    ended: int = 0  # connections of clients that kept the server waiting

    def count(self, group: str, status: int, size: int, seconds: float) -> None:
        """Count one answer."""
        key = (group, status)
        self.requests[key] = self.requests.get(key, 0) + 1
        self.bytes_sent += size
        self.seconds += seconds
        self.slower[bisect_left(BOUNDS, seconds)] += 1


@dataclass(slots=True)
class Pulse:
    """How the daemon's passes go; the daemon writes, the server reads."""

    report: Report | None = None  # of the last good one
    good: float = 0.0  # when it ended, in seconds of the epoch; 0: none yet
    bad: float = 0.0  # when one failed last
    passes: Counter[str] = field(default_factory=Counter)  # by result: ok, failed

    def passed(self, report: Report, at: float) -> None:
        """Note a good pass."""
        self.report, self.good = report, at
        self.passes["ok"] += 1

    def failed(self, at: float) -> None:
        """Note a pass that could not be made."""
        self.bad = at
        self.passes["failed"] += 1


def exposition(counts: Counts, pulse: Pulse | None, connections: int, hub: Hub | None) -> bytes:
    """Return the whole page; nothing is looked up for it but this process's own size."""
    lines: list[str] = []
    for name, kind, says, samples in _families(counts, pulse, connections, hub):
        lines += [f"# HELP {name} {says}", f"# TYPE {name} {kind}"]
        lines += [_line(name, labels, value) for labels, value in samples]
        if name == _SECONDS:
            lines += _histogram(counts)
    return ("\n".join(lines) + "\n").encode()


_SECONDS = "syndicator_http_request_duration_seconds"
Family = tuple[str, str, str, Iterable[Sample]]


def _families(
    counts: Counts, pulse: Pulse | None, connections: int, hub: Hub | None
) -> Iterator[Family]:
    one: Callable[[float], list[Sample]] = lambda value: [({}, value)]  # noqa: E731  # short and local
    yield "syndicator_build_info", "gauge", "Version.", [({"version": __version__}, 1)]
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime
    yield "process_cpu_seconds_total", "counter", "CPU time used, in seconds.", one(cpu)
    resident = "process_resident_memory_bytes"
    yield resident, "gauge", "Resident memory, in bytes.", one(_resident())
    yield (
        "syndicator_http_requests_total",
        "counter",
        "Requests answered.",
        [
            ({"kind": group, "code": str(status)}, number)
            for (group, status), number in sorted(counts.requests.items())
        ],
    )
    sent = "syndicator_http_response_bytes_total"
    yield sent, "counter", "Bytes of bodies sent.", one(counts.bytes_sent)
    yield _SECONDS, "histogram", "From the head of a request to the end of its answer.", []
    yield "syndicator_http_connections", "gauge", "Open connections.", one(connections)
    ended = "syndicator_http_connections_ended_total"
    yield (
        ended,
        "counter",
        "Connections of clients that kept the server waiting.",
        one(counts.ended),
    )
    if hub is not None:
        held = "syndicator_hub_subscriptions"
        yield held, "gauge", "Subscriptions of the hub.", one(len(hub.subscriptions))
        done = hub.distribution
        results: list[Sample] = [
            ({"result": "ok"}, done.sent),
            ({"result": "failed"}, done.failed),
        ]
        yield "syndicator_hub_deliveries_total", "counter", "Feeds sent by the hub.", results
    if pulse is not None:
        yield from _passes(pulse)


def _passes(pulse: Pulse) -> Iterator[Family]:
    results = sorted(pulse.passes.items())
    done: list[Sample] = [({"result": result}, number) for result, number in results]
    yield "syndicator_passes_total", "counter", "Passes made.", done
    ends: list[Sample] = [({"result": "ok"}, pulse.good), ({"result": "failed"}, pulse.bad)]
    yield (
        "syndicator_last_pass_timestamp_seconds",
        "gauge",
        "When a pass ended last with this result; 0: never.",
        ends,
    )
    report = pulse.report
    if report is None:
        return
    states = ("live", "held", "drafts", "scheduled", "expired", "skipped")
    posts: list[Sample] = [({"state": name}, getattr(report, name)) for name in states]
    yield "syndicator_posts", "gauge", "Posts by state.", posts
    missing: list[Sample] = [({}, len(report.missing))]
    yield "syndicator_images_missing", "gauge", "Pictures not kept yet.", missing
    pushes: list[Sample] = [({"state": "owed"}, report.owed), ({"state": "dead"}, report.dead)]
    yield "syndicator_deliveries", "gauge", "Pushes owed, and given up.", pushes
    took: list[Sample] = [({}, report.seconds)]
    yield "syndicator_last_pass_duration_seconds", "gauge", "Length of the last good pass.", took


def _histogram(counts: Counts) -> Iterator[str]:
    total = 0
    for bound, number in zip((*BOUNDS, None), counts.slower, strict=True):
        total += number
        edge = "+Inf" if bound is None else str(bound)
        yield _line(f"{_SECONDS}_bucket", {"le": edge}, total)
    yield _line(f"{_SECONDS}_sum", {}, counts.seconds)
    yield _line(f"{_SECONDS}_count", {}, total)


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    inside = ",".join(f'{key}="{said}"' for key, said in labels.items())
    return f"{name}{{{inside}}} {value}" if inside else f"{name} {value}"


def _resident() -> int:
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return int(pages) * resource.getpagesize()
