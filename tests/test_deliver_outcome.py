"""What an answer, or what came instead of one, means as a rule."""

import pytest

from syndicator.deliver.outcome import broken, usual
from syndicator.errors import Failed, Refused
from syndicator.model.feeds import Answer, Outcome


def told(status: int, wait: float = 0.0, **headers: str) -> Outcome:
    """Judge an answer; a header ``webhook_delivery`` is ``webhook-delivery``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return usual(Answer(status=status, headers=named, body=b"", url="", retry_after=wait))


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_is_done(status: int) -> None:
    """The receiver has it; nothing it says in the body matters."""
    assert told(status, 5) == Outcome(means="done", status=status)


def test_410_ends_the_endpoint() -> None:
    """Gone is the receiver's way to say: no more."""
    assert told(410) == Outcome(
        means="gone", status=410, says="answered 410 Gone: it wants no more"
    )


@pytest.mark.parametrize("status", [200, 404, 500])
def test_a_receiver_may_ask_for_the_end_or_for_no_more_of_one_message(status: int) -> None:
    """The header that Svix knows, whatever the status; what was taken is taken all the same."""
    assert told(status, webhook_delivery="Disable").means == "gone"
    expected = "done" if status == 200 else "dead"
    assert told(status, webhook_delivery="abort-message").means == expected
    assert told(status, webhook_delivery="nonsense").means == told(status).means


@pytest.mark.parametrize(
    ("status", "means", "busy", "alarm"),
    [
        (100, "refused", False, False),
        (302, "refused", False, True),
        (400, "refused", False, True),
        (401, "refused", False, True),
        (404, "refused", False, True),
        (408, "refused", False, False),
        (422, "refused", False, True),
        (429, "again", True, False),
        (500, "again", False, False),
        (502, "again", True, False),
        (503, "again", True, False),
        (504, "again", True, False),
        (799, "again", False, False),
    ],
)
def test_the_classes(status: int, means: str, busy: bool, alarm: bool) -> None:
    """Whose fault it is, whether it asked for a pause, and whether a person should look."""
    found = told(status, 7)
    assert (found.means, found.busy, found.alarm) == (means, busy, alarm)
    assert found.says.startswith(f"answered {status}")
    assert found.wait == (0 if status == 302 else 7)


def test_a_redirect_is_not_followed_and_says_what_to_do() -> None:
    """A signed message goes where it was addressed to, or nowhere."""
    assert told(308).says.endswith("not followed: set the right address")
    secret = told(301, location="https://new.example:8443/hook/s3cret?key=s3cret")
    assert secret.says.endswith(
        "not followed: set the address it points to, at https://new.example"
    )
    assert told(301, location="https://[bad/s3cret").says == told(301).says


def test_what_our_own_guard_refuses_is_dead() -> None:
    """It was not dialled, and never will be; a person has to look."""
    found = broken(Refused("https://x/…: address not allowed"))
    assert (found.means, found.alarm, found.unknown) == ("dead", True, False)


@pytest.mark.parametrize(("unsent", "says"), [(True, "x: no connection"), (False, "x: broke off")])
def test_what_broke_off_may_have_arrived_unless_nothing_was_sent(unsent: bool, says: str) -> None:
    """The next attempt says the same under the same id."""
    found = broken(Failed(says, unsent=unsent))
    assert (found.means, found.unknown, found.alarm) == ("again", not unsent, False)


def test_a_bad_certificate_is_tried_again_and_told_at_once() -> None:
    """It will not mend itself."""
    assert broken(Failed("https://x/…: TLS: certificate verify failed", unsent=True)).alarm


def test_an_accident_of_our_own_quotes_nothing() -> None:
    """Its text might hold a secret."""
    found = broken(RuntimeError("whsec_abc"))
    assert (found.means, found.says) == ("again", "internal error: RuntimeError")
