"""Tags: names that people give to releases, in a paper or for a model. A release that has one is never forgotten."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from fieldhouse.errors import NotFound, UsageError
from fieldhouse.lake import documents, releases
from fieldhouse.lake.store import Store

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
FOLDER = "tags"


@dataclass(frozen=True)
class Tag:
    """One tag: the number and content of its release, and when it was given."""

    name: str
    release: int
    content: str
    time: str


def path(name: str) -> str:
    """Where a tag lies; UsageError says what a tag is called."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"tag {name!r}: 1 to 80 of a-z 0-9 . _ - are expected, beginning with a letter or digit")
    return f"{FOLDER}/{name}.json"


def read(store: Store, name: str) -> Tag | None:
    """The tag called `name`, if there is one."""
    data = store.find(path(name))
    if data is None:
        return None
    doc = documents.parse(data, path(name))
    doc.pop("format")
    return Tag(**doc)  # type: ignore[arg-type]


def read_all(store: Store) -> list[Tag]:
    """All tags, by name; none where nothing can be listed."""
    if not store.lists:
        return []
    names = (where.removeprefix(f"{FOLDER}/").removesuffix(".json") for where in store.names(FOLDER))
    return [tag for name in names if (tag := read(store, name))]


def by_release(store: Store) -> Mapping[int, list[str]]:
    """The names of the tags of each release that has one."""
    found: dict[int, list[str]] = defaultdict(list)
    for tag in read_all(store):
        found[tag.release].append(tag.name)
    return found


def give(store: Store, name: str, number: int | None = None) -> Tag:
    """Tag a release (default: the newest); the same again changes nothing.

    UsageError where the name is another release's; NotFound where there is no such release.
    """
    where = path(name)
    release = releases.read(store, number)
    made = Tag(name, release.number, release.content, datetime.now(UTC).isoformat(timespec="seconds"))
    if not store.create(where, documents.dump(asdict(made))):
        before = read(store, name)
        if before is None or before.release != release.number:
            raise UsageError(
                f"the tag {name!r} is that of release {before.release if before else 'another'}",
                hint=f"`fieldhouse release untag {name}` takes it away first",
            )
        return before
    if store.size(releases.name(release.number)) is None:  # it was forgotten between the two
        store.delete([where])
        raise NotFound(f"release {release.number} has just been forgotten", hint="`fieldhouse release ls` lists others")
    return made


def take(store: Store, name: str) -> Tag:
    """Take a tag away, and return what it was; NotFound names those that there are."""
    found = read(store, name)
    if found is None:
        known = ", ".join(tag.name for tag in read_all(store)) or "none"
        raise NotFound(f"no release has the tag {name!r}; tags are {known}")
    store.delete([path(name)])
    return found
