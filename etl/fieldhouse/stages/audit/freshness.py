"""Whether sources are fresh: a check of what a release is made from, not of its tables.

Its outcome changes with the day, so it is no part of the remembered result, nor of the document of verdicts.
"""

from fieldhouse.lake import ages, memo
from fieldhouse.lake.ages import Age
from fieldhouse.lake.runs import Inputs

#: The domain whose audit has this check.
DOMAIN = "core"
RULE = "fresh"


def added(result: memo.Result, inputs: Inputs) -> memo.Result:
    """The result of an audit with a check for each pinned source; a stale one is a warning and a note."""
    found = ages.at_cut(inputs).values()
    late = [age for age in found if age.stale]
    counts = dict(result.counts)
    for name, count in (("checks", len(found)), ("passed", len(found) - len(late)), ("warnings", len(late))):
        counts[name] = counts.get(name, 0) + count
    return memo.Result(result.outputs, counts, (*(_note(age) for age in late), *result.notes))


def _note(age: Age) -> dict[str, object]:
    doc = f"Its landing {age.landing} is {age.age_days:.1f} days old; from {age.limit_days:g} days it is stale."
    return {
        "dataset": age.source,
        "column": "",
        "rule": RULE,
        "severity": "warning",
        "state": "failed",
        "doc": doc,
        "unexpected": 0,
        "keys": [],
        "trace": [],
        "message": f"`fieldhouse run {age.source}` fetches it again",
    }
