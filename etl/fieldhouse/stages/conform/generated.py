"""Datasets that conform itself makes: names, crosswalk, what is unlinked, disagreements, corrections, redirects, accounts."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from fieldhouse.contracts import Contract
from fieldhouse.lake import duck
from fieldhouse.lake.duck import name, text
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Kinds whose names are published.
NAMED = ("team", "person", "competition", "venue")


def name_query(contracts: Mapping[str, Contract]) -> str:
    """Every name by which any source knows a team, person, competition or venue, exactly as written there."""
    selects = []
    for contract in contracts.values():
        if contract.entity and contract.entity.kind in NAMED:
            said = "coalesce(_name, name)" if any(c.name == "_name" for c in contract.hidden) else "name"
            selects.append(
                f"SELECT {text(contract.entity.kind)} AS kind, {name(contract.grain[0])} AS entity_id, "
                f'_source AS source, {said} AS name FROM claims."{contract.name}"'
            )
    return f"SELECT DISTINCT * FROM ({' UNION ALL '.join(selects)}) WHERE name IS NOT NULL"


def queries(contracts: Mapping[str, Contract]) -> dict[str, str]:
    """SQL per generated dataset over the session's tables."""
    return {
        "core.name": name_query(contracts),
        "core.crosswalk": "SELECT DISTINCT kind, source, source_id, entity_id, method, evidence FROM link",
        "core.unlinked": """
            SELECT kind, source, source_id, candidate_id, min(entity_id) AS entity_id, min(reason) AS reason,
                   min(evidence) AS evidence
            FROM unlinked GROUP BY kind, source, source_id, candidate_id
        """,
        "core.disagreement": "SELECT * FROM disagreement",
        "core.correction": """
            SELECT source, min(rule) AS rule, object, record, min(key) AS key, min(field) AS field, min(was) AS was,
                   min(becomes) AS becomes, min(action) AS action, min(reason) AS reason
            FROM corrections GROUP BY source, rule, object, record
        """,
        "core.account": "SELECT * FROM accounts",
        "core.redirect": """
            SELECT kind, old_id, max_by(new_id, since_release) AS new_id, max(since_release) AS since_release
            FROM redirect GROUP BY kind, old_id
        """,
    }


def load_lists(con: "DuckDBPyConnection", store: Store, found: Mapping[tuple[str, str], Sequence[Part]]) -> None:
    """Make the tables `corrections` and `accounts` of all sources' parts."""
    for table, dataset, empty in (
        ("corrections", "core.correction", "source, rule, object, record, key, field, was, becomes, action, reason"),
        ("accounts", "core.account", "source, feed, key, object, records, outcome, rule, count"),
    ):
        own = [part for (_, name_), items in found.items() if name_ == dataset for part in items]
        nothing = ", ".join(f"NULL::VARCHAR AS {name(c.strip())}" for c in empty.split(","))
        body = f"SELECT * FROM read_parquet({duck.files(store, own)})" if own else f"SELECT {nothing} WHERE false"
        con.execute(f"CREATE TABLE {table} AS {body}")
