"""conform: all sources' normalized rows become one row a thing, in entity ids, with origin, names and open questions."""

import hashlib
import importlib.metadata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from fieldhouse import contracts as declared
from fieldhouse import settings, sources
from fieldhouse.contracts import Contract
from fieldhouse.crosswalk import aliases, keeping, linking, matches, unknown_sides, unlinked
from fieldhouse.lake import documents, duck, memo, parts, releases, runs, tables
from fieldhouse.lake.parts import Part
from fieldhouse.lake.runs import Meter, Receipt
from fieldhouse.lake.store import Store
from fieldhouse.sources import Source
from fieldhouse.stages.conform import generated, load, merge, references, remembered

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Raised when a change of this stage's code, or of the crosswalk's, changes what it makes of the same inputs.
REVISION = 2
#: Kinds in the order in which they are linked: each is recognised by what was linked before it.
KINDS = ("competition", "season", "phase", "venue", "team", "person", "match")


@dataclass(frozen=True)
class Parent:
    """What the parent release hands down: the ids it published, and where retired ids lead."""

    number: int = 0
    crosswalk: tuple[Part, ...] = ()
    redirects: tuple[Part, ...] = ()

    @property
    def digest(self) -> list[list[str]]:
        """What of it a result depends on."""
        return [[p.sha256 for p in self.crosswalk], [p.sha256 for p in self.redirects]]


@dataclass(frozen=True)
class Work:
    """What one run's conform works on: per (source, dataset) the normalized parts."""

    sources: tuple[Source, ...]
    contracts: Mapping[str, Contract]
    found: Mapping[tuple[str, str], Sequence[Part]]
    parent: Parent

    @property
    def by_kind(self) -> dict[str, Contract]:
        """The datasets whose rows are entities, by kind."""
        return {c.entity.kind: c for c in self.contracts.values() if c.entity}

    @property
    def key(self) -> str:
        """The memo key: equal only if all that the result rests on is."""
        home = settings.home()
        reviewed = sorted((home / "datasets").glob("*/*.csv"))
        sql = [load.conform_sql(s, c) for s in self.sources for c in self.contracts.values()]
        return documents.digest(
            [
                "conform",
                REVISION,
                [importlib.metadata.version(n) for n in ("duckdb", "pyarrow")],
                [[s.name, s.rank] for s in self.sources],
                [[*key, [p.sha256 for p in items]] for key, items in sorted(self.found.items())],
                [[str(p.relative_to(home)), _hash(p)] for p in (*reviewed, *sql) if p.is_file()],
                [
                    [c.name, repr((c.columns, c.hidden, c.entity, c.order, c.partition))]
                    for c in self.contracts.values()
                ],
                [[c.name, repr(dict(c.precedence)), c.whole, c.agree] for c in self.contracts.values()],
                self.parent.digest,
            ]
        )


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run(store: Store, run_id: str) -> Receipt:
    """Conform what `normalize` left in this run; the receipt's outputs are the normalized datasets and their origins.

    Raises DataError for contradictions in the crosswalk, ConfigurationError for a declaration that does not run.
    """
    meter = Meter()
    work = plan(store, run_id)
    result = memo.find(store, work.key)
    known = result is not None
    if result is None:
        result = build(store, work)
        memo.remember(store, work.key, result)
        # Keeping one's own ids changes nothing: the result is also that of a run on top of its own release.
        memo.remember(store, replace(work, parent=_as_parent(result)).key, result)
    receipt = Receipt(
        run=run_id,
        task="conform",
        attempt=1,
        remembered=known,
        outputs=result.outputs,
        counts=result.counts,
        inputs=(work.key,),
    )
    return runs.leave(store, meter.stamp(receipt))


def plan(store: Store, run_id: str) -> Work:
    """What a run's conform works on, from the run's inputs and the receipts of normalize."""
    inputs = runs.read_inputs(store, run_id)
    made = {source: runs.receipt(store, run_id, f"normalize.{source}").outputs for source in inputs.sources}
    return work_on(store, inputs.sources, by_dataset(made), inputs.parent)


def by_dataset(made: Mapping[str, Sequence[Part]]) -> dict[tuple[str, str], list[Part]]:
    """What `normalize` made per source, as conform takes it: per source and dataset."""
    found: dict[tuple[str, str], list[Part]] = defaultdict(list)
    for source, made_parts in made.items():
        for part in made_parts:
            found[source, part.dataset.removeprefix(f"{source}/")].append(part)
    return found


def work_on(
    store: Store, names: Mapping[str, object], found: Mapping[tuple[str, str], Sequence[Part]], parent: int
) -> Work:
    """The work for these sources and normalized parts on top of the release `parent` (0: none)."""
    ranked = tuple(s for n, s in sources.load_all().items() if n in names)
    normalized = {n: c for n, c in declared.load_all().items() if c.layer == "normalized"}
    return Work(ranked, normalized, found, _parent(store, parent))


