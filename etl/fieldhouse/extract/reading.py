"""From the text of manifest.json to a Seal: every field of the right type, every fault collected, nothing believed."""

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

from fieldhouse.extract.log import printable
from fieldhouse.extract.sealed import PROTOCOL, Archive, Seal, SealedFile, Status

MAX_STATE = 64 << 10
_SHA256 = re.compile(r"[0-9a-f]{64}")
_STATUS: dict[str, Status] = {"new": "new", "unchanged": "unchanged", "gone": "gone"}
_SECRETS = (
    *("key", "token", "auth", "authorization", "secret", "password", "passwd", "pwd", "pass", "sig", "signature"),
    *("credential", "jwt", "bearer", "sessionid"),
)
_SECRET_ENDS = (
    *("apikey", "accesskey", "accesskeyid", "secretkey", "privatekey", "subscriptionkey", "secret", "password"),
    *("accesstoken", "authtoken", "securitytoken", "sessiontoken", "apitoken", "refreshtoken", "signature"),
    *("credential", "sessid"),
)
T = TypeVar("T")
_UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]00:00)")


class Faults(Exception):
    """What is wrong with a document, one sentence a fault."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def parse_json(text: bytes) -> dict[str, object]:
    """The object that `text` is; ValueError where it is none, or holds what other languages cannot read."""
    try:
        values = json.loads(text.decode(), parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(values, dict):
        raise ValueError(f"it is a {type(values).__name__}, not an object")
    return values


def parse_seal(values: Mapping[str, object]) -> Seal:
    """The seal that `values` describe, unknown fields ignored; Faults lists everything that does not fit."""
    fields = _Fields(values, "seal")
    if fields.integer("protocol") != PROTOCOL:
        raise Faults(*fields.problems, f"protocol is {values.get('protocol')!r}; {PROTOCOL} is known")
    seal = Seal(
        protocol=PROTOCOL,
        source=fields.text("source"),
        run=fields.text("run"),
        attempt=fields.integer("attempt"),
        files=tuple(_file(value, index, fields) for index, value in enumerate(fields.items("files"))),
        state=fields.mapping("state", required=True),
        stats=fields.mapping("stats") or {},
    )
    fields.problems += [*_oversized(seal.state, "state"), *_oversized(seal.stats, "stats")]
    if fields.problems:
        raise Faults(*fields.problems)
    return seal


def _file(value: object, index: int, outer: "_Fields") -> SealedFile:
    if not isinstance(value, dict):
        outer.problems.append(f"files[{index}] is {value!r:.80}; an object is expected")
        value = {}
    where = f"files[{index}]"
    if isinstance(value.get("feed"), str) and isinstance(value.get("key"), str):
        where = printable(f"{value['feed']}/{value['key']}")[:300]
    fields = _Fields(value, where, outer.problems)
    status = fields.choice("status", _STATUS)
    gone = status == "gone"
    # A key that is gone needs neither, and what is said of it counts for nothing; but it must be said rightly.
    size = fields.integer("bytes") if not gone or value.get("bytes") is not None else None
    sha256 = fields.sha256("sha256") if not gone or value.get("sha256") is not None else None
    return SealedFile(
        feed=fields.text("feed"),
        key=fields.text("key"),
        status=status,
        bytes=None if gone else size,
        sha256=None if gone else sha256,
        url=fields.url("url"),
        etag=fields.optional_text("etag"),
        last_modified=fields.optional_text("last_modified"),
        fetched_at=fields.moment("fetched_at"),
        archive=_archive(fields.mapping("archive"), where, outer.problems),
    )


def _archive(value: Mapping[str, object] | None, where: str, problems: list[str]) -> Archive | None:
    if value is None:
        return None
    fields = _Fields(value, f"{where}: archive", problems)
    return Archive(
        url=fields.url("url"),
        sha256=fields.sha256("sha256"),
        bytes=fields.integer("bytes"),
        etag=fields.optional_text("etag"),
        member=fields.text("member"),
    )


class _Fields:
    """Takes typed fields out of a JSON object; what does not fit is noted and stands in as an empty value."""

    def __init__(self, values: Mapping[str, object], where: str, problems: list[str] | None = None) -> None:
        self._values = values
        self._where = where
        self.problems: list[str] = [] if problems is None else problems

    def text(self, name: str) -> str:
        value = self._values.get(name)
        if isinstance(value, str) and _encodable(value):
            return value
        return self._wrong(name, "a text", "")

    def optional_text(self, name: str) -> str | None:
        return None if self._values.get(name) is None else self.text(name)

    def integer(self, name: str) -> int:
        value = self._values.get(name)
        if type(value) is int and value >= 0:
            return value
        return self._wrong(name, "a whole number from 0", 0)

    def sha256(self, name: str) -> str:
        value = self._values.get(name)
        if isinstance(value, str) and _SHA256.fullmatch(value):
            return value
        return self._wrong(name, "64 lower-case hexadecimal digits", "")

    def choice(self, name: str, allowed: Mapping[str, Status]) -> Status:
        value = self._values.get(name)
        if isinstance(value, str) and value in allowed:
            return allowed[value]
        return self._wrong(name, f"one of {', '.join(allowed)}", allowed["new"])

    def items(self, name: str) -> list[object]:
        value = self._values.get(name)
        return value if isinstance(value, list) else self._wrong(name, "a list", [])

    def mapping(self, name: str, *, required: bool = False) -> dict[str, object] | None:
        if required and name not in self._values:
            return self._wrong(name, "an object or null", None)
        value = self._values.get(name)
        return value if value is None or isinstance(value, dict) else self._wrong(name, "an object", None)

    def moment(self, name: str) -> str | None:
        value = self._values.get(name)
        if value is None or (isinstance(value, str) and _is_utc(value)):
            return value
        return self._wrong(name, "a time in UTC such as 2026-08-01T06:00:00Z", None)

    def url(self, name: str) -> str | None:
        value = self.optional_text(name)
        if value and (fault := fault_of_url(value)):
            self.problems.append(f"{self._where}: {name} {fault}")
            return None
        return value

    def _wrong(self, name: str, expected: str, instead: T) -> T:
        found = f"is {self._values[name]!r:.80}" if name in self._values else "is missing"
        self.problems.append(f"{self._where}: {name} {found}; {expected} is expected")
        return instead


def fault_of_url(url: str) -> str:
    """What is wrong with a URL that is to be kept, in words that do not repeat a secret; empty if nothing is."""
    try:
        parts = urlsplit(url)
        user, query = parts.username or parts.password, parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return "is no URL"
    if not parts.scheme or not (parts.netloc or parts.path) or not url.isprintable() or " " in url:
        return "is no absolute URL"
    if user is not None:
        return f"of {parts.hostname} holds a user or a password"
    secret = next((name for name, _ in query if _is_secret(name)), None)
    if secret is not None:
        return f"of {parts.hostname} holds the query parameter {secret!r}, which looks like a secret"
    return f"of {parts.hostname} has a fragment (#)" if parts.fragment else ""


def _is_secret(parameter: str) -> bool:
    name = re.sub(r"[^a-z]", "", parameter.lower())
    return name in _SECRETS or name.endswith(_SECRET_ENDS)


def _is_utc(text: str) -> bool:
    if not _UTC_TIME.fullmatch(text):
        return False
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _oversized(value: Mapping[str, object] | None, name: str) -> list[str]:
    try:
        size = len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
    except (UnicodeEncodeError, RecursionError):
        return [f"{name} holds what is no valid Unicode"]
    return [f"{name} has {size} bytes; {MAX_STATE} are allowed"] if size > MAX_STATE else []


def _encodable(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def _no_constant(name: str) -> float:
    raise ValueError(f"it holds {name}, which is not JSON")
