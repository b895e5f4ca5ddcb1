"""Connections, kept open and shared by all threads; some of them refuse to reach a private address."""

import os
import ssl
from functools import cached_property
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    SSLError,
    TimeoutError,
)

from fieldhouse.errors import ConfigurationError, FieldhouseError, TemporaryError, UnavailableError
from fieldhouse.extract.http.guard import host_is_private, is_private, refusal, shown
from fieldhouse.extract.http.tuning import Tuning

# What a resolver that works says of a name that does not exist: EAI_NONAME, EAI_NODATA.
_NO_SUCH_HOST = (-2, -5)


class _PublicHTTP(HTTPConnection):
    """Checks whom it reached before anything is sent: what a name resolves to can change between look and use."""

    def _new_conn(self):  # type: ignore[no-untyped-def]  # noqa: ANN202
        connection = super()._new_conn()
        try:
            address = connection.getpeername()[0]
            if is_private(address):
                raise refusal(self.host, address)
        except BaseException:
            connection.close()
            raise
        return connection


class _PublicHTTPS(HTTPSConnection):
    _new_conn = _PublicHTTP._new_conn


class _PublicHTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _PublicHTTP


class _PublicHTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _PublicHTTPS


class Pools:
    """Sends GET requests. `size`: how many threads there are."""

    def __init__(self, size: int, tuning: Tuning) -> None:
        self._size = size
        self._timeout = urllib3.Timeout(connect=tuning.connect, read=tuning.read)
        self._proxies = _proxies()
        self._pools: dict[tuple[str, str, int | None, bool], urllib3.HTTPConnectionPool] = {}
        self._managers: dict[str, urllib3.ProxyManager] = {}

    def get(self, url: str, headers: dict[str, str], *, public: bool) -> urllib3.BaseHTTPResponse:
        """The answer to one GET, its body unread; with `public`, only from a public address.

        TemporaryError for what may pass, UnavailableError for a host that does not exist or cannot prove who it is.
        """
        parts = urlsplit(url)
        host = parts.hostname or ""
        proxy = self.proxy(parts.scheme, parts.netloc)
        if public and host_is_private(host, resolve=False):
            raise refusal(host, host)
        pool = self._pool(parts.scheme, host, parts.port, public=public, proxy=proxy)
        target = url if proxy and parts.scheme == "http" else url[url.index(parts.netloc) + len(parts.netloc) :] or "/"
        try:
            return pool.urlopen(
                "GET",
                target,
                headers=headers,
                redirect=False,
                retries=False,
                timeout=self._timeout,
                preload_content=False,
                decode_content=False,
                assert_same_host=False,
            )
        except HTTPError as error:
            raise translated(error, url) from error

    def proxy(self, scheme: str, netloc: str) -> str | None:
        """The proxy for a URL, from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY."""
        if not self._proxies:
            return None
        from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

        proxy = self._proxies.get(scheme) or self._proxies.get("all")
        if not proxy or proxy_bypass_environment(netloc, self._proxies):
            return None
        return proxy if "://" in proxy else f"http://{proxy}"

    def is_private(self, url: str) -> bool:
        """Whether a URL's host is a private address, as far as can be known from here."""
        parts = urlsplit(url)
        return host_is_private(parts.hostname or "", resolve=self.proxy(parts.scheme, parts.netloc) is None)

    def _pool(
        self, scheme: str, host: str, port: int | None, *, public: bool, proxy: str | None
    ) -> urllib3.HTTPConnectionPool:
        if proxy:
            return self._manager(proxy).connection_from_host(host, port, scheme)
        name = (scheme, host, port, public)
        pool = self._pools.get(name)
        if pool is None:
            pool = self._pools.setdefault(name, self._direct(scheme, host, port, public=public))
        return pool

    def _direct(self, scheme: str, host: str, port: int | None, *, public: bool) -> urllib3.HTTPConnectionPool:
        if scheme == "https":
            secure = _PublicHTTPSPool if public else urllib3.HTTPSConnectionPool
            return secure(host, port, maxsize=self._size, ssl_context=self._trust)
        plain = _PublicHTTPPool if public else urllib3.HTTPConnectionPool
        return plain(host, port, maxsize=self._size)

    def _manager(self, proxy: str) -> urllib3.ProxyManager:
        if proxy not in self._managers:
            try:
                found = urllib3.proxy_from_url(proxy, maxsize=self._size, ssl_context=self._trust)
            except (ValueError, HTTPError) as error:
                raise ConfigurationError("HTTPS_PROXY or HTTP_PROXY is no URL of a proxy") from error
            self._managers.setdefault(proxy, found)
        return self._managers[proxy]

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context()  # verified against the system's store


def translated(error: HTTPError, url: str) -> FieldhouseError:  # noqa: PLR0911  (one a case)
    """What an error of the network means for the run."""
    where, kind = shown(url), type(error).__name__
    if isinstance(error, ProxyError):
        error = error.original_error if isinstance(error.original_error, HTTPError) else error
    match error:
        case NameResolutionError():
            code = getattr(error.__cause__, "errno", None)
            if code in _NO_SUCH_HOST:
                return UnavailableError(f"{where}: there is no such host", hint="correct the URL under [bases]")
            return TemporaryError(f"{where}: the name cannot be resolved now")
        case NewConnectionError():
            return TemporaryError(f"{where}: cannot connect: {getattr(error.__cause__, 'strerror', kind)}")
        case TimeoutError():
            return TemporaryError(f"{where}: timed out ({kind})")
        case SSLError() if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return UnavailableError(f"{where}: its certificate cannot be verified: {error}")
        case SSLError() | ProtocolError():
            return TemporaryError(f"{where}: the connection broke: {error}")
        case _:
            return TemporaryError(f"{where}: {kind}: {error}")


def _proxies() -> dict[str, str]:
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return {}  # urllib.request is slow to import
    from urllib.request import getproxies_environment

    return getproxies_environment()
