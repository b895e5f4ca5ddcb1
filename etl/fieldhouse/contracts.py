"""What tables promise: one TOML file a dataset under datasets/<domain>/, read into Contract and Column.

From a contract are derived, never written twice: the Arrow schema, the checks that it implies, the dictionary page.
This module imports nothing heavy: DAG files and the command line's help read contracts, too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from fieldhouse import declared, settings
from fieldhouse.errors import ConfigurationError

TYPES = (
    "string",
    "bool",
    "int16",
    "int32",
    "int64",
    "float64",
    "date",
    "timestamp",  # an instant, UTC, microseconds
    "list<string>",
)
LAYERS = ("normalized", "denormalized")
#: What fills a normalized dataset: mappings of sources, a reviewed CSV beside the contract, or the conform stage.
FILLS = ("sources", "reviewed", "conform")
#: A helper that SQL of wide datasets may use beside datasets: which sources know a match.
MATCH_SOURCE = "core.match_source"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_READS = re.compile(r"\b(?:from|join)\s+([a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """One column's promise. `references` names the dataset whose entity ids the column (or its list) holds.

    `weak`: values that give way to any other value that some source has, whatever its precedence. `given`: columns that a
    claim must agree in with what is published, or its value of this column does not count.
    """

    name: str
    type: str
    doc: str
    unit: str = ""
    null: bool = False
    references: str = ""
    range: tuple[float, float] | None = None
    values: tuple[str, ...] = ()
    pattern: str = ""
    pii: bool = False
    weak: tuple[str, ...] = ()
    given: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entity:
    """How rows of an entity dataset are recognised as the same thing by several records and sources.

    `ids`: columns with ids that several sources state, the most trusted first. `keys`: tuples of columns whose equality
    links two claims. `near`: tuples of columns whose equality makes two claims near misses. `source_key`: columns that make
    up the source id where the source has none of its own; `occurrence`: columns that tell apart what shares a source key.
    """

    kind: str
    ids: tuple[str, ...] = ()
    keys: tuple[tuple[str, ...], ...] = ()
    near: tuple[tuple[str, ...], ...] = ()
    scope: tuple[str, ...] = ()
    source_key: tuple[str, ...] = ()
    occurrence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Copy:
    """A serving copy: the same rows in another order, cut fine, for those who filter by its first columns.

    `columns`: those that it holds, always the dataset's sort and grain among them; all where none are named.
    """

    name: str
    doc: str
    sort: tuple[str, ...]
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contract:
    """What one dataset promises: its grain (the columns that identify a row), order, columns and meaning.

    `indexes`: columns by which a warehouse finds rows, beside the grain.
    """

    name: str
    title: str
    doc: str
    layer: str
    version: str
    grain: tuple[str, ...]
    sort: tuple[str, ...]
    columns: tuple[Column, ...]
    partition: str = ""
    filled_by: str = "sources"
    licence: str = ""
    precedence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    whole: tuple[str, ...] = ()
    agree: tuple[str, ...] = ()
    entity: Entity | None = None
    hidden: tuple[Column, ...] = ()
    copies: tuple[Copy, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    path: Path = Path()

    @property
    def domain(self) -> str:
        """The part of the name before the dot: `football` of `football.goal`."""
        return self.name.split(".")[0]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(c.name for c in self.columns)

    @property
    def order(self) -> tuple[str, ...]:
        """The total order of a part's rows: the declared sort, completed by the grain."""
        return tuple(dict.fromkeys((*self.sort, *self.grain)))

    def column(self, name: str) -> Column:
        """The column called `name`."""
        return next(c for c in (*self.columns, *self.hidden) if c.name == name)

    @property
    def sql_path(self) -> Path:
        """Where the SQL of a denormalized dataset stands: beside its contract."""
        return self.path.with_suffix(".sql")

    @property
    def made_of(self) -> set[str]:
        """The datasets whose rows the SQL of a denormalized dataset sees."""
        named = reads(self.sql_path.read_text(encoding="utf-8"))
        return {"core.match" if name == MATCH_SOURCE else name for name in named}


def reads(sql: str) -> set[str]:
    """What an SQL text reads, by FROM and JOIN: datasets, and MATCH_SOURCE; comments do not count."""
    bare = re.sub(r"--[^\n]*", "", sql)
    return {match.lower() for match in _READS.findall(bare)}


def _column(name: str, table: declared.Table) -> Column:
    if not _NAME.fullmatch(name.lstrip("_")):
        raise ConfigurationError(f"{table.where}: column names are lower case words joined by _")
    bounds = table.take("range", list, None)
    if bounds is not None and (len(bounds) != 2 or not all(isinstance(b, int | float) for b in bounds)):
        raise ConfigurationError(f"{table.where}: range is {bounds!r}; two numbers [lowest, highest] are expected")
    column = Column(
        name=name,
        type=table.choice("type", TYPES),
        doc=table.take("doc", str, ""),
        unit=table.take("unit", str, ""),
        null=table.take("null", bool, False),
        references=table.take("references", str, ""),
        range=(bounds[0], bounds[1]) if bounds else None,
        values=table.texts("values", ()),
        pattern=table.take("pattern", str, ""),
        pii=table.take("pii", bool, False),
        weak=table.texts("weak", ()),
        given=table.texts("given", ()),
    )
    table.close()
    return column


