"""What an audit found, from its documents: in lines for people, in JUnit's XML for continuous integration."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

#: Rows of a failed check that are told.
ROWS = 3


@dataclass(frozen=True)
class Line:
    """One check and what became of it: `passed`, `accepted`, `warning`, `failed` or `error`."""

    suite: str
    dataset: str
    column: str
    rule: str
    state: str
    doc: str
    wrong: int
    rows: tuple[str, ...]
    trace: tuple[str, ...]
    message: str

    @property
    def check(self) -> str:
        """Its name within its suite: `range goals`."""
        return f"{self.rule} {self.column}".strip()

    def text(self) -> str:
        """In a few lines: what should hold, how many rows are wrong, the first of them, the way to their records."""
        where = f"{self.dataset}.{self.column}" if self.column else self.dataset
        wrong = f" ({self.wrong:,} {'row' if self.wrong == 1 else 'rows'})" if self.wrong else ""
        told = [f"{self.state:<8} {where}, {self.rule}: {self.doc}{wrong}"]
        told += [f"           {text}" for text in (self.message, *self.rows, *self.trace) if text]
        return "\n".join(told)


def lines(documents: Sequence[Mapping[str, object]]) -> list[Line]:
    """All checks of all suites, in their order."""
    return [line for document in documents for line in _of_document(document)]


def _of_document(document: Mapping[str, object]) -> Iterator[Line]:
    for suite in _items(document["results"]):
        for result in _items(suite["results"]):
            yield _line(str(suite["suite_name"]), result)


def _line(suite: str, verdict: Mapping[str, object]) -> Line:
    config, found = _mapping(verdict["expectation_config"]), _mapping(verdict["result"])
    meta, told = _mapping(config["meta"]), _mapping(verdict["meta"])
    raised = _mapping(verdict["exception_info"])
    return Line(
        suite=suite,
        dataset=str(meta["dataset"]),
        column=str(meta["column"]),
        rule=str(meta["rule"]),
        state=_state(verdict, config, told),
        doc=str(config["description"]),
        wrong=_wrong(found) if not verdict["success"] else 0,
        rows=tuple(_row(row) for row in _rows(found)[:ROWS]) if not verdict["success"] else (),
        trace=tuple(str(t) for t in _list(told.get("trace"))),
        message=_message(raised, told, _mapping(found.get("details"))) if not verdict["success"] else "",
    )


def _state(verdict: Mapping[str, object], config: Mapping[str, object], told: Mapping[str, object]) -> str:
    if verdict["success"]:
        return "passed"
    if _mapping(verdict["exception_info"]).get("raised_exception"):
        return "error"
    if told.get("accepted") and not told.get("left"):
        return "accepted"
    return "failed" if config["severity"] == "critical" else "warning"


def _message(raised: Mapping[str, object], told: Mapping[str, object], details: Mapping[str, object]) -> str:
    accepted = [f"accepted by {a['who']} until {a['expires']}: {a['reason']}" for a in _items(told.get("accepted"))]
    return "; ".join(filter(None, [str(raised.get("exception_message") or details.get("said") or ""), *accepted]))


def _wrong(found: Mapping[str, object]) -> int:
    counted = found.get("unexpected_count")
    if counted is None and "details" in found:
        counted = found.get("observed_value")
    return counted if isinstance(counted, int) else 0


def _rows(found: Mapping[str, object]) -> list[Mapping[str, object]]:
    details = _mapping(found.get("details"))
    return _items(found.get("partial_unexpected_index_list") or details.get("unexpected_rows"))


def _row(row: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {'null' if value is None else value}" for name, value in row.items())


def summary(found: Sequence[Line]) -> dict[str, int]:
    """How many checks there are, and how many of each state but `passed`."""
    counted = {
        state: sum(line.state == state for line in found) for state in ("failed", "error", "warning", "accepted")
    }
    return {"checks": len(found), **{state: n for state, n in counted.items() if n}}


def junit(name: str, found: Sequence[Line]) -> str:
    """JUnit's XML, a suite each dataset: warnings and what is accepted are passed, and tell what they are about."""
    suites = {line.suite: [other for other in found if other.suite == line.suite] for line in found}
    body = "\n".join(_suite(suite, items) for suite, items in suites.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name={quoteattr(name)}>\n{body}\n</testsuites>\n'


def _suite(name: str, found: Sequence[Line]) -> str:
    failed, errors = (sum(line.state == state for line in found) for state in ("failed", "error"))
    head = (
        f'  <testsuite name={quoteattr(name)} tests="{len(found)}" failures="{failed}" errors="{errors}" skipped="0">'
    )
    return "\n".join([head, *(_case(line) for line in found), "  </testsuite>"])


def _case(line: Line) -> str:
    inner = ""
    if line.state in ("failed", "error"):
        tag = "failure" if line.state == "failed" else "error"
        inner = f"<{tag} message={quoteattr(line.doc)}>{escape(line.text())}</{tag}>"
    elif line.state != "passed":
        inner = f"<system-out>{escape(line.text())}</system-out>"
    return f"    <testcase classname={quoteattr(line.suite)} name={quoteattr(line.check)}>{inner}</testcase>"


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _items(value: object) -> list[Mapping[str, object]]:
    return [item for item in _list(value) if isinstance(item, Mapping)]
