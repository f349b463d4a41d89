"""When a host is left alone as a whole, and for how long."""

from datetime import UTC, datetime, timedelta

from syndicator.archive.resting import Hosts
from syndicator.model.pictures import Rest

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOST = "img.example"


def rested(minutes: float, ago: float = 0) -> Rest:
    """Return a rest of so many minutes that ended so many minutes ago."""
    until = AT - ago * MINUTE
    return Rest(host=HOST, since=until - minutes * MINUTE, until=until, reason="no route")


def test_one_silence_is_chance_and_two_are_a_rest() -> None:
    """An answer in between starts the count anew."""
    hosts = Hosts([])
    assert hosts.silence(HOST, AT, "no route") is None
    hosts.answer(HOST, AT)
    assert hosts.silence(HOST, AT, "no route") is None
    assert hosts.news() == {}
    rest = hosts.silence(HOST, AT, "no route")
    assert rest == Rest(host=HOST, since=AT, until=AT + 5 * MINUTE, reason="no route")
    assert hosts.resting(HOST, AT + 4 * MINUTE)
    assert not hosts.resting(HOST, AT + 5 * MINUTE)
    assert hosts.news() == {HOST: rest}
    assert hosts.news() == {}


def test_each_rest_is_twice_as_long_up_to_a_day() -> None:
    """One silence is enough where the host rested before."""
    span, spans = 5.0, []
    for _ in range(11):
        rest = Hosts([rested(span)]).silence(HOST, AT, "no route")
        assert rest is not None
        span = (rest.until - rest.since) / MINUTE
        spans.append(span)
    assert spans[:3] == [10, 20, 40]
    assert spans[-3:] == [1440, 1440, 1440]


def test_a_host_that_asks_for_it_rests_at_once() -> None:
    """As long as it asks for, never shorter than otherwise; a rest that runs is not prolonged."""
    hosts = Hosts([])
    rest = hosts.send_to_rest(HOST, AT, "429", asked=3600)
    assert rest is not None
    assert rest.until == AT + 60 * MINUTE
    assert hosts.send_to_rest(HOST, AT, "429", asked=7200) is None
    short = Hosts([]).send_to_rest(HOST, AT, "503", asked=1)
    assert short is not None
    assert short.until == AT + 5 * MINUTE


def test_an_answer_ends_it() -> None:
    """The next silence begins from nothing."""
    hosts = Hosts([rested(640, ago=1)])
    assert hosts.doubtful(HOST)
    assert not hosts.resting(HOST, AT)
    hosts.answer(HOST, AT)
    assert not hosts.doubtful(HOST)
    assert hosts.news() == {HOST: None}
    assert hosts.silence(HOST, AT, "no route") is None


def test_what_was_on_its_way_ends_no_rest() -> None:
    """It was asked for before the rest began; after the rest an answer ends it."""
    hosts = Hosts([])
    rest = hosts.send_to_rest(HOST, AT, "429", asked=3600)
    hosts.answer(HOST, AT + MINUTE)
    assert hosts.resting(HOST, AT + 2 * MINUTE)
    assert hosts.news() == {HOST: rest}
    hosts.answer(HOST, AT + 60 * MINUTE)
    assert hosts.news() == {HOST: None}
