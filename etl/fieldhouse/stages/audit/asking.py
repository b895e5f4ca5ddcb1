"""The audit as a question: of a run or any release, of some datasets, of a season. Nothing is written to the lake."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fieldhouse import contracts as declared
from fieldhouse.contracts import Contract
from fieldhouse.errors import NotFound, StorageError
from fieldhouse.lake import documents, releases, runs
from fieldhouse.lake.store import Store
from fieldhouse.stages.audit import changing, reconciling, session, work
from fieldhouse.stages.audit.basis import Basis

Document = dict[str, object]


@dataclass(frozen=True)
class Asked:
    """What is asked for: domains and datasets (empty: all), and a season (empty: all)."""

    datasets: tuple[str, ...] = ()
    season: str = ""

    def of(self, domain: str, dataset: str) -> bool:
        """Whether a dataset of a domain is asked for."""
        return not self.datasets or bool({domain, dataset} & set(self.datasets))


def ask(store: Store, about: Basis, asked: Asked) -> list[Document]:
    """Make the checks now; the documents of verdicts, domain by domain, as the audit stores them.

    `asked.datasets` are names of datasets or of domains; NotFound for one, or a season, that nothing has.
    """
    contracts = declared.load_all()
    _refuse_unknown(asked.datasets, contracts)
    if asked.season:
        _refuse_unknown_season(store, about, asked.season)
    found = []
    for domain in sorted({c.domain for c in contracts.values()}):
        wanted = {n: asked.of(domain, n) for n in contracts}
        for on in (work.work_on, changing.work_on, reconciling.work_on):
            audit = on(domain, about).only(wanted)
            if audit.due:
                data = audit.document(audit.judged(store, asked.season))
                found.append(documents.parse(data, "verdicts"))
    return found


def _refuse_unknown(names: Sequence[str], contracts: Mapping[str, Contract]) -> None:
    known = {*contracts, *(c.domain for c in contracts.values())}
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, sorted(known), n=1)
            raise NotFound(f"there is no dataset {name!r}" + (f"; the nearest is {near[0]!r}" if near else ""))


def _refuse_unknown_season(store: Store, about: Basis, season: str) -> None:
    own = [part for part in about.made if part.dataset == "core.season"]
    with session.opened(store, ["core.season"], {"core.season": own}, declared.load_all()) as con:
        labels = [label for (label,) in con.execute("SELECT DISTINCT label FROM core.season ORDER BY 1").fetchall()]
    if season not in labels:
        near = difflib.get_close_matches(season, labels, n=1)
        raise NotFound(f"{about.name} has no season {season!r}" + (f"; the nearest is {near[0]!r}" if near else ""))


def of_release(store: Store, number: int | None = None) -> tuple[str, list[Document]]:
    """How a release is told, and the documents of verdicts that it was published with."""
    release = releases.read(store, number)
    return f"release {release.number}", _read(store, release.verdicts)


def of_run(store: Store, run: str) -> tuple[str, list[Document]]:
    """How a run is told, and the documents of verdicts that its audits left, also where they refused."""
    runs.read_inputs(store, run)
    domains = sorted({c.domain for c in declared.load_all().values()})
    receipts = [found[-1] for domain in domains if (found := runs.receipts(store, run, f"audit.{domain}"))]
    if not receipts:
        raise NotFound(
            f"the run {run!r} has not been audited", hint=f"`fieldhouse quality run --run {run}` does it now"
        )
    return f"run {run}", _read(store, {name for receipt in receipts for name in documents.named(receipt.notes)})


def folder(document: Document) -> str:
    """A name for the pages of a document: its domain, and what it is about beside the tables themselves."""
    return "-".join(str(document[key]) for key in ("domain", "about") if key in document)


def _read(store: Store, names: set[str]) -> list[Document]:
    found = []
    for name in names:
        data = store.find(name)
        if data is None:
            raise StorageError(f"{name} is gone", hint="`fieldhouse lake verify` lists all damage")
        found.append(documents.parse(data, name))
    return sorted(found, key=lambda document: (str(document["domain"]), "about" in document))
