"""Which kept files nothing refers to any more; what was ever published is never among them."""

from collections.abc import Collection, Iterator
from datetime import timedelta

from syndicator.archive.catalogue import Catalogue, Item
from syndicator.model.records import Capture

GRACE = timedelta(days=90)  # from when it was first seen that nothing refers to a file


def waste(
    catalogue: Catalogue, digests: Collection[str], urls: Collection[str]
) -> Iterator[tuple[Item, str]]:
    """Yield files that may go, and what each is.

    ``digests`` are the bytes that the site's files hold now, ``urls`` the pictures they want. A
    version that was published, and a picture of a post that was, stay for ever.
    """
    told = {version.path for many in catalogue.versions.values() for version in many}
    for item in catalogue.present():
        if item.digest in digests or item.versions:
            continue
        if any(_stays(one, catalogue, urls, told) for one in item.captures):
            continue
        yield item, _what(item)


def _stays(
    capture: Capture, catalogue: Catalogue, urls: Collection[str], told: Collection[str]
) -> bool:
    if capture.plan == "kept":
        return not capture.posts or capture.url in urls or bool(set(capture.posts) & set(told))
    return capture.url in urls and catalogue.captured[capture.url][-1].digest == capture.digest


def _what(item: Item) -> str:
    if item.sources:
        return f"a version of {item.sources[-1].path} that was never published"
    if item.is_picture:
        return f"a picture that no published post showed: {item.captures[-1].url}"
    return f"what came in place of {item.captures[-1].url}"
