"""What the errors of the object store library mean for a caller: who acts, and what is the next step."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from fieldhouse import settings
from fieldhouse.errors import (
    ConfigurationError,
    FieldhouseError,
    RefusedError,
    TemporaryError,
    UnavailableError,
)

CREDENTIALS = "set credentials in the environment: docs/object-stores.md says which"
ADDRESS = "correct FIELDHOUSE_LAKE or --lake"
LATER = "try again later"


@dataclass(frozen=True)
class Trouble:
    """How something is recognised in what the library says, and what it means. In `says`, `{short}` is its essence."""

    sign: re.Pattern[str]
    kind: type[FieldhouseError]
    says: str
    step: str


def _trouble(sign: str, kind: type[FieldhouseError], says: str, step: str) -> Trouble:
    return Trouble(re.compile(sign), kind, says, step)


#: The first that fits counts.
TROUBLES = (
    _trouble("NoSuchBucket", UnavailableError, "there is no such bucket", f"make it, or {ADDRESS}"),
    _trouble(r"status code: 40[13]", RefusedError, "access is refused: {short}", CREDENTIALS),
    _trouble(
        r"status code: 400.*(Token|Credential|Signature|Authorization)",
        RefusedError,
        "access is refused: {short}",
        CREDENTIALS,
    ),
    _trouble(r"status code: (408|429|500|502|503|504)", TemporaryError, "not to be had now: {short}", LATER),
    _trouble("status code: ", UnavailableError, "not to be had: {short}", ADDRESS),
    _trouble(r"169\.254\.|latest/api/token|metadata\.google", RefusedError, "no credentials were found", CREDENTIALS),
    _trouble("BareRedirect", ConfigurationError, "the bucket is in another region", "set AWS_REGION to the bucket's"),
    _trouble("dns error", UnavailableError, "nobody knows a server of that name", ADDRESS),
    _trouble(
        "kind: Timeout", TemporaryError, "no whole answer within {patience}", f"{LATER}, or raise FIELDHOUSE_PATIENCE"
    ),
    _trouble(
        r"[Cc]ertificate|InvalidContentType|InvalidMessage",
        UnavailableError,
        "the server proves no identity that is trusted",
        ADDRESS,
    ),
    _trouble("ConnectionRefused", TemporaryError, "nothing answers there", f"{LATER}, or {ADDRESS}"),
    _trouble(r"kind: (Connect|Interrupted|Request)", TemporaryError, "the connection broke off: {short}", LATER),
    _trouble("", UnavailableError, "not to be had: {short}", ADDRESS),
)


@contextlib.contextmanager
def reaching(url: str, name: str) -> Iterator[None]:
    """Say in Fieldhouse's words why `name` of the lake at `url` cannot be read or written."""
    import obstore.exceptions as remote

    try:
        yield
    except (remote.AlreadyExistsError, remote.PreconditionError):
        raise
    except remote.BaseError as error:
        raise meaning(str(error), url, name) from error


def meaning(said: str, url: str, name: str) -> FieldhouseError:
    """What the store library `said` when it came to `name`, as an error that tells who acts."""
    found = next(trouble for trouble in TROUBLES if trouble.sign.search(said))
    says = found.says.format(short=_short(said), patience=f"{settings.patience():g} s")
    where = f"{url}: {name}" if name and found.sign.pattern != "NoSuchBucket" else url
    return found.kind(f"{where}: {says}", hint=found.step)


def _short(said: str) -> str:
    """What matters of a long error: the provider's code and message, else the status or the last of the first line."""
    code, message = (re.search(rf"<{tag}>([^<]*)</{tag}>", said) for tag in ("Code", "Message"))
    if code:
        return f"{code[1]}: {message[1]}" if message and message[1] else code[1]
    status = re.search(r"status code: (\d+)", said)
    if status:
        return f"HTTP {status[1]}"
    return said.strip().splitlines()[0].rpartition(" - ")[2] if said.strip() else "no reason given"
