"""Records of every kind: plain ones for unit tests, any at all for properties."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from syndicator.model.custody import Checked, Collected, Damaged, Forgotten, Loose, Repaired
from syndicator.model.records import (
    Adopted,
    Alerted,
    Capture,
    Copy,
    Joined,
    Kept,
    Note,
    Noted,
    Owed,
    Record,
    Removal,
    Reopened,
    Settled,
    Switched,
    Tried,
    Version,
)
from syndicator.publish.webhook import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
DIGEST = "83" * 32


class Crash(BaseException):
    """The end of the process, as far as the code under test can tell."""


def version(name: str = "a", *, seq: int = 1, **fields: object) -> Version:
    """Return a version of the post ``name``."""
    whole: dict[str, object] = {
        "at": AT,
        "kind": "published",
        "id": f"tag:site.example,2026-11-22:{name}",
        "path": f"{name}.md",
        "url": f"https://site.example/{name}/",
        "title": name,
        "seq": seq,
        "source": DIGEST,
        "post": DIGEST,
        "modified": AT,
        "published": AT,
        "updated": AT,
    }
    return Version(**{**whole, **fields})  # type: ignore[arg-type]  # tests name the fields they mean


def hook(name: str = "ops", **settings: object) -> Webhook:
    """Return an endpoint of this name."""
    whole = {"type": "webhook", "name": name, "secret_env": "S", **settings}
    return Webhook.model_validate({"url": f"https://{name}.example/hook", **whole})


def owed(
    message: str,
    endpoint: str = "ops",
    at: datetime = AT,
    body: str = "{}",
    subject: str = "",
) -> Owed:
    """Return a notice that is owed, about a post of its own unless one is named."""
    return Owed(
        at=at,
        message=message,
        key=f"key of {message}",
        endpoint=endpoint,
        kind="post.published",
        subject=f"tag:site.example,2026-11-22:{subject or message}",
        seq=1,
        body=body,
    )


def one_of_each() -> list[Record]:
    """Return a short history with every kind of record, and every kind of each."""
    key = version().id
    return [
        Joined(at=AT, endpoint="ops", since="configured"),
        Kept(at=AT, path="a.md", digest=DIGEST, size=5, modified=AT),
        Adopted(at=AT, address="site.example/z", id="z", published=AT, source="old.xml"),
        version(),
        version(seq=2, kind="updated", title="A2"),
        version(seq=2, kind="moved", path="b.md"),
        version(seq=2, kind="revised", url="https://site.example/b/"),
        version("c"),
        Removal(at=AT, id=key, path="b.md", seq=3, reason="draft"),
        Capture(at=AT, url="u", reason="404", plan="retry", retry_at=AT, posts=("a.md",)),
        Capture(
            at=AT,
            url="u",
            digest=DIGEST,
            media_type="image/png",
            extension=".png",
            size=9,
            width=2,
        ),
        Capture(at=AT, url="u", reason="shrunk", digest="99" * 32, plan="suspect", tries=2),
        Copy(at=AT, digest=DIGEST, extension=".png", public=DIGEST, size=9, rules=1),
        Copy(
            at=AT,
            digest=DIGEST,
            extension=".png",
            public="99" * 32,
            size=8,
            without=("position", "Exif"),
            rules=2,
        ),
        owed("m1"),
        owed("m2"),
        owed("m3", "other"),
        Settled(at=AT, message="m1", endpoint="ops", verdict="done", status=204),
        Settled(at=AT, message="m3", endpoint="other", verdict="dead", status=410, says="gone"),
        Settled(at=AT, message="m2", endpoint="ops", verdict="cancelled", status=0, says="no"),
        Reopened(at=AT, message="m2", endpoint="ops"),
        Tried(at=AT, message="m2", endpoint="ops", state="begun"),
        Tried(at=AT, message="m2", endpoint="ops", state="unsent"),
        Switched(at=AT, endpoint="ops", state="disabled", says="answered 410 Gone"),
        Switched(at=AT, endpoint="ops", state="active"),
        Noted(at=AT, path="a.md", problems=(Note(code="FM010", line=1, column=1, says="a mark"),)),
        Noted(at=AT, path="a.md"),
        Noted(
            at=AT,
            path="c.md",
            problems=(
                Note(code="TXT005", severity="warning", says="the title is that of b.md too"),
                Note(code="DATE001", line=2, column=7, says="not a date"),
            ),
        ),
        Checked(at=AT, shelves=("00", "83"), files=2, size=14, bad=1),
        Damaged(at=AT, name=f"{DIGEST}.md", place="blobs", found="99" * 32, size=5),
        Damaged(at=AT, name=f"{DIGEST}.png", place="public"),
        Repaired(at=AT, name=f"{DIGEST}.md", place="blobs", source="/content/a.md"),
        Loose(at=AT, names=("a.bin", "b.bin"), again=("c.bin",)),
        Collected(at=AT, names=("a.bin",)),
        Forgotten(
            at=AT,
            kind="post",
            subject="c.md",
            reason="asked to",
            digests=("77" * 32,),
            urls=("v",),
            paths=("c.md",),
            ids=(version("c").id,),
        ),
    ]


_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_moments = st.datetimes(
    timezones=st.sampled_from((UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-3.5))))
)
_texts = st.lists(_text, max_size=3).map(tuple)
_counts = st.integers(min_value=0, max_value=2**40)

records: st.SearchStrategy[Record] = st.one_of(
    st.builds(Kept, at=_moments, path=_text, digest=_text, size=_counts, modified=_moments),
    st.builds(
        Version,
        at=_moments,
        kind=st.sampled_from(("published", "updated", "moved", "revised")),
        id=_text,
        path=_text,
        url=_text,
        title=_text,
        seq=_counts,
        source=_text,
        post=_text,
        modified=_moments,
        published=_moments,
        updated=_moments,
        declared=_text,
    ),
    st.builds(
        Removal,
        at=_moments,
        id=_text,
        path=_text,
        seq=_counts,
        reason=st.sampled_from(("removed", "draft", "expired")),
    ),
    st.builds(
        Capture,
        at=_moments,
        url=_text,
        written=_text,
        came_from=_text,
        chain=st.lists(_text, max_size=3).map(tuple),
        status=_counts,
        headers=st.dictionaries(_text, _text, max_size=3),
        declared=_text,
        digest=_text,
        media_type=_text,
        extension=_text,
        size=_counts,
        width=_counts,
        height=_counts,
        reason=_text,
        plan=st.sampled_from(("kept", "retry", "gone", "refused", "suspect")),
        tries=_counts,
        retry_at=st.none() | _moments,
        posts=st.lists(_text, max_size=3).map(tuple),
    ),
    st.builds(
        Copy,
        at=_moments,
        digest=_text,
        extension=_text,
        public=_text,
        size=_counts,
        without=st.lists(_text, max_size=3).map(tuple),
        rules=_counts,
    ),
    st.builds(Joined, at=_moments, endpoint=_text, since=_text),
    st.builds(
        Owed,
        at=_moments,
        message=_text,
        key=_text,
        endpoint=_text,
        kind=_text,
        subject=_text,
        seq=_counts,
        body=_text,
    ),
    st.builds(Checked, at=_moments, shelves=_texts, files=_counts, size=_counts, bad=_counts),
    st.builds(
        Damaged,
        at=_moments,
        name=_text,
        place=st.sampled_from(("blobs", "public")),
        found=_text,
        size=_counts,
    ),
    st.builds(
        Repaired,
        at=_moments,
        name=_text,
        place=st.sampled_from(("blobs", "public")),
        source=_text,
    ),
    st.builds(
        Adopted,
        at=_moments,
        address=_text,
        id=_text,
        published=st.none() | _moments,
        updated=st.none() | _moments,
        source=_text,
    ),
    st.builds(Loose, at=_moments, names=_texts, again=_texts),
    st.builds(Collected, at=_moments, names=_texts),
    st.builds(
        Forgotten,
        at=_moments,
        kind=st.sampled_from(("url", "digest", "post")),
        subject=_text,
        reason=_text,
        digests=_texts,
        urls=_texts,
        paths=_texts,
        ids=_texts,
    ),
    st.builds(
        Settled,
        at=_moments,
        message=_text,
        endpoint=_text,
        verdict=st.sampled_from(("done", "dead", "superseded", "cancelled")),
        status=_counts,
        says=_text,
    ),
    st.builds(Reopened, at=_moments, message=_text, endpoint=_text),
    st.builds(
        Tried,
        at=_moments,
        message=_text,
        endpoint=_text,
        state=st.sampled_from(("begun", "unsent")),
    ),
    st.builds(
        Switched,
        at=_moments,
        endpoint=_text,
        state=st.sampled_from(("active", "paused", "disabled")),
        says=_text,
    ),
    st.builds(
        Alerted,
        at=_moments,
        kind=st.sampled_from(("job", "endpoint")),
        name=_text,
        state=st.sampled_from(("failing", "recovered")),
        failures=_counts,
        says=_text,
        began=st.none() | _moments,
    ),
    st.builds(
        Noted,
        at=_moments,
        path=_text,
        problems=st.lists(
            st.builds(
                Note,
                code=_text,
                line=_counts,
                column=_counts,
                severity=st.sampled_from(("error", "warning", "info")),
                says=_text,
            ),
            max_size=3,
        ).map(tuple),
    ),
)