def _parent(store: Store, number: int) -> Parent:
    if not number:
        return Parent()
    tables_ = releases.read(store, number).datasets
    parts_of = {n: t.parts for n, t in tables_.items()}
    return Parent(number, parts_of.get("core.crosswalk", ()), parts_of.get("core.redirect", ()))


def _as_parent(result: memo.Result) -> Parent:
    by_name = {n: tuple(p for p in result.outputs if p.dataset == n) for n in ("core.crosswalk", "core.redirect")}
    return Parent(0, by_name["core.crosswalk"], by_name["core.redirect"])


def build(store: Store, work: Work) -> memo.Result:
    """Do the work: link kind by kind; resolve, merge and write each dataset whose rows or links changed."""
    con = duck.connect()
    try:
        _load(con, store, work)
        _link(con, work)
        outputs = _conformed(con, store, work)
        for dataset, query in generated.queries(work.contracts).items():
            outputs.extend(tables.write(store, con, work.contracts[dataset], query))
    finally:
        con.close()
    counts: Counter[str] = Counter()
    for part in outputs:
        counts[part.dataset] += part.rows
    return memo.Result(tuple(outputs), dict(counts))


def _load(con: "DuckDBPyConnection", store: Store, work: Work) -> None:
    """Make the session's lists, and the claims of everything that is linked."""
    for statement in (linking.LINK, unlinked.UNLINKED, merge.DISAGREEMENT):
        con.execute(statement)
    keeping.load_parent(con, store, work.parent.crosswalk, work.parent.redirects)
    generated.load_lists(con, store, work.found)
    for source in work.sources:
        load.load_own(con, store, work.contracts, source, work.found)
    for contract in work.by_kind.values():
        load.load(con, store, contract, work.sources, work.found)


def _link(con: "DuckDBPyConnection", work: Work) -> None:
    """Fill `link` kind by kind: which source id stands for which entity; and list what stayed alone."""
    reviewed = aliases.read(settings.home())
    for kind in KINDS:
        contract = work.by_kind[kind]
        references.resolve(con, contract, work.contracts)
        if kind == "match":
            references.refuse_self_matches(con)
            matches.link_matches(con, contract)
        else:
            linking.link_by_keys(con, contract, reviewed.get(kind, ()))
        keeping.keep_ids(con, kind, work.parent.number + 1)
    unlinked.list_entities(con, work.by_kind["team"])
    unlinked.list_conflicts(con)
    unlinked.list_without_ids(con, work.by_kind["person"])
    unknown_sides.find(con)
    unknown_sides.list_teams(con)
    unlinked.list_matches(con)


def _conformed(con: "DuckDBPyConnection", store: Store, work: Work) -> list[Part]:
    """The parts of all datasets that sources and reviewed rows fill, of which those that did not change are remembered."""
    links = remembered.digests(con)
    fed = [c for c in work.contracts.values() if c.filled_by == "sources"]
    keys = {c.name: remembered.key(c, work.contracts, work.sources, work.found, links, REVISION) for c in fed}
    made: dict[str, list[Part]] = {}
    for contract in fed:
        result = memo.find(store, keys[contract.name])
        if result is not None:
            made[contract.name] = remembered.restore(con, store, result.outputs)
    for contract in work.contracts.values():
        if contract.filled_by == "reviewed":
            load.load_reviewed(con, contract)
            references.resolve(con, contract, work.contracts)
        elif contract.filled_by == "sources" and not contract.entity and contract.name not in made:
            load.load(con, store, contract, work.sources, work.found)
            references.resolve(con, contract, work.contracts)
    own = {c.name: remembered.said(con, store, c.name, "unlinked") for c in fed if c.name not in made and not c.entity}
    unlinked.near_people(con, work.by_kind["person"])
    for kind, contract in work.by_kind.items():
        if contract.name not in made or kind in generated.NAMED:
            references.own_ids(con, contract)

    def write_one(contract: Contract) -> list[Part]:
        if contract.name in made:
            return made[contract.name]
        with con.cursor() as cursor:  # a cursor's temporary tables are its own
            written = _write(cursor, store, contract)
            if contract.name in keys:
                said = [*own.get(contract.name, ()), *remembered.said(cursor, store, contract.name, "disagreement")]
                memo.remember(store, keys[contract.name], memo.Result((*written, *said)))
            return written

    with ThreadPoolExecutor(max_workers=settings.threads()) as pool:
        return [part for found in pool.map(write_one, work.contracts.values()) for part in found]


def _write(con: "DuckDBPyConnection", store: Store, contract: Contract) -> list[Part]:
    if contract.filled_by == "reviewed":
        return tables.write(store, con, contract, f'SELECT * FROM claims."{contract.name}"')
    if contract.filled_by != "sources":
        return []
    merge.merge(con, contract)
    merged = tables.write(store, con, contract, "SELECT * FROM merged")
    origin = con.sql(merge.origin_query(contract)).to_arrow_table()
    return [*merged, parts.write(store, f"{contract.name}.origin", origin)] if merged else []
