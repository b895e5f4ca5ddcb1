"""One GET over HTTP or HTTPS."""

import base64
import contextlib
import http.client
import socket
import ssl
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping

from extractor.failure import Exit, Failure
from extractor.guard import is_private, shown
from extractor.pace import seconds

NO_SUCH_HOST = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", -5))


class Network:
    """Sends one GET over a connection of its own; through a proxy where the environment names one."""

    def __init__(self) -> None:
        self._trust = ssl.create_default_context()  # the system's store, or the file that SSL_CERT_FILE names
        self._proxies = urllib.request.getproxies_environment()
        self._connect_s, self._read_s = seconds("CONNECT", 10), seconds("READ", 60)

    def get(self, url: str, headers: Mapping[str, str], *, public: bool) -> tuple[http.client.HTTPResponse, bool]:
        """The answer to a GET, its body unread, and whether it comes from a private address.

        With `public` a private address is refused, before anything is asked of it.
        """
        parts = urllib.parse.urlsplit(url)
        proxy = self._proxy(parts)
        with explained(shown(url)):
            line = self._connect(parts, proxy)
            # A proxy resolves names, not we.
            private = is_private((parts.hostname or "") if proxy else line.sock.getpeername()[0])
            if public and private:
                line.close()
                raise Failure(Exit.UNAVAILABLE, f"a redirect to {parts.hostname}, which is a private address")
            line.sock.settimeout(self._read_s)
            whole = proxy is not None and parts.scheme == "http"
            target = url if whole else urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
            own = _credentials(proxy) if whole else {}
            line.request("GET", target, headers={**headers, **own, "Connection": "close"})
            answer = line.getresponse()
            if line.sock:  # the answer goes on holding it
                line.sock.close()
            return answer, private

    def _connect(
        self, parts: urllib.parse.SplitResult, proxy: urllib.parse.SplitResult | None
    ) -> http.client.HTTPConnection:
        to = proxy or parts
        host, port = to.hostname or "", to.port or (443 if to.scheme == "https" else 80)
        if parts.scheme == "http":
            line = http.client.HTTPConnection(host, port, timeout=self._connect_s)
        else:
            line = http.client.HTTPSConnection(host, port, timeout=self._connect_s, context=self._trust)
            if proxy:
                line.set_tunnel(parts.hostname or "", parts.port or 443, _credentials(proxy))
        line.connect()
        return line

    def _proxy(self, parts: urllib.parse.SplitResult) -> urllib.parse.SplitResult | None:
        found = self._proxies.get(parts.scheme) or self._proxies.get("all")
        if not found or urllib.request.proxy_bypass_environment(parts.netloc, self._proxies):  # type: ignore[attr-defined]
            return None
        proxy = urllib.parse.urlsplit(found if "://" in found else f"http://{found}")
        if proxy.scheme != "http" or not proxy.hostname:
            raise Failure(Exit.CONFIGURATION, "HTTPS_PROXY or HTTP_PROXY is no http URL of a proxy")
        return proxy


def _credentials(proxy: urllib.parse.SplitResult | None) -> dict[str, str]:
    if proxy is None or not proxy.username:
        return {}
    user = f"{urllib.parse.unquote(proxy.username)}:{urllib.parse.unquote(proxy.password or '')}"
    return {"Proxy-Authorization": "Basic " + base64.b64encode(user.encode()).decode()}


@contextlib.contextmanager
def explained(where: str) -> Iterator[None]:
    """What the network does, as failures that name the address."""
    try:
        yield
    except socket.gaierror as error:
        if error.errno in NO_SUCH_HOST:
            raise Failure(Exit.UNAVAILABLE, f"{where}: there is no such host") from error
        raise Failure(Exit.TEMPORARY, f"{where}: the name cannot be resolved now") from error
    except ssl.SSLCertVerificationError as error:
        message = f"{where}: its certificate cannot be verified: {error.verify_message}"
        raise Failure(Exit.UNAVAILABLE, message) from error
    except (OSError, http.client.HTTPException) as error:
        raise Failure(Exit.TEMPORARY, f"{where}: {type(error).__name__}: {error}") from error
