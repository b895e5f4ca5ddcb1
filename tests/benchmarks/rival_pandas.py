"""The same nested feed with pandas, as one would write it by hand: no checks, no ids of entities, no provenance.

Run as `rival_pandas.py FOLDER OUTPUT`: reads openfootball's files, writes matches, participations, goals, teams and squads.
"""

import json
import sys
from pathlib import Path

import pandas as pd


def main(folder: str, output: str) -> None:
    """Read every file below `folder` and write the tables to `output`."""
    documents = [(path, json.loads(path.read_text(encoding="utf-8"))) for path in _files(folder)]
    matches = pd.concat(
        [_matches(path, doc) for path, doc in documents if isinstance(doc, dict) and {"matches", "rounds"} & set(doc)],
        ignore_index=True,
    )
    for side in ("1", "2"):
        if f"team{side}.name" in matches:
            matches[f"team{side}"] = matches[f"team{side}"].fillna(matches[f"team{side}.name"])
    matches["date"] = pd.to_datetime(matches["date"], errors="coerce")
    score = matches["score.et"].fillna(matches["score.ft"])
    matches["goals1"], matches["goals2"] = score.str[0], score.str[1]
    tables = {
        "match": matches[["match_id", "competition", "season", "round", "date", "goals1", "goals2"]],
        "participation": _participations(matches),
        "goal": _goals(documents),
        "team": pd.DataFrame({"name": pd.unique(pd.concat([matches["team1"], matches["team2"]]).dropna())}),
        "squad": _squads(documents),
    }
    Path(output).mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.sort_values(list(table.columns[:2]), kind="stable").to_parquet(Path(output) / f"{name}.parquet")


def _files(folder: str) -> list[Path]:
    return sorted(path for path in Path(folder).rglob("*.json") if path.is_file())


def _matches(path: Path, doc: dict[str, object]) -> pd.DataFrame:
    if "matches" in doc:
        found = pd.json_normalize(doc, "matches")
    else:
        found = pd.json_normalize(doc, ["rounds", "matches"], meta=[["rounds", "name"]], errors="ignore")
        found["round"] = found.get("rounds.name")
    found["season"], found["competition"] = path.parent.name, path.stem
    found["match_id"] = [f"{path.parent.name}/{path.name}#{n}" for n in range(len(found))]
    return found


def _participations(matches: pd.DataFrame) -> pd.DataFrame:
    sides = []
    for side, own, other in (("home", "1", "2"), ("away", "2", "1")):
        frame = matches[["match_id", f"team{own}", f"goals{own}", f"goals{other}"]].copy()
        frame.columns = ["match_id", "team", "score", "against"]
        frame["side"] = side
        sides.append(frame)
    both = pd.concat(sides, ignore_index=True)
    both["result"] = None
    played = both["score"].notna()
    both.loc[played & (both["score"] > both["against"]), "result"] = "won"
    both.loc[played & (both["score"] == both["against"]), "result"] = "drawn"
    both.loc[played & (both["score"] < both["against"]), "result"] = "lost"
    return both.drop(columns="against")


def _goals(documents: list[tuple[Path, object]]) -> pd.DataFrame:
    rows = []
    for path, doc in documents:
        if not isinstance(doc, dict):
            continue
        listed = doc.get("matches") or [m for r in doc.get("rounds", ()) for m in r.get("matches", ())]
        for number, match in enumerate(listed):
            for side in ("1", "2"):
                rows += [
                    {"match_id": f"{path.parent.name}/{path.name}#{number}", "side": side, **goal}
                    for goal in match.get(f"goals{side}") or ()
                ]
    return pd.DataFrame(rows).astype(str)


def _squads(documents: list[tuple[Path, object]]) -> pd.DataFrame:
    teams = [t for _, doc in documents if isinstance(doc, list) for t in doc if isinstance(t, dict) and "players" in t]
    return pd.json_normalize(teams, "players", meta=["name"], record_prefix="player.").astype(str)


if __name__ == "__main__":
    main(*sys.argv[1:])
