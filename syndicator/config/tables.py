"""What may stand in syndicator.toml: one frozen model a table, unknown keys forbidden.

Publishers and endpoints stand in ``publishers``; ``load`` reads all from a file. A text, address
or name that is wrong is refused here, at the border, so that no room behind it has to look again.
"""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    SerializeAsAny,
    ValidationInfo,
    field_validator,
)

from syndicator.config import buckets, checks, hosts, keys
from syndicator.config.cluster import ClusterTable, Scheduler
from syndicator.config.cron import CronLine, parse
from syndicator.config.feeds import FeedsTable
from syndicator.config.file import (
    ARCHIVE_ROOT,
    CONTENT_EXCLUDE,
    CONTENT_INCLUDE,
    CONTENT_ROOT,
    below,
)
from syndicator.config.network import NetworkTable
from syndicator.config.publishers import Endpoint, Publisher
from syndicator.config.serve import ServeTable
from syndicator.config.table import Table
from syndicator.config.values import (
    Bytes,
    Folder,
    FolderUrl,
    Label,
    Line,
    LocalPath,
    OptionalUrl,
    Pattern,
    Permalink,
    Seconds,
    Selector,
)
from syndicator.model.posts import TRAILER, Site

__all__ = [  # what publishers stand on is asked for here, with the other tables
    "ArchiveTable",
    "CheckTable",
    "ContentTable",
    "Endpoint",
    "NetworkTable",
    "Publisher",
    "ScheduleTable",
    "ServeTable",
    "Settings",
    "SiteTable",
    "Table",
    "Written",
]


class SiteTable(Table):
    """The site whose posts are syndicated."""

    title: Annotated[str, Field(min_length=1), AfterValidator(checks.line)]
    """Name of the site and of its feeds."""
    url: FolderUrl
    """Where the site itself is; addresses of posts are resolved against it."""
    timezone: Annotated[str, AfterValidator(checks.timezone)]
    """IANA name of the zone that dates without one are in, such as "Asia/Taipei"."""
    description: Line = ""
    """One sentence about the site, for the feeds."""
    language: Annotated[str, AfterValidator(checks.language)] = "en"
    """Language of the posts (BCP 47), unless a post names its own."""
    authority: Annotated[Line, Field(validate_default=True)] = ""
    """Authority of the tag: URIs that identify posts (RFC 4151); default: the host of url."""
    author: Line = ""
    """Author of posts that name neither an author nor a source."""

    @field_validator("authority")
    @classmethod
    def _authority(cls, value: str, info: ValidationInfo) -> str:
        url = info.data.get("url")  # absent where the URL itself was refused
        return checks.authority(value, url) if url else value


class ContentTable(Table):
    """Where posts are found, and the pictures of the site."""

    root: LocalPath = CONTENT_ROOT
    """Folder of the posts, seen from the folder of this file."""
    include: tuple[Pattern, ...] = CONTENT_INCLUDE
    """Patterns, seen from root, of the files that are posts."""
    exclude: tuple[Pattern, ...] = CONTENT_EXCLUDE
    """Patterns of files that are not, although included."""
    static: tuple[LocalPath, ...] = ()
    """Folders in which /images/x.jpg, or Obsidian's ![[x.jpg]], is looked for, in order."""
    permalinks: dict[Folder, Permalink] = {}  # noqa: RUF012  # pydantic copies it
    """By folder, seen from root: how addresses of posts are made that name none themselves."""
    trailer: tuple[Label, ...] = TRAILER
    """Labels of the lines at the end of a text that name its source and the source's date."""


class ArchiveTable(Table):
    """Where everything is kept."""

    root: LocalPath = ARCHIVE_ROOT
    """Folder of the archive, seen from the folder of this file."""
    wait: Annotated[Seconds, Field(ge=0)] = 120.0
    """How long the pushes of a post wait for its pictures; 0s: not at all."""
    policy: Literal["pin", "follow"] = "pin"
    """Whether a kept picture stays for ever, or follows its source to another good one."""
    recheck: Annotated[Seconds, Field(ge=0)] = 30 * 86400.0
    """How often the source of a kept picture is looked at; 0s: never."""
    rescue: Annotated[str, AfterValidator(hosts.rescue)] = ""
    """Where a picture that is lost at its source is asked for, with {url}, {timestamp} in it."""
    min_free: Annotated[Bytes, Field(ge=0)] = 2**30
    """No picture is fetched while the disk of the archive has less than this free."""
    mirror: Annotated[str, AfterValidator(checks.optional_path)] = ""
    """Folder of a copy of the archive from which damaged files are repaired; empty: none."""
    bucket: Annotated[str, AfterValidator(buckets.address)] = ""
    """Bucket that gets a copy of everything, as s3://name/prefix; empty: none."""
    bucket_endpoint: OptionalUrl = ""
    """Where the bucket is asked for, if not at Amazon: MinIO, R2, B2, Garage."""
    bucket_region: Annotated[str, AfterValidator(buckets.region)] = ""
    """Region of the bucket; empty: AWS_REGION in the environment, then us-east-1."""
    bucket_serves: bool = False
    """Readers get the feeds from the bucket: no push goes out before it has them."""
    bucket_secret_file: Annotated[str, AfterValidator(keys.secret_path)] = ""
    """File with the lines AWS_ACCESS_KEY_ID= and AWS_SECRET_ACCESS_KEY=; empty: environment."""
    bucket_secret_credential: Annotated[str, AfterValidator(keys.credential)] = ""
    """Name of the systemd credential (LoadCredential=) that holds such a file."""


