"""How much may differ from the release before: what grows day by day, and is corrected now and then, is no alarm.

The limits are shares with a least number of rows, of the whole and of a single season, so that neither a season that went
wrong drowns in a hundred others nor three corrected rows are an alarm. What true updates of sources do, and how far it is
below these limits, is measured in docs/faults.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fieldhouse.stages.audit.comparing import Tally


@dataclass(frozen=True)
class Limit:
    """Too much is at least this share, and at least so many rows."""

    share: float
    rows: int

    def passed(self, hits: int, of: int) -> bool:
        """Whether `hits` of `of` are too many."""
        return hits >= self.rows and hits >= self.share * of


@dataclass(frozen=True)
class Limits:
    """Limits of the whole, and of each season; passing one of them is too much."""

    whole: Sequence[Limit]
    season: Sequence[Limit] = ()


#: Keys that are gone: sources merge and rename a little all the time.
GONE = Limits(whole=(Limit(0.006, 10), Limit(0.05, 3)), season=(Limit(0.05, 10),))
#: The same of what `conform` keeps account of: its keys name raw files, which are new with every revision.
BOOKS_GONE = Limits(whole=(Limit(0.015, 300),))
#: Known values that are others now: corrections, and what is derived from corrected or late rows.
REWRITTEN = Limits(whole=(Limit(0.02, 20), Limit(0.1, 5)), season=(Limit(0.2, 30), Limit(0.9, 12)))
#: Known values that are unknown now: sources hardly ever forget.
LOST = Limits(whole=(Limit(0.005, 10), Limit(0.15, 4)), season=(Limit(0.15, 10),))
#: Rows of one team, person or word that are said of another now, or are gone.
FEWEST_MOVED = 20
MOVED = Limits(whole=(), season=(Limit(0.3, FEWEST_MOVED),))
#: Unknown values that became known, all the same: a default, not knowledge.
FILLED = Limits(whole=(Limit(0.1, 20),))
#: New rows that say under another key what other rows say.
REPEATED = Limits(whole=(Limit(0.5, 20),))
#: New rows, of those that were there: a dataset grows by seasons, not by a quarter of itself.
GROWN = Limits(whole=(Limit(0.25, 50),))
BOOKS_GROWN = Limits(whole=(Limit(1.0, 50),))
#: Beyond these nothing is published before a person has looked at it: of a whole dataset that is not small.
MOST_GONE = Limit(0.5, 500)
MOST_CHANGED = Limit(0.6, 500)


def exceeded(tally: Tally, limits: Limits) -> bool:
    """Whether a tally passes a limit of the whole or of any season."""
    if any(limit.passed(tally.hits, sum(tally.of.values())) for limit in limits.whole):
        return True
    seasons = [(hits, tally.of.get(season, 0)) for season, hits in tally.hit.items()]
    return any(limit.passed(hits, of) for hits, of in seasons for limit in limits.season)
