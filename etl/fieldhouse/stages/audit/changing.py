"""The audit of a domain against the release before: what there is to compare, judged once and remembered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fieldhouse import contracts as declared
from fieldhouse import settings
from fieldhouse.contracts import Contract
from fieldhouse.lake import documents
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store
from fieldhouse.stages.audit import acceptances, changes, seasons, verdicts, work
from fieldhouse.stages.audit.acceptances import Acceptance
from fieldhouse.stages.audit.basis import Basis
from fieldhouse.stages.audit.comparing import Change, differing
from fieldhouse.stages.audit.narrowing import Scope
from fieldhouse.stages.audit.verdicts import Judged


@dataclass(frozen=True)
class ChangeAudit:
    """The datasets of a domain that differ from the release before, and what is needed to judge them.

    `matches`: the earlier release's matches, which tell the season of rows; `whole`: datasets as they are now.
    """

    domain: str
    contracts: Mapping[str, Contract]
    changed: tuple[Change, ...]
    matches: tuple[Part, ...]
    whole: Mapping[str, tuple[Part, ...]]
    stated: tuple[Acceptance, ...]
    day: str

    @property
    def parts(self) -> dict[str, list[str]]:
        """The hashes of the parts that the verdicts are about."""
        sides = [
            (view, found)
            for c in self.changed
            for view, found in ((c.was, c.before), (c.has, c.now), (c.earlier, c.history))
        ]
        return {view: [part.sha256 for part in found] for view, found in sorted(sides)}

    @property
    def accepted(self) -> tuple[Acceptance, ...]:
        """What is accepted on the day of the audit."""
        return tuple(a for a in self.stated if a.active(self.day))

    def document(self, found: Sequence[Judged]) -> bytes:
        """What became of the checks, as it is stored."""
        return verdicts.document(self.domain, found, self.parts, "change")


def work_on(domain: str, about: Basis) -> ChangeAudit:
    """What of a domain differs from the release before."""
    contracts, now = declared.load_all(), about.readable
    own = [c for c in contracts.values() if c.domain == domain]
    found = [differing(c, about.before.get(c.name, ()), now.get(c.name, ())) for c in own]
    stated = [a for a in acceptances.load(settings.home()) if a.check in changes.RULES]
    return ChangeAudit(
        domain,
        contracts,
        tuple(change for change in found if change),
        tuple(about.before.get(seasons.MATCHES, ())),
        {n: now[n] for n in sorted(seasons.READS) if n in now},
        tuple(a for a in stated if a.dataset in contracts and contracts[a.dataset].domain == domain),
        about.day,
    )


def key(audit: ChangeAudit, revision: int) -> str:
    """The memo key: equal only if both sides of all changes, the contracts and all that is accepted are."""
    declarations = [repr((c.contract.name, c.contract.grain, c.contract.columns, c.rows)) for c in audit.changed]
    matches = [part.sha256 for part in audit.matches]
    rests = [declarations, matches, work.accepted(audit.accepted), audit.parts]
    return documents.digest(["audit.change", revision, work.versions(), audit.domain, *rests])


def judged(store: Store, audit: ChangeAudit, season: str = "") -> list[Judged]:
    """What became of each check of what differs; nothing where nothing does."""
    if not audit.changed:
        return []
    scope = Scope(season, audit.accepted)
    with changes.opened(store, audit.matches, audit.whole if season else {}) as con:
        found = [changes.judge(con, store, change, audit.contracts, scope) for change in audit.changed]
    return [suite for suite in found if suite]
