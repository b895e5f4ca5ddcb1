"""Linking claims of one kind: equal keys within a scope and reviewed aliases make edges, components make entities.

All functions work on a DuckDB session that has, per dataset, a table claims."<dataset>" with the columns of its
contract, its hidden columns, `_source` and `_rank`. They fill the table

    link (kind, source, local_id, source_id, entity_id, method, evidence)

where `local_id` is what the source's rows hold, and `source_id` what is published in the crosswalk.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fieldhouse.contracts import Contract, Entity
from fieldhouse.crosswalk import ids
from fieldhouse.crosswalk.aliases import Alias
from fieldhouse.crosswalk.components import components
from fieldhouse.errors import InternalError
from fieldhouse.lake import duck
from fieldhouse.lake.duck import name, text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LINK = """
CREATE TABLE link (kind VARCHAR, source VARCHAR, local_id VARCHAR, source_id VARCHAR, entity_id VARCHAR,
                   method VARCHAR, evidence VARCHAR)
"""
Claim = tuple[str, str]


def entity_of(contract: Contract) -> Entity:
    """The entity declaration of a dataset that mints ids."""
    if contract.entity is None:
        raise InternalError(f"{contract.name} declares no entity")
    return contract.entity


def claims_table(contract: Contract) -> str:
    """The table that holds all sources' claims of a dataset."""
    return f'claims."{contract.name}"'


def link_by_keys(con: "DuckDBPyConnection", contract: Contract, aliases: Sequence[Alias]) -> dict[Claim, Claim]:
    """Link the claims of an entity dataset by its declared keys and the reviewed aliases, and fill `link`.

    The result says, of claims, of names that only aliases know, and of keys as they stand in the crosswalk's evidence
    (under the source ""), which claim their entity is minted from: names that are gone can be looked up in it.
    """
    entity, own = entity_of(contract), contract.grain[0]
    nodes: list[Claim] = con.execute(
        f"SELECT _source, {name(own)} FROM {claims_table(contract)} GROUP BY _source, {name(own)}, _rank ORDER BY _rank, 2"
    ).fetchall()
    shared = _shared_keys(con, contract, entity, own)
    named: list[tuple[Claim, Claim]] = [((a.source, a.source_id), (a.same_as_source, a.same_as_id)) for a in aliases]
    known = set(nodes)
    virtual = dict.fromkeys(node for edge in named for node in edge if node not in known)
    keyed: list[tuple[Claim, Claim]] = [(claim, ("", key)) for claim, key in shared]
    keys = dict.fromkeys(key for _, key in keyed)
    roots = components([*nodes, *virtual, *keys], [*keyed, *named])
    said = {(a.source, a.source_id): a for a in aliases}
    key_of = dict(shared)
    rows = [
        (entity.kind, *claim, claim[1], ids.mint(entity.kind, *roots[claim]), *_why(claim, roots[claim], said, key_of))
        for claim in nodes
    ]
    duck.insert(con, "link", rows)
    return {(node[0], node[1] if node[0] else _shown(node[1])): root for node, root in roots.items() if root in known}


def _shared_keys(con: "DuckDBPyConnection", contract: Contract, entity: Entity, own: str) -> list[tuple[Claim, str]]:
    found: list[tuple[Claim, str]] = []
    for number, key in enumerate(entity.keys):
        columns = ", ".join(f"{name(c)}::VARCHAR" for c in key)
        present = " AND ".join(f"{name(c)} IS NOT NULL" for c in key)
        label = text(f"{number}:")
        rows = con.execute(
            f"""
            SELECT DISTINCT _source, {name(own)}, {label} || concat_ws(' | ', {columns})
            FROM {claims_table(contract)} WHERE {present} ORDER BY ALL
            """
        ).fetchall()
        found.extend(((source, local), value) for source, local, value in rows)
    return found


def _why(claim: Claim, root: Claim, said: dict[Claim, Alias], key_of: dict[Claim, str]) -> tuple[str, str]:
    key = _shown(key_of[claim]) if claim in key_of else ""
    if claim == root:
        return "own", key
    if claim in said:
        return "alias", said[claim].evidence
    return "key", key or "named by another alias"


def _shown(key: str) -> str:
    """A key without its number, as evidence shows it."""
    return key.split(":", 1)[1].strip(" |")
