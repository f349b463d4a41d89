"""What reading posts costs, beside what its parts alone cost: ``python -m benchmarks.normalise``.

And, with ``--refuse``, what it costs to refuse the worst of them.

Every round runs all candidates one after the other, so that a busy moment of the machine hits
them alike; what is printed are medians of the rounds, in seconds of the processor, and ratios.
"""

import argparse
import gc
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from statistics import median

import frontmatter
import yaml

from benchmarks import corpus, parts, refusals
from syndicator.doors import workers
from syndicator.model.posts import Reading, Site, Source
from syndicator.normalise import markdown, normalise, sanitise
from syndicator.normalise.findings import Findings
from syndicator.normalise.handlers import HANDLERS
from syndicator.normalise.matter import take_apart

SITE = Site(
    title="Site",
    url="https://site.example/",
    timezone="Asia/Taipei",
    feeds="https://feeds.example/",
    authority="site.example",
)
MODIFIED = datetime(2024, 1, 1, tzinfo=UTC)


def sources(count: int) -> list[Source]:
    """Return the posts of the made-up site."""
    return [
        Source(path=path, data=data, digest=str(number), modified=MODIFIED)
        for number, (path, data) in enumerate(corpus.posts(count))
    ]


read = partial(normalise, site=SITE)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _measure(
    candidates: dict[str, Callable[[], object]],
    rounds: int,
    clock: Callable[[], float] = time.process_time,
    of: Callable[[list[float]], float] = median,
) -> dict[str, float]:
    spent: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, run in candidates.items():
            gc.collect()
            begin = clock()
            run()
            spent[name].append(clock() - begin)
    return {name: of(times) for name, times in spent.items()}


def _candidates(posts: Sequence[Source]) -> dict[str, Callable[[], object]]:
    texts = [source.data.decode() for source in posts]
    in_yaml = [text for text in texts if text.startswith("---\n")]
    taken = [take_apart(text, Findings("")) for text in texts]
    bodies = [one.body for one in taken]
    fronts = [text[: len(text) - len(one.body)] for text, one in zip(texts, taken, strict=True)]
    plain = [front[4:-4] for front in fronts if front.startswith("---\n")]
    rendered = [markdown.render(body) for body in bodies]
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return {
        "yaml: CSafeLoader": lambda: [yaml.load(one, Loader=loader) for one in plain],  # noqa: S506  # a safe one
        "yaml: python-frontmatter loads": lambda: [frontmatter.loads(one) for one in in_yaml],  # noqa: TID251  # to compare
        "yaml: take apart": lambda: [take_apart(one, Findings("")) for one in in_yaml],
        "all: split": lambda: [_split(one) for one in texts],
        "all: take apart": lambda: [take_apart(one, Findings("")) for one in texts],
        "all: render": lambda: [markdown.render(body) for body in bodies],
        "all: sanitise": lambda: [sanitise.clean(html) for html in rendered],
        "all: render, sanitise, in turn": lambda: [
            sanitise.clean(markdown.render(body)) for body in bodies
        ],
        "all: normalise": lambda: [read(one) for one in posts],
    }


def _split(text: str) -> tuple[str, str]:
    """Return front matter and body, by the first handler that sees its fence."""
    handler = next(one for one in HANDLERS if one.detect(text))
    return handler.split(text)


def _report(spent: dict[str, float], count: int) -> None:
    for name, seconds in spent.items():
        _say(f"{name:34} {seconds:8.3f} s {seconds / count * 1e6:8.1f} us a post")
    alone = spent["all: render, sanitise, in turn"]
    whole = spent["all: normalise"]
    plain = spent["yaml: CSafeLoader"] + spent["all: render"]
    loads = spent["yaml: take apart"] / spent["yaml: python-frontmatter loads"]
    _say(f"front matter / python-frontmatter loads    {loads:6.2f}   (aim: 1.0)")
    _say(f"normalise / render + sanitise              {whole / alone:6.2f}   (aim: 1.5)")
    _say(f"normalise / CSafeLoader + Markdown alone   {whole / plain:6.2f}")


def _refuse(rounds: int) -> None:
    """Print what each of the worst refusals costs, the dearest first.

    That is the least of all rounds: the same work takes longer only beside something else.
    """
    spent: dict[str, float] = {}
    for name, make in (refusals.POSTS | refusals.LATE).items():
        post = Source(path="a.md", data=make(), digest="0", modified=MODIFIED)
        held = read(post).standing == "held"
        assert held or name in refusals.LATE, name  # noqa: S101  # or it is no refusal
        spent |= _measure({name: partial(read, post)}, rounds, of=min)
    for name, seconds in sorted(spent.items(), key=lambda one: -one[1]):
        aim = "" if name in refusals.LATE else "   (aim: 50)"
        _say(f"{name:60} {seconds * 1e3:8.1f} ms{aim}")


def _parts(posts: Sequence[Source], rounds: int) -> None:
    """Print where the time goes, in seconds of the clock: of all rounds the quickest."""

    def run() -> None:
        for one in posts:
            read(one)

    run()
    every = [parts.measure(run) for _ in range(rounds)]
    best = min(every, key=lambda spent: sum(spent.values()))
    whole = sum(best.values())
    for part, seconds in best.items():
        share = seconds / whole
        _say(f"{part:62} {seconds / len(posts) * 1e6:7.0f} us a post {share:6.1%}")


def _two(posts: Sequence[Source], rounds: int) -> None:
    """Compare one process with several, the start of the others included."""

    def pooled() -> list[Reading]:
        with workers.Workers(1) as pool:
            return [reading for _, reading in workers.each(pool, read, posts)]

    candidates: dict[str, Callable[[], object]] = {
        "one process": lambda: [read(one) for one in posts],
        "two": pooled,
    }
    spent = _measure(candidates, rounds, time.perf_counter)
    gain = spent["one process"] / spent["two"]
    _say(f"two processes: {spent['two']:.3f} s of the clock, {gain:.2f} times as fast as one")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--two", action="store_true", help="measure two processes as well")
    parser.add_argument("--parts", action="store_true", help="measure parts, nothing else")
    parser.add_argument("--refuse", action="store_true", help="measure refusals, nothing else")
    args = parser.parse_args()
    if args.refuse:
        _refuse(args.rounds)
        return
    posts = sources(args.posts)
    if args.parts:
        _parts(posts, args.rounds)
        return
    size = sum(len(one.data) for one in posts) / len(posts)
    _say(f"{len(posts):,} posts of {size:,.0f} bytes, medians of {args.rounds} rounds")
    _report(_measure(_candidates(posts), args.rounds), len(posts))
    if args.two:
        _two(posts, args.rounds)


if __name__ == "__main__":
    main()
