"""Turning source ids into entity ids: every column with `references`, through the links of its kind."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fieldhouse.contracts import Column, Contract
from fieldhouse.errors import DataError
from fieldhouse.lake.duck import name, text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


#: Why a reference is listed in `unlinked`.
DANGLING = "named, but no record describes it"


def kind_of(column: Column, contracts: Mapping[str, Contract]) -> str:
    """The kind of entity whose ids the column holds."""
    entity = contracts[column.references].entity
    return entity.kind if entity else ""


def resolve(con: "DuckDBPyConnection", contract: Contract, contracts: Mapping[str, Contract]) -> None:
    """Replace source ids by entity ids in all columns of claims."<dataset>" that have `references`.

    A reference that nothing describes becomes null where the column may be null, or is an element of a list; else the row
    cannot stand and is left out. Either is listed in `unlinked`.
    """
    kinds = {c.name: kind_of(c, contracts) for c in (*contract.columns, *contract.hidden) if c.references}
    if not kinds:
        return
    joins, replaced, required = [], [], []
    for number, (column, kind) in enumerate(kinds.items()):
        _list_dangling(con, contract, column, kind)
        if _is_list(contract, column):
            joins.append(_resolve_list(con, contract, column, kind, f"l{number}"))
            replaced.append(
                f"CASE WHEN c.{name(column)} IS NOT NULL THEN coalesce(l{number}.ids, []) END AS {name(column)}"
            )
            continue
        source, local = _reference(contract, column)
        link = f"l{number}"
        joins.append(
            f"LEFT JOIN link AS {link}  -- one link a claim\n"
            f"ON {link}.kind = {text(kind)} AND {link}.source = {source} AND {link}.local_id = {local}"
        )
        replaced.append(f"{link}.entity_id AS {name(column)}")
        if not contract.column(column).null:
            required.append(f"{link}.entity_id IS NOT NULL")
    where = f"WHERE {' AND '.join(required)}" if required else ""
    con.execute(
        f"""
        CREATE OR REPLACE TABLE claims."{contract.name}" AS
        SELECT c.* REPLACE ({", ".join(replaced)}) FROM claims."{contract.name}" AS c {" ".join(joins)} {where}
        """
    )


def _is_list(contract: Contract, column: str) -> bool:
    return contract.column(column).type == "list<string>"


def _resolve_list(con: "DuckDBPyConnection", contract: Contract, column: str, kind: str, alias: str) -> str:
    """Make a table of the column's lists in entity ids, in their order; the join that finds a row's list in it."""
    source, local = _reference(contract, column)
    own = name(column)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE {alias}_lists AS
        SELECT c._row, list(l.entity_id ORDER BY c._place) AS ids
        FROM (
          SELECT _source, rowid AS _row, generate_subscripts({own}, 1) AS _place, unnest({own}) AS {own}
          FROM claims."{contract.name}"
        ) AS c
        LEFT JOIN link AS l ON l.kind = {text(kind)} AND l.source = {source} AND l.local_id = {local}  -- one link a claim
        GROUP BY c._row
        """
    )
    return f"LEFT JOIN {alias}_lists AS {alias} ON {alias}._row = c.rowid  -- one list a row\n"


def own_ids(con: "DuckDBPyConnection", contract: Contract) -> None:
    """Replace an entity dataset's own source ids in claims."<dataset>" by entity ids."""
    own, kind = name(contract.grain[0]), contract.entity.kind if contract.entity else ""
    con.execute(
        f"""
        CREATE OR REPLACE TABLE claims."{contract.name}" AS
        SELECT c.* REPLACE (l.entity_id AS {own})
        FROM claims."{contract.name}" AS c
        JOIN link AS l ON l.kind = {text(kind)} AND l.source = c._source AND l.local_id = c.{own}  -- one link a claim
        """
    )


def _reference(contract: Contract, column: str) -> tuple[str, str]:
    """SQL for the source and the local id that a reference names; reviewed rows name both: `openfootball:Arsenal FC`."""
    if contract.filled_by == "reviewed":
        value = f"c.{name(column)}"
        return f"split_part({value}, ':', 1)", f"substr({value}, instr({value}, ':') + 1)"
    return "c._source", f"c.{name(column)}"


def _list_dangling(con: "DuckDBPyConnection", contract: Contract, column: str, kind: str) -> None:
    source, local = _reference(contract, column)
    one = f"unnest({name(column)}) AS {name(column)}" if _is_list(contract, column) else name(column)
    con.execute(
        f"""
        INSERT INTO unlinked
        SELECT DISTINCT {text(kind)}, {source}, {local}, '', NULL, {text(DANGLING)},
               {text(f"{contract.name}.{column}")}
        FROM (SELECT _source, {one} FROM claims."{contract.name}") AS c
        ANTI JOIN link AS l ON l.kind = {text(kind)} AND l.source = {source} AND l.local_id = {local}
        WHERE c.{name(column)} IS NOT NULL
        """
    )


def refuse_self_matches(con: "DuckDBPyConnection") -> None:
    """A match whose two sides are one team is a contradiction in the links; DataError names the spellings."""
    rows = con.execute(
        """
        SELECT m._source, m.match_id, m.date, l.local_ids
        FROM claims."core.match" AS m
        JOIN (SELECT entity_id, source, string_agg(local_id, '", "' ORDER BY local_id) AS local_ids
              FROM link WHERE kind = 'team' GROUP BY ALL) AS l  -- one row a team and source
          ON l.entity_id = m._home AND l.source = m._source
        WHERE m._home = m._away ORDER BY ALL LIMIT 5
        """
    ).fetchall()
    if rows:
        shown = "; ".join(f'{source}, {match} on {date}: "{names}"' for source, match, date, names in rows)
        raise DataError(
            f"teams that meet each other are linked as one: {shown}",
            hint="one of the links is wrong: look the names up in core.crosswalk and mend datasets/crosswalk/team.csv",
        )
