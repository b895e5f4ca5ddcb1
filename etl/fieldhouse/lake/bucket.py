"""A lake in a bucket: S3 and what speaks its language (proved), Google's and Azure's (as the library has them)."""

import contextlib
import math
import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from fieldhouse.errors import ConfigurationError, TemporaryError, UsageError
from fieldhouse.lake import remote
from fieldhouse.lake.remote import Remote
from fieldhouse.lake.trouble import meaning, reaching

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ObjectStore

SCHEMES = ("s3", "gs", "az")
#: Content that was written longer ago is written again when it is put: it counts as young then (see lake.gc).
YOUNG = timedelta(hours=1)
#: Made once a lake; every process that decides something first sees that it cannot be made twice.
PROOF = "only-once"
_PROOF = b"A lake needs a store that refuses to create what exists. This file is how its writers find out.\n"
_TRIES = 8
PARTS = "parts"
#: For so many seconds a listing of all parts answers whether they are there. Deleting is far slower (see lake.gc).
LISTED_S = 60.0


@dataclass(frozen=True)
class _Parts:
    """The sizes of all parts, as they were listed at a time of the monotonic clock."""

    at: float = -math.inf
    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def outdated(self) -> bool:
        return time.monotonic() - self.at > LISTED_S


class Bucket(Remote):
    """A lake in a bucket."""

    def __init__(self, backend: "ObjectStore", url: str) -> None:
        super().__init__(backend, url)
        self._deciding = threading.Lock()
        self._proved = False
        self._parts = _Parts()

    def holds(self, sizes: Mapping[str, int]) -> bool:
        # One listing answers for a thousand parts; what another process has made since is looked for by name.
        with self._deciding:
            if self._parts.outdated:
                self._parts = _Parts(time.monotonic(), dict(self.entries(PARTS)))
        known = self._parts.sizes
        return all((known[name] if name in known else self.size(name)) == size for name, size in sizes.items())

    def put(self, name: str, data: bytes | Path) -> bool:
        # Nothing half-written can be there, but what somebody copied there might be: what has another size goes.
        if self._create(name, data):
            return True
        length = data.stat().st_size if isinstance(data, Path) else len(data)
        there = self._head(name)
        whole = there is not None and there["size"] == length
        if not whole or (there is not None and datetime.now(UTC) - there["last_modified"] > YOUNG):
            self._overwrite(name, data)
        return not whole

    def _head(self, name: str) -> "ObjectMeta | None":
        import obstore

        with reaching(self.url, name):
            try:
                return obstore.head(self._backend, name)
            except FileNotFoundError:
                return None

    def create(self, name: str, data: bytes) -> bool:
        self.check_writable()
        for _ in range(_TRIES):
            if self._create(name, data):
                return True
            there = self.find(name)
            if there is not None:
                # Documents say who made them: equal bytes are our own, of a try whose answer was lost.
                return there == data
        raise TemporaryError(f"{self.url}: {name} is neither there nor can be made", hint="try again later")

    def hint(self, name: str, data: bytes) -> None:
        self._overwrite(name, data)

    def _create(self, name: str, data: bytes | Path) -> bool:
        """Whether this made `name`; False where the store says that it exists, or that somebody is about to make it."""
        import obstore

        with reaching(self.url, name):
            try:
                obstore.put(self._backend, name, data, mode="create")
            except obstore.exceptions.AlreadyExistsError:
                return False
            except FileNotFoundError as error:
                raise meaning("NoSuchBucket", self.url, "") from error
        return True

    def _overwrite(self, name: str, data: bytes | Path) -> None:
        import obstore

        self._parts.sizes.pop(name, None)

        with reaching(self.url, name):
            try:
                obstore.put(self._backend, name, data, mode="overwrite", use_multipart=False)
            except FileNotFoundError as error:
                raise meaning("NoSuchBucket", self.url, "") from error

    def check_writable(self) -> None:
        """Raise what writing would; ConfigurationError where the store creates what exists, so that two could win."""
        with self._deciding:
            # The first writer of all makes the file and must fail the second time; all others fail the first time.
            if not self._proved and self._create(PROOF, _PROOF) and self._create(PROOF, _PROOF):
                raise ConfigurationError(
                    f"{self.url}: the store ignores `If-None-Match: *`, so two writers could both win",
                    hint="keep the lake in a store with conditional writes: docs/object-stores.md names some",
                )
            self._proved = True

    def delete(self, names: Iterable[str]) -> None:
        import obstore

        self._parts = _Parts()
        listed = list(names)
        for start in range(0, len(listed), 1000):
            page = listed[start : start + 1000]
            with reaching(self.url, page[0]):
                try:
                    obstore.delete(self._backend, page)
                except FileNotFoundError as error:
                    self.refuse_no_bucket(error)
                    self._delete_each(page)

    def _delete_each(self, names: Iterable[str]) -> None:
        """Remove names one by one, for stores to which one that is gone is an error."""
        import obstore

        for name in names:
            with contextlib.suppress(FileNotFoundError):
                obstore.delete(self._backend, name)

    def entries(self, prefix: str) -> list[tuple[str, int]]:
        return sorted((item["path"], int(item["size"])) for item in self._list(prefix))

    def times(self, prefix: str) -> dict[str, float]:
        return {item["path"]: item["last_modified"].timestamp() for item in self._list(prefix)}

    def _list(self, prefix: str) -> "Iterator[ObjectMeta]":
        import obstore

        with reaching(self.url, prefix):
            for page in obstore.list(self._backend, prefix):
                yield from page


def open_bucket(url: str) -> Bucket:
    """The lake in this bucket, under the prefix that follows the bucket's name, if one does."""
    import obstore.store

    shown = remote.plain_url(url)
    options = remote.options(plain=_endpoint().startswith("http://"))
    try:
        return Bucket(obstore.store.from_url(shown, **options), shown)
    except (ValueError, obstore.exceptions.BaseError) as error:
        raise UsageError(f"{shown} is no address of a bucket: {_first(error)}", hint="s3://bucket/prefix") from None


def _endpoint() -> str:
    """Where the environment says that S3 is, if it is not Amazon's; plain http is for a store of one's own."""
    names = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
    return next((os.environ[name] for name in names if os.environ.get(name)), "")


def _first(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
