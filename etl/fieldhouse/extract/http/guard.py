"""Where a request may go: redirects stay encrypted, and none leads from the public network into a private one."""

import ipaddress
import socket
from urllib.parse import urljoin, urlsplit

from fieldhouse.errors import UnavailableError

MAX_REDIRECTS = 5


def is_private(address: str) -> bool:
    """Whether an IP address is private, loopback, link-local or otherwise not for the public network."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or _nat64(ip)
        if inner:
            return is_private(str(inner))
    return not ip.is_global or ip.is_multicast


def host_is_private(host: str, *, resolve: bool) -> bool:
    """Whether `host` is a private address, by name or, with `resolve`, by any address that it has now."""
    if host == "localhost" or host.endswith(".localhost") or is_private(host):
        return True
    if not resolve:  # a proxy resolves names, not we
        return False
    try:
        return any(is_private(str(found[4][0])) for found in socket.getaddrinfo(host, None))
    except OSError:
        return False  # connecting will tell


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def next_hop(url: str, location: str | None, hops: int) -> str:
    """The URL that a redirect from `url` leads to; UnavailableError where it must not be followed."""
    if not location:
        raise UnavailableError(f"a redirect from {shown(url)} without a target")
    if hops > MAX_REDIRECTS:
        raise UnavailableError(f"more than {MAX_REDIRECTS} redirects, the last one from {shown(url)}")
    try:
        target = urljoin(url, location).partition("#")[0]
        parts = urlsplit(target)
        user = parts.username
    except ValueError:
        raise UnavailableError(f"a redirect from {shown(url)} to what is no URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or user is not None:
        raise UnavailableError(f"a redirect from {shown(url)} to what is no plain http or https URL")
    if url.startswith("https:") and parts.scheme != "https":
        raise UnavailableError(f"a redirect from {shown(url)} down to unencrypted {shown(target)}")
    return target


def refusal(host: str, address: str) -> UnavailableError:
    """What is said of a redirect to `host`, whose `address` is private."""
    return UnavailableError(f"a redirect to {host} ({address}), which is a private address")


def shown(url: str) -> str:
    """A URL as it may be logged: without query, which can hold a signature."""
    return url.partition("?")[0]


def _nat64(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    packed = ip.packed
    return ipaddress.IPv4Address(packed[12:]) if packed.startswith(bytes.fromhex("0064ff9b0000000000000000")) else None
