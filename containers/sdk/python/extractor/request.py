"""What the pipeline asks for: request.json, and what the lake knows beside it."""

import datetime as dt
import json
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from extractor.failure import Exit, Failure
from extractor.log import blot_out

_PRODUCT = "fieldhouse-python/1"


@dataclass(frozen=True)
class Known:
    """What the lake already has under a key."""

    sha256: str
    bytes: int
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True)
class Limits:
    """What one run may use; bytes are counted after decoding."""

    deadline_s: float
    silence_s: float
    max_bytes: int
    max_file_bytes: int
    max_files: int
    requests_per_second: float
    concurrency: int


@dataclass(frozen=True)
class Request:
    """What the pipeline asks for. `feeds`, `config`, `bases`: as in source.toml. `state`: what the last seal carried.

    `interval`: first moment and the one after the last, set only by a backfill. `mirror`: stands in for all bases.
    """

    source: str
    run: str
    attempt: int
    feeds: Mapping[str, Mapping[str, object]]
    config: Mapping[str, object]
    bases: Mapping[str, Mapping[str, str]]
    limits: Limits
    known: Mapping[tuple[str, str], Known]
    state: Mapping[str, object] | None
    interval: tuple[dt.datetime, dt.datetime] | None
    secrets: Path | None
    mirror: str | None

    def base(self, feed: str) -> str:
        """The URL, with a final slash, that a feed's URLs are relative to; the mirror's, if there is one."""
        if feed not in self.feeds:
            raise Failure(Exit.CONFIGURATION, f"the feed {feed} is needed, and was not asked for")
        names = self.bases
        name = self.feeds[feed].get("base", next(iter(names)) if len(names) == 1 else None)
        if not isinstance(name, str) or name not in names:
            raise Failure(Exit.CONFIGURATION, f"feeds.{feed}.base is {name!r}; the bases are {', '.join(names)}")
        if self.mirror:
            return "/".join(filter(None, (self.mirror, self.source, names[name].get("mirror", "").strip("/")))) + "/"
        url = names[name].get("url", "")
        parts = urllib.parse.urlsplit(url)
        # It ends up in the seal, so it must not hold a password.
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or {"?", "#"} & set(url):
            raise Failure(Exit.CONFIGURATION, f"bases.{name}.url is no http or https URL of a folder")
        return url.rstrip("/") + "/"

    def secret(self, name: str) -> str:
        """The secret that a source declares under this name; it is blotted out of the log from now on."""
        try:
            if self.secrets is None:
                raise FileNotFoundError
            text = (self.secrets / name).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise Failure(Exit.PERMISSION, f"the secret {name} is missing or no text") from None
        blot_out(text)
        return text

    @property
    def agent(self) -> str:
        """What upstreams see as User-Agent: product, version and whom they can write to."""
        contact = self.config.get("contact", "")
        if not isinstance(contact, str) or not re.fullmatch(r"[\x20-\x7e]*", contact):
            raise Failure(Exit.CONFIGURATION, f"config.contact is {contact!r}; an address in plain ASCII is expected")
        return f"{_PRODUCT} (+{contact})" if contact else _PRODUCT


def read_request(path: Path) -> Request:
    """The request at `path`, with what the lake knows; fields that are not known are ignored."""
    try:
        values = json.loads(path.read_bytes())
        if values["protocol"] != 1 or values["task"] != "extract":
            said = f"protocol {values['protocol']!r}, task {values['task']!r}"
            raise Failure(Exit.USAGE, f"{path}: {said}: 1 and 'extract' are known")
        return Request(
            source=values["source"],
            run=values["run"],
            attempt=int(values["attempt"]),
            feeds=dict(values["feeds"]),
            config=dict(values.get("config") or {}),
            bases=dict(values.get("bases") or {}),
            limits=_limits(values["limits"]),
            known=_known(values.get("known")),
            state=values.get("state"),
            interval=_interval(values.get("interval")),
            secrets=Path(values["secrets"]) if values.get("secrets") else None,
            mirror=values["mirror"].rstrip("/") if values.get("mirror") else None,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Failure(Exit.USAGE, f"{path}: no request: {type(error).__name__}: {error}") from error


def _limits(values: Mapping[str, float]) -> Limits:
    found = {name: values[name] for name in Limits.__dataclass_fields__}
    for name, value in found.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise Failure(Exit.CONFIGURATION, f"limits.{name} is {value!r}; a number above 0 is expected")
    return Limits(**found)  # type: ignore[arg-type]  # counts are whole numbers in the request's schema


def _known(path: str | None) -> dict[tuple[str, str], Known]:
    if path is None:
        return {}
    found = {}
    with Path(path).open("rb") as lines:
        for line in lines:
            entry = json.loads(line)
            found[entry["feed"], entry["key"]] = Known(**{name: entry[name] for name in Known.__dataclass_fields__})
    return found


def _interval(value: Mapping[str, str] | None) -> tuple[dt.datetime, dt.datetime] | None:
    if value is None:
        return None
    return dt.datetime.fromisoformat(value["start"]), dt.datetime.fromisoformat(value["end"])
