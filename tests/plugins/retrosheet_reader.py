"""Retrosheet's files read by other means than those of its image: what tests of mappings use where no Rust is at hand, and
what the image's records are compared with.

`read` is what the product asks of a `reader.py`; `find` stands in for `program.find_reader`.
"""

import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PLAYER = ("id", "last", "first", "bats", "throws", "team", "position")
CLUB = ("team", "league", "city", "nickname")
LOGGED = {
    "number": 2,
    "visitor": 4,
    "visitor_league": 5,
    "home": 7,
    "home_league": 8,
    "visitor_score": 10,
    "home_score": 11,
    "outs": 12,
    "day_night": 13,
    "completed": 14,
    "forfeit": 15,
    "protest": 16,
    "park": 17,
    "attendance": 18,
    "additional": 160,
    "acquired": 161,
}
PARENTHESES = re.compile(r"\([^()]*\)")
ADVANCE = re.compile(r"([B123])([-X])H((?:\([^()]*\))*)")


def find(source: Any) -> Any:
    """The program that reads a source's files: this module, run as a `reader.py` is."""
    from fieldhouse.extract.program import Native

    return Native((sys.executable, "-m", "fieldhouse.extract.python_reader", __file__))


def read(feed: str, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The records of a file, with their sets."""
    rows = list(csv.reader(path.read_text(encoding="latin-1").splitlines()))
    match feed:
        case "event":
            yield from games(rows)
        case "roster":
            yield from (("player", dict.fromkeys(PLAYER) | named(PLAYER, row)) for row in rows)
        case "team":
            yield from (("club", named(CLUB, row)) for row in rows)
        case _:
            yield from (("logged_game", logged(row)) for row in rows)


def named(names: tuple[str, ...], row: list[str]) -> dict[str, Any]:
    return {name: cell.strip() or None for name, cell in zip(names, row, strict=False)}


def logged(row: list[str]) -> dict[str, Any]:
    day = row[0]
    return {"date": f"{day[:4]}-{day[4:6]}-{day[6:]}"} | {n: row[at - 1].strip() or None for n, at in LOGGED.items()}


def games(rows: list[list[str]]) -> Iterator[tuple[str, dict[str, Any]]]:
    starts = [at for at, row in enumerate(rows) if row[0] == "id"]
    for begin, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        yield from game(rows[begin:end])


def game(rows: list[list[str]]) -> Iterator[tuple[str, dict[str, Any]]]:
    name = rows[0][1]
    info = {row[1]: ",".join(row[2:]) for row in rows if row[0] == "info"}
    score, plays = [0, 0], 0
    for kind, *fields in rows[1:]:
        match kind:
            case "play":
                inning, half, batter, count, pitches, event = fields
                plays += event != "NP"
                score[int(half)] += runs(event)
                said = {"batter": batter, "count": count, "pitches": pitches, "event": event, "runs": runs(event)}
                number = plays if event != "NP" else None
                yield "play", {"game": name, "play": number, "inning": int(inning), "half": int(half), **said}
            case "start" | "sub":
                person, called, *numbers = fields
                places = dict(zip(("half", "order", "position"), map(int, numbers), strict=True))
                yield "entry", {"game": name, "after": plays, "kind": kind, "person": person, "name": called, **places}
            case "com" | "data" | "badj" | "padj" | "ladj" | "radj":
                yield "note", {"game": name, "after": plays, "kind": kind, "fields": fields}
            case "info" | "version":
                pass
            case _:
                raise ValueError(f"{kind!r} is no kind of record")
    yield (
        "game",
        {
            "game": name,
            "visitor": info["visteam"],
            "home": name[:3],
            "date": f"{name[3:7]}-{name[7:9]}-{name[9:11]}",
            "site": info.get("site") or None,
            "visitor_score": score[0],
            "home_score": score[1],
            "plays": plays,
            "info": info,
        },
    )


def runs(event: str) -> int:
    """By patterns, where the image's reader goes letter by letter."""
    hidden = PARENTHESES.sub(lambda found: "(" + "_" * (len(found[0]) - 2) + ")", event)
    end = hidden.find(".") if "." in hidden else len(event)
    play = event[: hidden.find("/") if -1 < hidden.find("/") < end else end]
    scored = {"B"} if re.match(r"H(?!P)", play) else set()
    if any(re.match(r"SBH", part) or (re.match(r"(PO)?CSH", part) and safe(part)) for part in re.split(r"[+;]", play)):
        scored.add("3")
    for runner, how, rest in ADVANCE.findall(event[end:]):
        if how == "-" or safe(rest):
            scored.add(runner)
    return len(scored)


def safe(text: str) -> bool:
    inner = [found[0][1:-1] for found in PARENTHESES.finditer(text)]
    return any(re.match(r"\d*E\d", one) for one in inner) and not any(
        re.fullmatch(r"[\d?!#]+(/.*)?", one) for one in inner
    )
