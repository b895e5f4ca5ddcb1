"""A source as a release has it: licence, age, and what became of its records; schedule and title as they are declared."""

from collections.abc import Mapping
from dataclasses import dataclass

from fieldhouse import sources as declared
from fieldhouse.lake.releases import Release

#: What can become of a record, as accounts name it.
USED, PASSED_OVER, SET_ASIDE = "used", "passed over", "set aside"


@dataclass(frozen=True)
class Reason:
    """Why records of a feed are not used: a named rule passes them over, or they do not fit and are set aside."""

    feed: str
    outcome: str
    rule: str
    records: int


@dataclass(frozen=True)
class Feed:
    """A feed's records by what became of them."""

    name: str
    used: int
    passed_over: int
    set_aside: int


@dataclass(frozen=True)
class SourcePage:
    """One source of a release. `title`, `schedule` and `owner` are empty where the source is declared no more.

    `age_days`: how old its landing was when the release was made; `limit_days`: from which age it is stale.
    """

    name: str
    title: str
    schedule: str
    owner: str
    licence: str
    attribution: str
    homepage: str
    landing: int
    landed: str
    files: int
    age_days: float
    limit_days: float | None
    stale: bool
    feeds: tuple[Feed, ...]
    reasons: tuple[Reason, ...]

    @property
    def set_aside(self) -> int:
        """Records that are in no dataset because they do not fit."""
        return sum(feed.set_aside for feed in self.feeds)

    @property
    def records(self) -> int:
        """All records of its files."""
        return sum(feed.used + feed.passed_over + feed.set_aside for feed in self.feeds)


def source_pages(release: Release) -> tuple[SourcePage, ...]:
    """All sources that a release was made from, by name."""
    return tuple(_page(release, name, pin) for name, pin in sorted(release.inputs.items()))


def _page(release: Release, name: str, pin: Mapping[str, object]) -> SourcePage:
    known, licence = declared.load_all().get(name), release.licences.get(name, {})
    limit = pin.get("limit_days")
    return SourcePage(
        name=name,
        title=known.title if known else "",
        schedule=known.schedule if known else "",
        owner=known.owner if known else "",
        licence=licence.get("licence", ""),
        attribution=licence.get("attribution", ""),
        homepage=licence.get("homepage", ""),
        landing=int(_number(pin.get("landing"))),
        landed=str(pin.get("time", "")),
        files=int(_number(pin.get("files"))),
        age_days=_number(pin.get("age_days")),
        limit_days=_number(limit) if limit is not None else None,
        stale=bool(pin.get("stale")),
        feeds=_feeds(release, name),
        reasons=_reasons(release, name),
    )


def _feeds(release: Release, source: str) -> tuple[Feed, ...]:
    found: dict[str, dict[str, int]] = {}
    for row in release.accounts:
        if row["source"] == source:
            counts = found.setdefault(str(row["feed"]), dict.fromkeys((USED, PASSED_OVER, SET_ASIDE), 0))
            outcome = str(row["outcome"])
            counts[outcome] = counts.get(outcome, 0) + int(_number(row["records"]))
    return tuple(Feed(feed, c[USED], c[PASSED_OVER], c[SET_ASIDE]) for feed, c in sorted(found.items()))


def _reasons(release: Release, source: str) -> tuple[Reason, ...]:
    found = [
        Reason(str(row["feed"]), str(row["outcome"]), str(row.get("rule", "")), int(_number(row["records"])))
        for row in release.accounts
        if row["source"] == source and row["outcome"] != USED
    ]
    return tuple(sorted(found, key=lambda r: (r.outcome != SET_ASIDE, -r.records, r.feed, r.rule)))


def _number(value: object) -> float:
    return value if isinstance(value, int | float) else 0
