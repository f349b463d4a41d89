"""Whose turn it is."""

from syndicator.archive.turns import Job, Turns
from syndicator.model.pictures import Want


def job(host: str, number: int = 0) -> Job:
    """Return a job at a host."""
    url = f"https://{host}/{number}"
    return Job(want=Want(url=url), url=url, host=host)


def started(turns: Turns) -> list[str]:
    """Start what may start; return the URLs."""
    found = []
    while (one := turns.next()) is not None:
        found.append(one.url)
    return found


def test_hosts_take_turns_and_none_has_more_than_two() -> None:
    """A long line at one host holds up no other."""
    turns = Turns([*(job("a", n) for n in range(5)), job("b"), job("c")])
    assert started(turns) == ["https://a/0", "https://b/0", "https://c/0", "https://a/1"]
    turns.done("a")
    assert started(turns) == ["https://a/2"]
    assert started(turns) == []


def test_a_doubtful_host_has_one_at_once_until_it_is_trusted() -> None:
    """The first picture is a probe."""
    turns = Turns([job("a", n) for n in range(5)], doubtful=["a"])
    assert started(turns) == ["https://a/0"]
    turns.done("a")
    assert started(turns) == ["https://a/1"]
    turns.trust("a")
    assert started(turns) == ["https://a/2"]


def test_what_is_taken_back_never_starts() -> None:
    """Dropping a host gives back what waited, and what comes for it later may start."""
    turns = Turns([job("a", n) for n in range(3)])
    first = turns.next()
    assert first is not None
    assert [one.url for one in turns.drop("a")] == ["https://a/1", "https://a/2"]
    assert turns.drop("nobody") == []
    turns.done("a")
    assert started(turns) == []
    turns.add(job("a", 9))
    assert started(turns) == ["https://a/9"]
