"""Where a request may go: redirects stay encrypted, and none leads from the public network into a private one."""

import ipaddress
import urllib.parse

from extractor.failure import Exit, Failure

MAX_REDIRECTS = 5


def is_private(host: str) -> bool:
    """Whether a host is, by name or address, not for the public network."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    inner = None
    if isinstance(address, ipaddress.IPv6Address):
        nat64 = address.packed[:12] == bytes.fromhex("0064ff9b0000000000000000")
        inner = ipaddress.IPv4Address(address.packed[12:]) if nat64 else address.ipv4_mapped or address.sixtofour
    return is_private(str(inner)) if inner else not address.is_global or address.is_multicast


def next_hop(url: str, location: str | None, hops: int) -> str:
    """The URL that redirect number `hops` leads to, from `url`; Failure where it must not be followed."""
    where = f"a redirect from {shown(url)}"
    if not location or hops > MAX_REDIRECTS:
        raise Failure(Exit.UNAVAILABLE, f"{where} without a target" if not location else f"too many: {where}")
    target = urllib.parse.urljoin(url, location).partition("#")[0]
    parts = urllib.parse.urlsplit(target)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise Failure(Exit.UNAVAILABLE, f"{where} to what is no plain http or https URL")
    if url.startswith("https:") and parts.scheme != "https":
        raise Failure(Exit.UNAVAILABLE, f"{where} down to unencrypted http")
    return target


def shown(url: str) -> str:
    """A URL as it may be logged: without its query, which can hold a signature."""
    return url.partition("?")[0]
