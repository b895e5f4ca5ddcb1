"""The checks, each a function that raises Failed or Skipped: by level, in the order in which they are reported."""

from collections.abc import Callable
from dataclasses import dataclass

from fieldhouse.kit.checks import again, asking, faults, landing, limits, signals
from fieldhouse.kit.lab import Lab
from fieldhouse.kit.verdicts import Level


@dataclass(frozen=True)
class Check:
    """One check: what it proves, and the checks without which it says nothing."""

    name: str
    level: Level
    proves: str
    run: Callable[[Lab], None]
    needs: tuple[str, ...] = ("truth",)


def _declared(_: Lab) -> None:
    """The declaration has been read, and an upstream made of it, before any check runs; else this one has failed."""


_AGAIN = ("rerun",)  # compares what it lands with what landed first
_LANDED = ("lands",)
CHECKS: tuple[Check, ...] = (
    Check("declaration", "bronze", "source.toml is valid, and says or shows what upstream looks like", _declared, ()),
    Check("lands", "bronze", "a good upstream ends with 0, a seal and at least one new file", landing.lands, ()),
    Check("truth", "bronze", "the seal says what lies in OUT: names, sizes, hashes", landing.truth, _LANDED),
    Check("rerun", "bronze", "a second run lands the same files", again.rerun),
    Check("bytes", "bronze", "what lands are upstream's bytes, nothing changed", landing.unchanged_bytes),
    Check("coding", "bronze", "gzip on the way is undone", landing.coding, ("rerun", "bytes")),
    Check("seal_last", "bronze", "the seal is written after all files", landing.seal_last),
    Check("inside", "bronze", "nothing is written but OUT and TMPDIR", landing.inside),
    Check("any_user", "bronze", "anybody can run it, with nothing else to write", landing.any_user, _AGAIN),
    Check("feeds", "bronze", "only the feeds that are asked for are landed", asking.feeds, _AGAIN),
    Check("unknown_fields", "bronze", "fields that it does not know are ignored", asking.unknown_fields, _AGAIN),
    Check("unknown_protocol", "bronze", "another protocol ends with 64", asking.unknown_protocol, _LANDED),
    Check("unknown_task", "bronze", "a task that it does not know ends with 64", asking.unknown_task, _LANDED),
    Check("configuration", "bronze", "a feed that it does not know ends with 78", asking.configuration, _LANDED),
    Check("log", "bronze", "its log can be read: known levels, nothing torn", asking.log, _LANDED),
    Check("known", "silver", "what is known and has not changed is not landed again", again.known_unchanged, _AGAIN),
    Check("conditional", "silver", "what is known is asked for conditionally", again.conditional, ("known",)),
    Check("by_hash", "silver", "equal bytes under other validators are unchanged", again.by_hash, ("known",)),
    Check("resumed", "silver", "from known and state nothing is lost, nothing repeated", again.resumed, ("known",)),
    Check("interval", "silver", "an interval is respected, or refused with 64", asking.interval),
    Check("agent", "silver", "upstream can see who asks: product, version, contact", asking.agent),
    Check("lost", "silver", "an upstream without any of its files ends with 69", faults.lost),
    Check("denied", "silver", "403 ends with 77, without a seal", faults.denied),
    Check("server_error", "silver", "500 is tried again, and then ends with 75", faults.server_error, _AGAIN),
    Check("retry_after", "silver", "429 with Retry-After is waited for", faults.retry_after, _AGAIN),
    Check("truncated", "silver", "a body that is cut is temporary, and never landed", faults.truncated, _AGAIN),
    Check("html", "silver", "an HTML page in place of data ends with 65, without a seal", faults.html),
    Check("unreachable", "silver", "no host, no server: 69 or 75, without a seal", faults.unreachable),
    Check("last_line", "silver", "the last line before a failing exit has its code", faults.last_line, ("denied",)),
    Check("disk_full", "silver", "a full disk ends with 74, without a seal", signals.disk_full),
    Check("sigterm", "silver", "SIGTERM ends it in 10 s with 143, without a seal, anywhere", signals.sigterm),
    Check("deadline", "gold", "it ends itself at its deadline, with 75", limits.deadline, _AGAIN),
    Check("heartbeat", "gold", "it says something every silence_s, also while it waits", limits.heartbeat),
    Check("memory", "gold", "a body larger than its memory goes to disk as it comes", limits.memory),
    Check("max_file_bytes", "gold", "no file over max_file_bytes is landed, nor fills the disk", limits.max_bytes),
    Check("secrets", "gold", "no secret is in the log, the seal or a URL", asking.secrets),
    Check("parallel", "gold", "two attempts at once do not disturb each other", again.parallel, _AGAIN),
)
BY_NAME = {check.name: check for check in CHECKS}
