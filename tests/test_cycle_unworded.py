"""A template that fails for one post: everything else goes on, and that push is not lost."""

import json
from functools import partial
from pathlib import Path

import httpx
import pytest
from trial import Trial, webhook

from syndicator.config.load import load
from syndicator.cycle.facts import facts
from syndicator.cycle.post import tell
from syndicator.cycle.pushing import again, listed, standings
from syndicator.cycle.report import needs
from syndicator.cycle.takedown import forget
from syndicator.doors import jobs
from syndicator.doors.jobs import Ended
from syndicator.model.pushes import Ask, Standing
from syndicator.model.report import Report
from syndicator.publish import registered

TABLE = """\
[[publish]]
type = "http"
name = "phone"
url = "https://phone.example/"
rate = 0
headers = { webhook-id = "{{ message }}" }
events = ["post.published", "job.failing"]
template = '''
{"type": {{ event | tojson }}, "data": {"seq": {{ seq }}, "title": {{ title | tojson }}},
 "tag": {% if tags %}{{ tags[1] | tojson }}{% else %}""{% endif %}}
'''
"""


@pytest.fixture
def site(tmp_path: Path) -> Trial:
    """Make a site with two receivers, and three new posts, of which one has a single tag."""
    made = Trial(root=tmp_path, tables=TABLE + webhook())
    made.make()
    made.write("a.md", title="A", date="2026-11-01")
    made.write("b.md", title="B", date="2026-11-02", tags="[x]")
    made.write("c.md", title="C", date="2026-11-03", tags="[x, y]")
    return made


def failing(report: Report) -> list[tuple[str, str, int, str]]:
    found = [one for one in report.problems if one.code == "CFG010"]
    return [(Path(one.path).name, one.says, one.line, one.hint) for one in found]


TOLD = (
    "endpoint phone can't be told of b.md: its template fails: line 2 of it: tuple object has no "
    "element 1"
)


def test_the_pass_goes_on(site: Trial) -> None:
    """Feeds are written, everybody is told of the rest; the push is given up, and says why."""
    report = site.make()
    assert "<title>B</title>" in site.feed()
    assert (report.live, report.held, report.sent, report.owed, report.dead) == (3, 0, 5, 0, 1)
    assert sorted(site.told()) == [("published", title, 1) for title in "AABCC"]
    hint = "mend it, then: syndicate push replay --dead --endpoint phone"
    line = site.file.read_text().splitlines().index("template = '''") + 1
    assert failing(report) == [("syndicator.toml", TOLD, line, hint)]
    assert "given up: 1 push" in needs(report)


def test_it_is_told_until_somebody_decides(site: Trial) -> None:
    """By a pass that finds nothing changed, and by status."""
    site.make()
    still = site.make()
    assert (still.unchanged, [one[1] for one in failing(still)]) == (True, [TOLD])
    assert [one[1] for one in failing(facts(site.file, site.now))] == [TOLD]


@pytest.mark.parametrize("lost", [False, True])
def test_once_the_template_is_mended_it_is_sent(site: Trial, *, lost: bool) -> None:
    """With the id it had, and what the post said; also where the database was lost meanwhile."""
    site.make()
    (push,) = site.care(partial(listed, ask=Ask(states=("dead",))))
    if lost:
        site.forget()
        site.make()
    site.tables = site.tables.replace("tags[1]", "tags[-1]")
    site.heard.clear()
    ask = Ask(endpoint="phone", states=("dead",))
    assert len(site.care(partial(again, ask=ask))) == 1
    report = site.make()
    assert (report.sent, report.dead, failing(report), needs(report)) == (1, 0, [], [])
    data = {"seq": 1, "title": "B"}
    said = {"type": "post.published", "data": data, "tag": "x"}
    assert site.heard == [(push.message, said)]


def test_it_is_not_sent_while_nothing_is_mended(site: Trial) -> None:
    """To ask for it again is an attempt like any: nothing reaches the receiver."""
    site.make()
    site.heard.clear()
    site.care(partial(again, ask=Ask(endpoint="phone", states=("dead",))))
    report = site.make()
    assert (site.heard, report.dead, [one[1] for one in failing(report)]) == ([], 1, [TOLD])


def test_it_says_nothing_of_the_receiver(site: Trial) -> None:
    """Nobody was asked: what the receiver failed at before counts on, and no alarm is left."""
    site.remove("b.md")
    site.says = lambda _request: httpx.Response(500)
    site.make()
    before = _phone(site)
    site.write("b.md", title="B", date="2026-11-02", tags="[x]")
    assert len(failing(site.make(hours=0))) == 1
    after = _phone(site)
    assert (after.streak, after.until, after.says) == (before.streak, before.until, before.says)
    assert before.streak > 0


def _phone(site: Trial) -> Standing:
    found = {one.endpoint: one for one in site.care(standings, hours=0)}
    return found["phone"]


def test_what_dies_of_something_else_is_no_matter_of_the_template(site: Trial) -> None:
    """A receiver that refuses it, once it is worded, is told as any that refuses."""
    site.make()
    site.tables = site.tables.replace("tags[1]", "tags[-1]")
    site.says = lambda _request: httpx.Response(400, headers={"webhook-delivery": "abort-message"})
    site.care(partial(again, ask=Ask(endpoint="phone", states=("dead",))))
    report = site.make()
    assert (report.dead, failing(report)) == (1, [])


def test_what_was_taken_down_is_told_to_nobody(site: Trial) -> None:
    """Nor does it count against the receiver."""
    site.make()
    site.care(partial(forget, subject="b.md", reason="asked", act=True))
    site.tables = site.tables.replace("tags[1]", "tags[-1]")
    site.heard.clear()
    site.care(partial(again, ask=Ask(endpoint="phone", states=("dead",))))
    report = site.make()
    assert (failing(report), _phone(site).streak) == ([], 0)
    assert [body for _, body in site.heard if "B" in json.dumps(body)] == []


def test_a_configuration_out_of_shape_is_borne(site: Trial) -> None:
    """How things stand is told whatever stands in the file."""
    site.make()
    site.tables, head = "", site.head.partition("[[publish]]")[0]
    for bad in ('publish = "x"', 'publish = ["x"]', "publish = [{ name = [1] }]"):
        site.head = f"{bad}\n{head}"
        (told,) = failing(facts(site.file, site.now))
        assert told[1] == TOLD, bad


def test_many_are_one_problem(site: Trial) -> None:
    """Which names the last of them."""
    site.make()
    site.write("d.md", title="D", date="2026-11-04", tags="[x]")
    (told,) = failing(site.make())
    assert told[1].startswith("endpoint phone can't be told of d.md and 1 more: ")


def test_an_alert_it_fails_at_keeps_nobody_from_hearing_it(site: Trial) -> None:
    """It is worded where no pass can be made, too."""
    site.make()
    site.tables = TABLE.replace("{{ seq }}", "{{ seq if 'post' in event else oops }}")
    site.tables += webhook().replace('["post', '["job.failing", "post')
    site.make()
    site.heard.clear()
    for _ in range(3):
        jobs.note(site.layout.state, Ended("pass", site.now, "no disk", 0.1, None), 3)
    site.care(partial(tell, settings=load(site.file, registered())))
    assert [json.dumps(body["data"]["id"]) for _, body in site.heard] == ['"pass"']
    (told,) = failing(facts(site.file, site.now))
    assert told[1].startswith("endpoint phone can't be told of pass and 1 more: ")
