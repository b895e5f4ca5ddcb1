"""The audit of a domain against the release before: what there is to compare, judged once and remembered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

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
    def due(self) -> bool:
        """Whether anything differs."""
        return bool(self.changed)

    def key(self, revision: int) -> str:
        """The memo key: equal only if both sides of all changes, the contracts and all that is accepted are."""
        declarations = [repr((c.contract.name, c.contract.grain, c.contract.columns, c.rows)) for c in self.changed]
        matches = [part.sha256 for part in self.matches]
        accepted = work.accepted(acceptances.active(self.stated, self.day))
        rests = [declarations, matches, accepted, self.parts]
        return documents.digest(["audit.change", revision, work.versions(), self.domain, *rests])

    def only(self, datasets: Mapping[str, bool]) -> "ChangeAudit":
        """The audit of those datasets alone that are asked for."""
        return replace(self, changed=tuple(c for c in self.changed if datasets[c.contract.name]))

    def document(self, found: list[Judged]) -> bytes:
        """What became of the checks, as it is stored."""
        return verdicts.document(self.domain, found, self.parts, "change")

    def judged(self, store: Store, season: str = "") -> list[Judged]:
        """What became of each check of what differs; no suite for a dataset whose keys cannot be compared."""
        scope = Scope(season, acceptances.active(self.stated, self.day))
        with changes.opened(store, self.matches, self.whole if season else {}) as con:
            found = [changes.judge(con, store, change, self.contracts, scope) for change in self.changed]
        return [suite for suite in found if suite]


def work_on(domain: str, about: Basis) -> ChangeAudit:
    """What of a domain differs from the release before."""
    contracts, now = declared.load_all(), about.readable
    own = [c for c in contracts.values() if c.domain == domain]
    found = [differing(c, about.before.get(c.name, ()), now.get(c.name, ())) for c in own]
    stated = acceptances.of_rules(acceptances.load(settings.home()), changes.RULES, domain, contracts)
    return ChangeAudit(
        domain,
        contracts,
        tuple(change for change in found if change),
        tuple(about.before.get(seasons.MATCHES, ())),
        {n: now[n] for n in sorted(seasons.READS) if n in now},
        stated,
        about.day,
    )