def _entity(table: declared.Table) -> Entity | None:
    if not table.names():
        return None
    keys, near = table.take("keys", list, []), table.take("near", list, [])
    entity = Entity(
        kind=table.take("kind", str),
        ids=table.texts("ids", ()),
        keys=tuple(tuple(key) for key in keys),
        near=tuple(tuple(key) for key in near),
        scope=table.texts("scope", ()),
        source_key=table.texts("source_key", ()),
        occurrence=table.texts("occurrence", ()),
    )
    table.close()
    return entity


def _copy(name: str, table: declared.Table) -> Copy:
    if not _NAME.fullmatch(name) or name == "origin":
        raise ConfigurationError(
            f"{table.where}: copies are named by lower case words joined by _, and origin is taken"
        )
    copy = Copy(name=name, doc=table.take("doc", str), sort=table.texts("sort"), columns=table.texts("columns", ()))
    table.close()
    return copy


def _check_copy(contract: Contract, copy: Copy) -> None:
    where = f"{contract.path} [copies.{copy.name}]"
    for name in (*copy.sort, *copy.columns):
        if name not in contract.names:
            raise ConfigurationError(f"{where}: the column {name!r} is named but not declared")
    for name in copy.sort:
        if contract.column(name).type == "list<string>":
            raise ConfigurationError(f"{where}: sorted by {name}, which holds lists: nobody filters by its order")
    missing = [name for name in (*copy.sort, *contract.order) if copy.columns and name not in copy.columns]
    if missing:
        raise ConfigurationError(
            f"{where}: lacks {', '.join(missing)}: a copy holds what it and its dataset are sorted by"
        )


def _check(contract: Contract) -> Contract:
    where = contract.path
    known = {c.name for c in (*contract.columns, *contract.hidden)}
    entity = contract.entity or Entity("")
    used = (*contract.order, *contract.whole, *contract.agree, *entity.source_key, *entity.occurrence, *entity.scope)
    equal = (*entity.ids, *(n for key in (*entity.keys, *entity.near) for n in key))
    given = (n for c in contract.columns for n in c.given)
    for name in (*used, *equal, *given, *(n for n in contract.precedence if n != "*")):
        if name not in known:
            raise ConfigurationError(f"{where}: the column {name!r} is named but not declared")
    for column in contract.columns:
        if not column.doc:
            raise ConfigurationError(f"{where}: the column {column.name} has no doc")
    for name in contract.grain:
        if contract.column(name).null:
            raise ConfigurationError(f"{where}: {name} belongs to the grain, so it cannot be null")
    for copy in contract.copies:
        _check_copy(contract, copy)
    for index in contract.indexes:
        for name in index:
            if name not in contract.names or contract.column(name).type == "list<string>":
                raise ConfigurationError(f"{where}: indexes name {name!r}, which is no column with single values")
        if index == contract.grain[: len(index)]:
            raise ConfigurationError(f"{where}: the grain begins with {', '.join(index)}: it is an index already")
    if not re.fullmatch(r"\d+\.\d+\.\d+", contract.version):
        raise ConfigurationError(f"{where}: version is {contract.version!r}; major.minor.patch is expected")
    return contract


def read(path: Path) -> Contract:
    """The contract in the file `path`; ConfigurationError names the file and what is wrong."""
    table = declared.read(path)
    contract = Contract(
        name=f"{path.parent.name}.{path.stem}",
        title=table.take("title", str),
        doc=table.take("doc", str),
        layer=table.choice("layer", LAYERS),
        version=table.take("version", str),
        grain=table.texts("grain"),
        sort=table.texts("sort", ()),
        partition=table.take("partition", str, ""),
        filled_by=table.choice("filled_by", FILLS, "sources"),
        licence=table.take("licence", str, ""),
        precedence={
            name: _texts(path, name, value) for name, value in table.table("precedence", optional=True).rest().items()
        },
        whole=table.texts("whole", ()),
        agree=table.texts("agree", ()),
        entity=_entity(table.table("entity", optional=True)),
        columns=tuple(_column(name, t) for name, t in table.tables("columns").items()),
        hidden=tuple(_column(name, t) for name, t in table.tables("hidden", optional=True).items()),
        copies=tuple(_copy(name, t) for name, t in table.tables("copies", optional=True).items()),
        indexes=_indexes(table),
        path=path,
    )
    table.close()
    return _check(contract)


def _indexes(table: declared.Table) -> tuple[tuple[str, ...], ...]:
    """Indexes as a list of lists of columns: [["season_id"], ["team_id", "date"]]."""
    found = table.take("indexes", list, [])
    if not all(isinstance(index, list) and index and all(isinstance(n, str) for n in index) for index in found):
        raise ConfigurationError(f"{table.where}: indexes is {found!r}; a list of lists of columns is expected")
    return tuple(tuple(index) for index in found)


def _texts(path: Path, name: str, value: object) -> tuple[str, ...]:
    return declared.Table({name: value}, f"{path} [precedence]").texts(name)


@cache
def load_all(home: Path | None = None) -> dict[str, Contract]:
    """All contracts under `<home>/datasets`, by name and in the order of names.

    Raises ConfigurationError where a file is wrong or a reference names no entity dataset.
    """
    folder = (home or settings.home()) / "datasets"
    found = [read(path) for path in sorted(folder.glob("*/*.toml"))]
    contracts = {contract.name: contract for contract in sorted(found, key=lambda c: c.name)}
    for contract in contracts.values():
        for column in (*contract.columns, *contract.hidden):
            target = contracts.get(column.references) if column.references else None
            if column.references and (target is None or len(target.grain) != 1):
                raise ConfigurationError(
                    f"{contract.path}: {column.name} references {column.references!r}, which is no dataset of entities"
                )
    return contracts
