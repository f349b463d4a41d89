"""the first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001.2"  # .1: bodies of readings are compressed by zstd; .2: the table "tray"
down_revision = None
branch_labels = None
depends_on = None

# Texts are ordered by their code points, as Python orders them.
_TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # counted up by the database


def _of(some: str, other: str = "") -> dict[str, sa.TextClause]:
    """Let an index have some rows; ``other`` is how PostgreSQL says which, where that differs."""
    return {"sqlite_where": sa.text(some), "postgresql_where": sa.text(other or some)}


def upgrade() -> None:  # noqa: PLR0915  # a list, however long
    """Go to this schema."""
    op.create_table(
        "adoption",
        sa.Column("address", _TEXT, nullable=False),
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("published", _TEXT, nullable=False),
        sa.Column("updated", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("address"),
    )
    op.create_table(
        "alert",
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("at", _TEXT, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("says", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "name"),
    )
    op.create_table(
        "copy",
        sa.Column("digest", _TEXT, nullable=False),
        sa.Column("extension", _TEXT, nullable=False),
        sa.Column("public", _TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "damage",
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("place", _TEXT, nullable=False),
        sa.Column("at", _TEXT, nullable=False),
        sa.Column("found", _TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "place"),
    )
    op.create_table(
        "document",
        sa.Column("path", _TEXT, nullable=False),
        sa.Column("digest", _TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("inode", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("path"),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index("ix_document_unseen", ["path"], unique=False, **_of("size < -1"))

    op.create_table(
        "endpoint",
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("joined", _TEXT, nullable=False),
        sa.Column("since", _TEXT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("says", _TEXT, nullable=False),
        sa.Column("streak", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=False),
        sa.Column("rest_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "lane",
        sa.Column("endpoint", _TEXT, nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("owner", _TEXT, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("endpoint"),
    )
    op.create_table(
        "image",
        sa.Column("url", _TEXT, nullable=False),
        sa.Column("digest", _TEXT, nullable=False),
        sa.Column("media_type", _TEXT, nullable=False),
        sa.Column("extension", _TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("came_from", _TEXT, nullable=False),
        sa.Column("plan", _TEXT, nullable=False),
        sa.Column("reason", _TEXT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.BigInteger(), nullable=True),
        sa.Column("at", _TEXT, nullable=False),
        sa.Column("seen", _TEXT, nullable=False),
        sa.Column("etag", _TEXT, nullable=False),
        sa.Column("modified", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("url"),
    )
    with op.batch_alter_table("image", schema=None) as batch_op:
        batch_op.create_index("ix_image_digest", ["digest"], unique=False)
        batch_op.create_index(
            "ix_image_due",
            ["retry_at"],
            unique=False,
            **_of("retry_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_image_outlived",
            ["url"],
            unique=False,
            **_of("digest != '' AND plan != 'kept'"),
        )
        batch_op.create_index(
            "ix_image_unplanned",
            ["url"],
            unique=False,
            **_of("digest != '' AND retry_at IS NULL AND substr(came_from, 1, 4) = 'http'"),
        )

    op.create_table(
        "job",
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("good_at", sa.BigInteger(), nullable=True),
        sa.Column("result", _TEXT, nullable=False),
        sa.Column("says", _TEXT, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("milliseconds", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "likeness",
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("path", _TEXT, nullable=False),
        sa.Column("value", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", "rank", "path"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("likeness", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_likeness_path"), ["path"], unique=False)
        batch_op.create_index(
            "ix_likeness_spelling",
            ["key", "value"],
            unique=False,
            **_of("kind = 'source'"),
        )

    op.create_table(
        "listed",
        sa.Column("facets", _TEXT, nullable=False),
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("published_us", sa.BigInteger(), nullable=False),
        sa.Column("path", _TEXT, nullable=False),
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("month", _TEXT, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("label", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("facets", "key", "published_us", "path"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("listed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_listed_id"), ["id"], unique=False)
        batch_op.create_index("ix_listed_place", ["facets", "key", "month", "place"], unique=False)

    op.create_table(
        "local",
        sa.Column("path", _TEXT, nullable=False),
        sa.Column("url", _TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("inode", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("path", "url"),
    )
    with op.batch_alter_table("local", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_local_url"), ["url"], unique=False)

    op.create_table(
        "loose",
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("since", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "message",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("subject", _TEXT, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", _TEXT, nullable=False),
        sa.Column("media_type", _TEXT, nullable=False),
        sa.Column("body", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_subject"), ["subject"], unique=False)

    op.create_table(
        "meta",
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("value", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "post",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("path", _TEXT, nullable=False),
        sa.Column("url", _TEXT, nullable=False),
        sa.Column("title", _TEXT, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("source", _TEXT, nullable=False),
        sa.Column("post", _TEXT, nullable=False),
        sa.Column("modified", _TEXT, nullable=False),
        sa.Column("published", _TEXT, nullable=False),
        sa.Column("published_us", sa.BigInteger(), nullable=False),
        sa.Column("updated", _TEXT, nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("declared", _TEXT, nullable=False),
        sa.Column("month", _TEXT, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("removed_us", sa.BigInteger(), nullable=False),
        sa.Column("touched", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.create_index(
            "ix_post_newest",
            ["published_us", "path"],
            unique=False,
            **_of("live = 1", "live"),
        )
        batch_op.create_index(batch_op.f("ix_post_path"), ["path"], unique=False)
        batch_op.create_index("ix_post_place", ["month", "place"], unique=False)
        batch_op.create_index(
            "ix_post_removed",
            ["removed_us", "id"],
            unique=False,
            **_of("removed_us != 0"),
        )
        batch_op.create_index(batch_op.f("ix_post_source"), ["source"], unique=False)
        batch_op.create_index(
            "ix_post_touched", ["id"], unique=False, **_of("touched = 1", "touched")
        )
        batch_op.create_index(batch_op.f("ix_post_url"), ["url"], unique=False)

    op.create_table(
        "problem",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("path", _TEXT, nullable=False),
        sa.Column("stage", _TEXT, nullable=False),
        sa.Column("code", _TEXT, nullable=False),
        sa.Column("says", _TEXT, nullable=False),
        sa.Column("hint", _TEXT, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("column", sa.Integer(), nullable=False),
        sa.Column("severity", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("problem", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_problem_path"), ["path"], unique=False)
        batch_op.create_index("ix_problem_stage", ["stage", "path"], unique=False)

    op.create_table(
        "reading",
        sa.Column("path", _TEXT, nullable=False),
        sa.Column("source", _TEXT, nullable=False),
        sa.Column("good", _TEXT, nullable=False),
        sa.Column("modified", _TEXT, nullable=False),
        sa.Column("standing", _TEXT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("published_us", sa.BigInteger(), nullable=False),
        sa.Column("wake_at", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("shown", sa.LargeBinary(), nullable=True),
        sa.Column("shown_of", _TEXT, nullable=False),
        sa.Column("silenced", _TEXT, nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("path"),
    )
    with op.batch_alter_table("reading", schema=None) as batch_op:
        batch_op.create_index(
            "ix_reading_pending", ["path"], unique=False, **_of("pending = 1", "pending")
        )
        batch_op.create_index(
            "ix_reading_stale", ["path"], unique=False, **_of("stale = 1", "stale")
        )
        batch_op.create_index(
            "ix_reading_waits",
            ["path"],
            unique=False,
            **_of("state = 'held' AND standing = 'post'"),
        )
        batch_op.create_index(
            "ix_reading_wake",
            ["wake_at"],
            unique=False,
            **_of("wake_at IS NOT NULL"),
        )

    op.create_table(
        "rest",
        sa.Column("host", _TEXT, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("reason", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("host"),
    )
    op.create_table(
        "seen",
        sa.Column("path", _TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("inode", sa.BigInteger(), nullable=False),
        sa.Column("digest", _TEXT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("path"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("seen", schema=None) as batch_op:
        batch_op.create_index(
            "ix_seen_apart", ["state"], unique=False, **_of("state != 'published'")
        )

    op.create_table(
        "shelf",
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("at", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "tombstone",
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("subject", _TEXT, nullable=False),
        sa.Column("at", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject"),
    )
    op.create_table(
        "tray",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("line", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "use",
        sa.Column("path", _TEXT, nullable=False),
        sa.Column("url", _TEXT, nullable=False),
        sa.Column("written", _TEXT, nullable=False),
        sa.Column("beside", _TEXT, nullable=False),
        sa.Column("static", _TEXT, nullable=False),
        sa.Column("inline", _TEXT, nullable=False),
        sa.Column("host", _TEXT, nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("path", "url"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("use", schema=None) as batch_op:
        batch_op.create_index(
            "ix_use_asked", ["url"], unique=False, **_of("asked = 0", "NOT asked")
        )
        batch_op.create_index(batch_op.f("ix_use_url"), ["url"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("message", _TEXT, nullable=False),
        sa.Column("endpoint", _TEXT, nullable=False),
        sa.Column("subject", _TEXT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("interrupted", sa.Integer(), nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=False),
        sa.Column("last_error", _TEXT, nullable=False),
        sa.Column("remote", _TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["message"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("message", "endpoint"),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(
            "ix_delivery_aside",
            ["endpoint", "id"],
            unique=False,
            **_of("state IN ('held', 'left')"),
        )
        batch_op.create_index(
            "ix_delivery_dead",
            ["endpoint", "id"],
            unique=False,
            **_of("state = 'dead'"),
        )
        batch_op.create_index(
            "ix_delivery_due",
            ["endpoint", "next_at", "id"],
            unique=False,
            **_of("state = 'pending'"),
        )
        batch_op.create_index(
            "ix_delivery_interrupted",
            ["endpoint", "id"],
            unique=False,
            **_of("state = 'pending' AND interrupted > 0"),
        )
        batch_op.create_index(
            "ix_delivery_leased", ["id"], unique=False, **_of("state = 'leased'")
        )
        batch_op.create_index(
            "ix_delivery_open",
            ["endpoint", "id"],
            unique=False,
            **_of("state IN ('pending', 'leased')"),
        )
        batch_op.create_index(
            "ix_delivery_over",
            ["next_at"],
            unique=False,
            **_of("state IN ('done', 'superseded', 'cancelled')"),
        )
        batch_op.create_index(
            "ix_delivery_remote",
            ["endpoint", "subject"],
            unique=False,
            **_of("remote != ''"),
        )
        batch_op.create_index(
            "ix_delivery_subject",
            ["endpoint", "subject", "id"],
            unique=False,
            **_of("state IN ('pending', 'leased')"),
        )
        batch_op.create_index(
            "ix_delivery_unconfirmed",
            ["endpoint", "id"],
            unique=False,
            **_of("state = 'unconfirmed'"),
        )
        batch_op.create_index("ix_delivery_waits", ["id"], unique=False, **_of("waits"))

    op.create_table(
        "attempt",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("delivery", _NUMBER, nullable=False),
        sa.Column("endpoint", _TEXT, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", _TEXT, nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("error", _TEXT, nullable=False),
        sa.Column("peer", _TEXT, nullable=False),
        sa.Column("reply", _TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery"],
            ["delivery.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_delivery"), ["delivery"], unique=False)
        batch_op.create_index(batch_op.f("ix_attempt_endpoint"), ["endpoint"], unique=False)


def downgrade() -> None:  # noqa: PLR0915  # as above
    """Go back to the one before."""
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attempt_endpoint"))
        batch_op.drop_index(batch_op.f("ix_attempt_delivery"))

    op.drop_table("attempt")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_waits")
        batch_op.drop_index("ix_delivery_unconfirmed")
        batch_op.drop_index("ix_delivery_subject")
        batch_op.drop_index("ix_delivery_remote")
        batch_op.drop_index("ix_delivery_over")
        batch_op.drop_index("ix_delivery_open")
        batch_op.drop_index("ix_delivery_interrupted")
        batch_op.drop_index("ix_delivery_leased")
        batch_op.drop_index("ix_delivery_due")
        batch_op.drop_index("ix_delivery_dead")
        batch_op.drop_index("ix_delivery_aside")

    op.drop_table("delivery")
    with op.batch_alter_table("use", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_use_url"))
        batch_op.drop_index("ix_use_asked")

    op.drop_table("use")
    op.drop_table("tray")
    op.drop_table("tombstone")
    op.drop_table("shelf")
    with op.batch_alter_table("seen", schema=None) as batch_op:
        batch_op.drop_index("ix_seen_apart")

    op.drop_table("seen")
    op.drop_table("rest")
    with op.batch_alter_table("reading", schema=None) as batch_op:
        batch_op.drop_index("ix_reading_wake")
        batch_op.drop_index("ix_reading_waits")
        batch_op.drop_index("ix_reading_stale")
        batch_op.drop_index("ix_reading_pending")

    op.drop_table("reading")
    with op.batch_alter_table("problem", schema=None) as batch_op:
        batch_op.drop_index("ix_problem_stage")
        batch_op.drop_index(batch_op.f("ix_problem_path"))

    op.drop_table("problem")
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_url"))
        batch_op.drop_index("ix_post_touched")
        batch_op.drop_index(batch_op.f("ix_post_source"))
        batch_op.drop_index("ix_post_removed")
        batch_op.drop_index("ix_post_place")
        batch_op.drop_index(batch_op.f("ix_post_path"))
        batch_op.drop_index("ix_post_newest")

    op.drop_table("post")
    op.drop_table("meta")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_subject"))

    op.drop_table("message")
    op.drop_table("loose")
    with op.batch_alter_table("local", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_local_url"))

    op.drop_table("local")
    with op.batch_alter_table("listed", schema=None) as batch_op:
        batch_op.drop_index("ix_listed_place")
        batch_op.drop_index(batch_op.f("ix_listed_id"))

    op.drop_table("listed")
    with op.batch_alter_table("likeness", schema=None) as batch_op:
        batch_op.drop_index("ix_likeness_spelling")
        batch_op.drop_index(batch_op.f("ix_likeness_path"))

    op.drop_table("likeness")
    op.drop_table("job")
    with op.batch_alter_table("image", schema=None) as batch_op:
        batch_op.drop_index("ix_image_unplanned")
        batch_op.drop_index("ix_image_outlived")
        batch_op.drop_index("ix_image_due")
        batch_op.drop_index("ix_image_digest")

    op.drop_table("image")
    op.drop_table("lane")
    op.drop_table("endpoint")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index("ix_document_unseen")

    op.drop_table("document")
    op.drop_table("damage")
    op.drop_table("copy")
    op.drop_table("alert")
    op.drop_table("adoption")