class StoreTable(Table):
    """The database: an index of the archive, and what is owed to whom."""

    url: Annotated[str, AfterValidator(checks.store)] = ""
    """Address of a PostgreSQL database, without a password; empty: state.db in the archive."""


class ScheduleTable(Table):
    """When the daemon works."""

    every: Annotated[Seconds, Field(ge=1)] = 15 * 60.0
    """Time from one pass to the next."""
    cron: CronLine = ""
    """Passes at these minutes of site.timezone instead: five fields, such as "*/15 * * * *"."""
    watch: bool = True
    """Make a pass as soon as a post is written, too."""
    limit: Annotated[Seconds, Field(ge=10)] = 3600.0
    """How long a pass may take; what it has not done by then is left to the next."""
    alert_after: Annotated[int, Field(ge=0)] = 3
    """Failures in a row of a job, or of a receiver, after which an alert is owed; 0: never."""
    heartbeat: OptionalUrl = ""
    """Asked by the daemon after good passes, for a service that misses that; empty: nobody."""

    @property
    def span(self) -> float:
        """The longest time from one pass to the next, in seconds."""
        return parse(self.cron).span if self.cron else self.every


class CheckTable(Table):
    """What `syndicate check` does not tell; what is held back is another matter."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    ignore: tuple[Selector, ...] = ()
    """Codes, or beginnings of codes, that are not told of any post."""
    per_path: Annotated[dict[Pattern, tuple[Selector, ...]], Field(alias="per-path")] = {}  # noqa: RUF012  # pydantic copies it
    """By pattern, seen from content.root: codes that are not told of the posts it matches."""


class Written(Table):
    """The tables of syndicator.toml, but for ``[[publish]]``, whose types are pluggable."""

    site: SiteTable
    content: ContentTable = ContentTable()
    archive: ArchiveTable = ArchiveTable()
    store: StoreTable = StoreTable()
    network: NetworkTable = NetworkTable()
    schedule: ScheduleTable = ScheduleTable()
    cluster: ClusterTable = ClusterTable()
    serve: ServeTable
    feeds: FeedsTable = FeedsTable()
    check: CheckTable = CheckTable()


class Settings(Written):
    """The whole configuration in force."""

    publish: tuple[SerializeAsAny[Publisher], ...] = ()
    file: Path

    @property
    def folder(self) -> Path:
        """The folder that paths in the file are seen from."""
        return self.file.parent

    @property
    def content_root(self) -> Path:
        """The folder of the posts, absolute."""
        return below(self.folder, self.content.root)

    @property
    def static_roots(self) -> tuple[Path, ...]:
        """The folders of the site's own pictures, absolute, in the order to look."""
        return tuple(below(self.folder, root) for root in self.content.static)

    @property
    def archive_root(self) -> Path:
        """The folder of the archive, absolute."""
        return below(self.folder, self.archive.root)

    @property
    def mirror(self) -> Path | None:
        """The folder of the archive's copy, absolute, or None."""
        written = self.archive.mirror
        return below(self.folder, written) if written else None

    @property
    def ca_file(self) -> Path | None:
        """The certificates to trust, absolute, or None for the usual ones."""
        written = self.network.ca_file
        return below(self.folder, written) if written else None

    @property
    def scheduler(self) -> Scheduler | None:
        """The scheduler of the machines that share the work, or None."""
        return self.cluster.place(self.folder)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The publishers that send notices, in the order of the file."""
        return tuple(one for one in self.publish if isinstance(one, Endpoint))

    @property
    def hubs(self) -> tuple[str, ...]:
        """The WebSub hubs that feeds name: those of others, and the one that is built in."""
        own = (self.serve.url + "hub",) if self.serve.hub else ()
        return (*self.feeds.hubs, *own)

    def site_values(self) -> Site:
        """Return what the pure rooms need to know of the site."""
        return Site(
            **self.site.model_dump(),
            feeds=self.serve.url,
            trailer=self.content.trailer,
            permalinks=tuple(self.content.permalinks.items()),
            markdown=any(one.asks_markdown() for one in self.publish),
            channel=replace(self.feeds.channel(), hubs=self.hubs),
        )
