"""A lake that a web server offers to readers: nothing is listed, nothing is written."""

import base64
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from fieldhouse.errors import UsageError
from fieldhouse.lake import remote
from fieldhouse.lake.remote import Remote
from fieldhouse.lake.trouble import ADDRESS

SCHEMES = ("https", "http")


class Web(Remote):
    """A lake to read over HTTP."""

    lists = False

    def _read_only(self) -> UsageError:
        return UsageError(
            f"{self.url} can only be read: it is a web server's", hint="name a folder or a bucket with --lake"
        )

    def put(self, name: str, data: bytes | Path) -> bool:
        raise self._read_only()

    def create(self, name: str, data: bytes) -> bool:
        raise self._read_only()

    def hint(self, name: str, data: bytes) -> None:
        raise self._read_only()

    def delete(self, names: Iterable[str]) -> None:
        raise self._read_only()

    def check_writable(self) -> None:
        raise self._read_only()

    def entries(self, prefix: str) -> list[tuple[str, int]]:
        raise UsageError(
            f"{self.url}: a web server does not list what it has under {prefix}",
            hint="ask this of the lake's own folder or bucket",
        )

    def times(self, prefix: str) -> dict[str, float]:
        raise UsageError(
            f"{self.url}: a web server does not say when files under {prefix} were written",
            hint="ask this of the lake's own folder or bucket",
        )


def open_web(url: str) -> Web:
    """The lake at this address. A user and password in it are sent as HTTP's basic authentication, and never shown."""
    import obstore.store

    split = urlsplit(url)
    secret, _, host = split.netloc.rpartition("@")
    shown = remote.plain_url(split._replace(netloc=host).geturl())
    headers = {"Authorization": f"Basic {base64.b64encode(unquote(secret).encode()).decode()}"} if secret else None
    if not host:
        raise UsageError(f"{shown}: the address names no server", hint=ADDRESS)
    # Plain http is for a server of one's own, such as a release that is served on this machine.
    options = remote.options(plain=split.scheme == "http", headers=headers)
    try:
        backend = obstore.store.from_url(shown, **options)
    except (ValueError, obstore.exceptions.BaseError) as error:
        raise UsageError(f"{shown} is no address: {str(error).splitlines()[0]}", hint=ADDRESS) from None
    return Web(backend, shown)
