"""An Elo rating of football teams, and whether what it expects is what happens.

    python docs/examples/elo.py [FOLDER]

reads the lake that FIELDHOUSE_LAKE names (`fieldhouse demo` makes one) and draws FOLDER/elo.svg. A rating is made of
earlier matches alone: each match is expected first, and learned from afterwards.
"""

import sys
from collections import Counter
from math import sqrt
from pathlib import Path

from picture import figure, save

import fieldhouse as fh

DATASET = "football.match_wide"
START, STEP, HOME = 1500.0, 20.0, 65.0  # points of rating: at first, at stake in a match, for playing at home
LEARNED = 15  # matches after which a team's rating means something
BINS = 10


def expected(home: float, away: float) -> float:
    """The share of a win that the home side is expected to have: a draw is half of one."""
    return 1 / (1 + 10 ** ((away - home - HOME) / 400))


def rate(matches: list[tuple[str, str, int, int]]) -> tuple[dict[str, float], list[tuple[float, float]]]:
    """Per team its rating after all matches; and what was expected and what came, of matches between teams known well."""
    ratings: dict[str, float] = {}
    played: Counter[str] = Counter()
    judged: list[tuple[float, float]] = []
    for home, away, scored, conceded in matches:
        before = ratings.get(home, START), ratings.get(away, START)
        chance = expected(*before)
        came = 1.0 if scored > conceded else 0.5 if scored == conceded else 0.0
        if min(played[home], played[away]) >= LEARNED:
            judged.append((chance, came))
        ratings[home], ratings[away] = before[0] + STEP * (came - chance), before[1] - STEP * (came - chance)
        played.update((home, away))
    return ratings, judged


def bins(judged: list[tuple[float, float]]) -> list[tuple[float, float, float]]:
    """Matches by what was expected of them, in bins of one size: the mean expected, the mean that came, its error."""
    found = []
    ordered = sorted(judged)
    for n in range(BINS):
        own = ordered[n * len(ordered) // BINS : (n + 1) * len(ordered) // BINS]
        mean = sum(came for _, came in own) / len(own)
        spread = sum((came - mean) ** 2 for _, came in own) / len(own)
        found.append((sum(chance for chance, _ in own) / len(own), mean, 1.96 * sqrt(spread / len(own))))
    return found


def error(judged: list[tuple[float, float]]) -> float:
    """The mean square of what came less what was expected."""
    return sum((came - chance) ** 2 for chance, came in judged) / len(judged)


def draw(folder: Path) -> Path:
    """Rate all teams, print the best, draw the calibration, and answer with the picture's file."""
    columns = ["match_id", "date", "home_team", "away_team", "home_goals", "away_goals"]
    rows = fh.load(DATASET, columns=columns, where="home_goals IS NOT NULL").sort_values(["date", "match_id"])
    ratings, judged = rate(list(rows[columns[2:]].itertuples(index=False, name=None)))
    for team, rating in sorted(ratings.items(), key=lambda item: -item[1])[:10]:
        print(f"{rating:7.1f}  {team}")
    mean = sum(came for _, came in judged) / len(judged)
    always = error([(mean, came) for _, came in judged])
    print(
        f"{len(judged):,} matches; mean square error {error(judged):.4f}, of always expecting {mean:.2f}: {always:.4f}"
    )

    drawn = figure(7, 6)
    axes = drawn.subplots()
    axes.plot([0.2, 0.9], [0.2, 0.9], color="#999999", linestyle="--", label="as expected")
    chances, came, errors = zip(*bins(judged), strict=True)
    axes.errorbar(chances, came, yerr=errors, fmt="o", capsize=3, label="as it came, with 95 % intervals")
    axes.set_title(f"Elo of {len(ratings)} teams: {len(judged):,} matches in {BINS} bins")
    axes.set_xlabel("share of a win expected of the home side")
    axes.set_ylabel("share of a win that it had")
    axes.legend(frameon=False)
    return save(drawn, folder / "elo.svg", DATASET)


if __name__ == "__main__":
    print(draw(Path(sys.argv[1] if len(sys.argv) > 1 else "examples")))
