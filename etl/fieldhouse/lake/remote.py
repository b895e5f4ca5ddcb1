"""Reading a lake that is not on this machine; its content-named files are copied to scratch once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from fieldhouse import settings
from fieldhouse.errors import UsageError
from fieldhouse.lake import cache
from fieldhouse.lake.store import Store
from fieldhouse.lake.trouble import ADDRESS, CREDENTIALS, meaning, reaching

if TYPE_CHECKING:
    from obstore.store import ObjectStore

#: What fails for a moment is tried again so often, with growing pauses of together a few seconds.
RETRIES = 6


class Remote(Store):
    """A lake behind a network."""

    def __init__(self, backend: "ObjectStore", url: str) -> None:
        super().__init__(url)
        self._backend = backend

    def find(self, name: str) -> bytes | None:
        import obstore

        with reaching(self.url, name):
            try:
                return bytes(obstore.get(self._backend, name).bytes())
            except FileNotFoundError as error:
                self.refuse_no_bucket(error)
        return None

    def size(self, name: str) -> int | None:
        import obstore

        with reaching(self.url, name):
            try:
                return int(obstore.head(self._backend, name)["size"])
            except FileNotFoundError as error:
                self.refuse_no_bucket(error)
        return None

    def holds(self, sizes: Mapping[str, int]) -> bool:
        return all(self.size(name) == size for name, size in sizes.items())

    def refuse_no_bucket(self, error: FileNotFoundError) -> None:
        """UnavailableError where a name is not there because the whole bucket is not."""
        if "NoSuchBucket" in str(error):
            raise meaning(str(error), self.url, "") from error

    def local_paths(self, names: Sequence[str]) -> list[Path]:
        return cache.copies(names, self._download)

    def _download(self, name: str) -> Iterator[bytes]:
        import obstore

        with reaching(self.url, name):
            try:
                yield from obstore.get(self._backend, name).stream()
            except FileNotFoundError as error:
                self.refuse_no_bucket(error)
                raise self.missing(name) from error


def options(*, plain: bool, headers: dict[str, str] | None = None) -> dict[str, dict[str, object]]:
    """How a store's client behaves: it gives up after the setting FIELDHOUSE_PATIENCE. `plain`: http is allowed."""
    patience = timedelta(seconds=settings.patience())
    client: dict[str, object] = {
        "timeout": patience,
        "connect_timeout": min(patience, timedelta(seconds=10)),
        "allow_http": plain,
    }
    if headers:
        client["default_headers"] = headers
    backoff = {"init_backoff": timedelta(seconds=0.1), "max_backoff": timedelta(seconds=5), "base": 2}
    return {
        "client_options": client,
        "retry_config": {"max_retries": RETRIES, "retry_timeout": patience, "backoff": backoff},
    }


def plain_url(url: str) -> str:
    """The address without a slash at its end; UsageError, which shows no secret, where it holds more than an address."""
    scheme, _, rest = url.partition("://")
    if "?" in rest or "#" in rest:
        raise UsageError(f"{scheme}://…: a lake's address has no ? and no #", hint=ADDRESS)
    if "@" in rest.partition("/")[0]:
        raise UsageError(f"{scheme}://…: a bucket's address holds no credentials", hint=CREDENTIALS)
    return url.rstrip("/")
