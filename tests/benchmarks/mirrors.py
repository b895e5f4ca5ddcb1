"""Mirrors made of a mirror: a day's changes, and ten times the matches."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

#: Seasons of leagues span 17 years, international matches 155: shifted by more, no copy overlaps with another.
_LEAGUE_YEARS, _INTERNATIONAL_YEARS = 20, 160


def changed(mirror: Path, target: Path, share: float) -> list[str]:
    """Copy `mirror` to `target` and change that share of its files, at least one; the paths of those.

    Which ones is a matter of their names' hashes. A change is one value of one record.
    """
    shutil.copytree(mirror, target, ignore=shutil.ignore_patterns("*@*", "MANIFEST.csv"))
    files = [p for p in target.rglob("*") if p.is_file() and p.suffix in (".json", ".csv", ".parquet")]
    files.sort(key=lambda p: hashlib.sha256(str(p.relative_to(target)).encode()).hexdigest())
    wanted = max(1, round(len(files) * share))
    done = []
    for path in files:
        if len(done) < wanted and _change(path):
            done.append(str(path.relative_to(target)))
    return done


def _change(path: Path) -> bool:
    match path.suffix:
        case ".json":
            before = path.read_text(encoding="utf-8")
            after = re.sub(r'"ft":\s*\[\s*(\d+)', lambda m: m[0][: -len(m[1])] + str(int(m[1]) + 1), before, count=1)
        case ".csv":
            before = path.read_text(encoding="utf-8")
            after = before[: before.rstrip("\n").rfind("\n") + 1]
        case _:
            return _without_last_row(path)
    path.write_text(after, encoding="utf-8")
    return after != before


def _without_last_row(path: Path) -> bool:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    pq.write_table(table.slice(0, table.num_rows - 1), path)
    return table.num_rows > 0


def tenfold(mirror: Path, target: Path, declarations: Path) -> None:
    """A mirror of football with every league season and international match ten times, under other years.

    `declarations` becomes a copy of the declarations that knows those seasons.
    """
    leagues = mirror / "openfootball" / "football.json"
    shutil.copytree(mirror / "openfootball" / "worldcup.json", target / "openfootball" / "worldcup.json")
    seasons: dict[str, list[str]] = {}
    for path in sorted(leagues.glob("*/*.json")):
        for copy in range(10):
            season, text = _shifted(path.parent.name, path.read_text(encoding="utf-8"), copy * _LEAGUE_YEARS)
            there = target / "openfootball" / "football.json" / season / path.name
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_text(text, encoding="utf-8")
            seasons.setdefault(season, []).append(path.stem)
    _know(declarations / "containers" / "openfootball" / "source.toml", seasons)
    _international(
        mirror / "international_results" / "international_results",
        target / "international_results" / "international_results",
    )


def _shifted(season: str, text: str, years: int) -> tuple[str, str]:
    def later(found: re.Match[str]) -> str:
        return str(int(found[0]) + years)

    label = re.sub(r"^\d{4}", later, season)
    if "-" in season:
        label = f"{label[:4]}-{(int(label[:4]) + 1) % 100:02d}"
    return label, re.sub(r'(?<="date": ")\d{4}|(?<="date":")\d{4}', later, text)


def _know(path: Path, seasons: dict[str, list[str]]) -> None:
    blocks = [
        f"\n[[feeds.league.values]]\nseason = [{json.dumps(season)}]\ncode = {json.dumps(sorted(set(codes)))}\n"
        for season, codes in sorted(seasons.items())
    ]
    text = re.sub(r"\[\[feeds\.league\.values\]\]\n.*?\n(?=\[feeds\.league\.records)", "", path.read_text(), flags=re.S)
    head, found, rest = text.partition("[feeds.league.records")
    path.write_text(f"{head}{''.join(blocks)}\n{found}{rest}", encoding="utf-8")


def _international(mirror: Path, target: Path) -> None:
    target.mkdir(parents=True)
    for path in mirror.glob("*.csv"):
        header, *lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        copies = _later(lines) if header.startswith("date,") else iter(lines)
        (target / path.name).write_text(header + "".join(copies), encoding="utf-8")


def _later(lines: list[str]) -> Iterator[str]:
    for copy in range(10):
        for line in lines:
            yield f"{int(line[:4]) + copy * _INTERNATIONAL_YEARS}{line[4:]}"
