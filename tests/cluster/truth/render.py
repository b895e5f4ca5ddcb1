"""Writes docs/truth.md and docs/truth.json from what was counted."""

import inspect
import json
import os
import platform
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from truth.counting import Result, from_doc
from truth.faults import FAULTS, Fault
from truth.stand_ins import STAND_INS
from truth.world import World

_TEXT = Path(__file__).with_name("page.txt")
_MESSAGE = 400
_NAMES = {"ours": "ours", "stock": "stock"}


def conditions(world: World) -> dict[str, object]:
    """Under which conditions it was measured."""
    from kubernetes import client

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return {
        "Kubernetes": client.VersionApi(world.api.api_client).get_code().git_version,
        "Airflow": version("apache-airflow"),
        "its Kubernetes provider": version("apache-airflow-providers-cncf-kubernetes"),
        "machine": f"{os.cpu_count()} cores, {memory} GiB, {platform.machine()}, with other work on it",
    }


def write(folder: Path, told: dict[str, object], played: Sequence[Result]) -> None:
    """Write both files; of faults that were not played now, the last plays stay."""
    path = folder / "truth.json"
    known = [from_doc(doc) for doc in json.loads(path.read_text())["plays"]] if path.exists() else []
    renewed = {(result.fault, result.operator) for result in played}
    merged = [*played, *(result for result in known if (result.fault, result.operator) not in renewed)]
    order = {fault.id: place for place, fault in enumerate(FAULTS)}
    results = sorted((r for r in merged if r.fault in order), key=lambda r: (order[r.fault], r.operator))
    when, loads = [result.at for result in results], [result.load for result in results]
    told = {**told, "measured": f"{min(when)} to {max(when)} UTC", "load": f"{min(loads)} to {max(loads)}"}
    plays = [{**result.doc(), "message": result.message[:_MESSAGE]} for result in results]
    path.write_text(json.dumps({"conditions": told, "plays": plays}, indent=1, ensure_ascii=False) + "\n")
    (folder / "truth.md").write_text(page(told, results))


def page(told: dict[str, object], results: Sequence[Result]) -> str:
    """The page, as Markdown."""
    text = _TEXT.read_text()
    parts = {
        "conditions": "\n".join(f"- {name}: {value}" for name, value in told.items()),
        "summary": _summary(results),
        "matrix": _table(_MATRIX, _rows(results)),
        "words": _table(("#", "what ours says"), [_words(result) for result in results if result.operator == "ours"]),
        "faults": _table(("#", "the pod's program", "what is done", "why that is the truth"), map(_fault, FAULTS)),
        "stand_ins": "\n".join(f"- {what}: {', '.join(f'`{test}`' for test in tests)}" for what, tests in STAND_INS),
    }
    for name, part in parts.items():
        text = text.replace(f"<!-- {name} -->", part)
    return text


_MATRIX = (
    "#", "what happens", "true state", "operator", "state", "pods", "left over", "lines", "lost", "doubled",
    "secret shown", "s after the pod",
)  # fmt: skip


def _rows(results: Sequence[Result]) -> list[tuple[str, ...]]:
    rows = []
    for fault in FAULTS:
        for operator in _NAMES:
            plays = [r for r in results if (r.fault, r.operator) == (fault.id, operator)]
            if plays:
                rows.append(_row(fault, operator, plays))
    return rows


def _row(fault: Fault, operator: str, plays: Sequence[Result]) -> tuple[str, ...]:
    ours = operator == "ours"
    return (
        f"**{fault.id}**" if ours else "",
        fault.title if ours else "",
        " or ".join(fault.states) if ours else "",
        operator,
        _marked("state", plays, _counted([play.state for play in plays])),
        _marked("pods", plays, _range(plays, lambda play: len(play.pods))),
        _marked("orphans", plays, _range(plays, lambda play: play.orphans)),
        _range(plays, lambda play: play.written),
        _marked("lost", plays, _range(plays, lambda play: play.lost) + _said(plays)),
        _marked("doubled", plays, _range(plays, lambda play: play.doubled)),
        _marked("secret", plays, _secret(plays)),
        _range(plays, lambda play: play.after_pod_s if (play.after_pod_s or 0) > 0 else None),
    )


def _marked(what: str, plays: Sequence[Result], text: str) -> str:
    return f"**✗ {text}**" if any(what in play.wrong for play in plays) else text


def _counted(states: Sequence[str]) -> str:
    many = Counter(states)
    if len(states) == 1:
        return states[0]
    return ", ".join(f"{state} ×{times}" for state, times in many.most_common())


def _range(plays: Sequence[Result], of: Callable[[Result], float | None]) -> str:
    found = [value for play in plays if (value := of(play)) is not None]
    if not found:
        return "–"
    low, high = min(found), max(found)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _said(plays: Sequence[Result]) -> str:
    return ", said" if any(play.lost and play.said for play in plays) else ""


def _secret(plays: Sequence[Result]) -> str:
    where = [
        *(["message"] if any(play.secret_in_message for play in plays) else []),
        *(["log"] if any(play.secret_in_log for play in plays) else []),
    ]
    return " and ".join(where) or "no"


def _summary(results: Sequence[Result]) -> str:
    lines = []
    for operator in _NAMES:
        plays = [result for result in results if result.operator == operator]
        wrong = Counter(name for name, _ in {(what, play.fault) for play in plays for what in play.wrong})
        faults = {play.fault for play in plays}
        told = (
            ", ".join(f"{what} in {times}" for what, times in sorted(wrong.items(), key=lambda w: (-w[1], w[0])))
            or "nothing"
        )
        lines.append(f"- **{operator}**: of {len(faults)} faults and variants, wrong: {told}")
    return "\n".join(lines)


def _words(result: Result) -> tuple[str, str]:
    lines = [line.strip() for line in result.message.splitlines()[:2]]
    return result.fault, "<br>".join(f"`{line}`" for line in lines) or "nothing: the task succeeded"


def _fault(fault: Fault) -> tuple[str, ...]:
    return fault.id, f"`{fault.program}`", str(inspect.getdoc(fault.script)), fault.why


def _table(head: Sequence[str], rows: object) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
