"""What a release's audits found, check by check, from the documents that the release names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fieldhouse.consume.opened import Opened
from fieldhouse.lake import documents

#: Rows of a failed check that a page shows; the document has more.
SHOWN = 10
#: What can become of a check, the worst first.
STATES = ("error", "failed", "warning", "accepted", "passed")
Document = Mapping[str, object]


@dataclass(frozen=True)
class Check:
    """One check and what became of it (one of STATES).

    `wrong`: how many rows are; `heads` and `rows`: the first of them, as texts; `trace`: commands that lead to raw records.
    `reasons`: why failures are accepted, by whom and until when, or why the check could not be run.
    """

    dataset: str
    column: str
    rule: str
    doc: str
    severity: str
    state: str
    wrong: int = 0
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
    trace: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The dataset, and the column where it is about one."""
        return f"{self.dataset}.{self.column}" if self.column else self.dataset


def checks(opened: Opened) -> tuple[Check, ...]:
    """All checks of a release by dataset, those that did not pass first; where a document is lost, only those are left."""
    notes = [
        note
        for audit in opened.release.audit.values()
        for note in _listed(_mapping(audit).get("notes"))
        if "rule" in note and "dataset" in note
    ]
    by_key = {_key(note): note for note in notes}
    documented = {_key(_meta(result)): _check(result, by_key, opened) for result in _results(opened)}
    found = [*documented.values(), *(_noted(note) for note in notes if _key(note) not in documented)]
    return tuple(sorted(found, key=lambda c: (c.dataset, STATES.index(c.state), c.column, c.rule, c.doc)))


def counts(found: Iterable[Check]) -> dict[str, int]:
    """How many checks there are in each state that any is in, the worst first."""
    states = [check.state for check in found]
    return {state: states.count(state) for state in STATES if state in states}


def _results(opened: Opened) -> Iterable[Document]:
    """The results in the documents that a release names, as Great Expectations writes them."""
    for path in sorted(opened.release.verdicts):
        data = opened.store.find(path)
        for suite in _listed(documents.parse(data, path).get("results")) if data else ():
            yield from _listed(suite.get("results"))


def _meta(result: Document) -> Document:
    return _mapping(_mapping(result.get("expectation_config")).get("meta"))


def _key(told: Document) -> tuple[str, str, str]:
    """What tells a check from all others, in the meta data of a result and in a note."""
    dataset, rule, column = (str(told.get(name) or "") for name in ("dataset", "rule", "column"))
    return dataset, rule, column


def _check(result: Document, notes: Mapping[tuple[str, str, str], Document], opened: Opened) -> Check:
    config = _mapping(result.get("expectation_config"))
    dataset, rule, column = _key(_meta(result))
    note = notes.get((dataset, rule, column), {})
    severity = str(config.get("severity", ""))
    heads, rows = _wrong_rows(_mapping(result.get("result")), _places(opened, dataset))
    return Check(
        dataset=dataset,
        column=column,
        rule=rule,
        doc=str(config.get("description", "")),
        severity=severity,
        state="passed" if result.get("success") else _state({"severity": severity, **note}),
        wrong=_count(note.get("unexpected")),
        heads=heads,
        rows=rows,
        trace=tuple(map(str, _sequence(_mapping(result.get("meta")).get("trace")))),
        reasons=_reasons(note),
    )


def _noted(note: Document) -> Check:
    return Check(
        dataset=str(note["dataset"]),
        column=str(note.get("column", "")),
        rule=str(note["rule"]),
        doc=str(note.get("doc", "")),
        severity=str(note.get("severity", "")),
        state=_state(note),
        wrong=_count(note.get("unexpected")),
        heads=("wrong",) if note.get("keys") else (),
        rows=tuple((str(key),) for key in _sequence(note.get("keys"))[:SHOWN]),
        trace=tuple(map(str, _sequence(note.get("trace")))),
        reasons=_reasons(note),
    )


def _state(note: Document) -> str:
    if note.get("state") == "error":
        return "error"
    if note.get("accepted") and not note.get("left"):
        return "accepted"
    return "failed" if note.get("severity") == "critical" else "warning"


def _reasons(note: Document) -> tuple[str, ...]:
    accepted = _listed(note.get("accepted"))
    told = [f"Accepted by {a['who']} until {a['expires']}: {a['reason']} ({a['of']})" for a in accepted]
    return (*filter(None, [str(note.get("message") or "")]), *told)


def _places(opened: Opened, dataset: str) -> dict[str, int]:
    """The dataset's columns in the order in which rows are shown: the key first."""
    table = opened.release.datasets.get(dataset)
    names = (*table.grain, *(str(c["name"]) for c in table.columns)) if table else ()
    return {name: place for place, name in enumerate(dict.fromkeys(names))}


def _wrong_rows(
    result: Document, places: Mapping[str, int]
) -> tuple[tuple[str, ...], tuple[tuple[str | None, ...], ...]]:
    """The first wrong rows of a result: those of a query, or the keys and values that a rule of columns lists."""
    found = _listed(_mapping(result.get("details")).get("unexpected_rows")) or _listed(
        result.get("unexpected_index_list") or result.get("partial_unexpected_index_list")
    )
    if not found:
        values = _sequence(result.get("partial_unexpected_list"))[:SHOWN]
        return ("value",) if values else (), tuple((_text(value),) for value in values)
    heads = sorted({str(name) for row in found for name in row}, key=lambda name: (places.get(name, len(places)), name))
    return tuple(heads), tuple(tuple(_text(row.get(head)) for head in heads) for row in found[:SHOWN])


def _text(value: object) -> str | None:
    return None if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _mapping(value: object) -> Document:
    return value if isinstance(value, Mapping) else {}


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()


def _listed(value: object) -> list[Document]:
    return [item for item in _sequence(value) if isinstance(item, Mapping)]


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
