"""Quirk Q31: a later commit fills scores, moves dates and changes names; what it no longer says is gone."""

from fieldhouse import contracts, plan
from fieldhouse.stages import audit
from fieldhouse.stages import publish as publish_stage

LEAGUE = "league/2025-26/en.2.json"


def file(*matches):
    keys = ("round", "date", "team1", "team2", "score")
    return {
        LEAGUE: {"name": "English Championship 2025/26", "matches": [dict(zip(keys, m, strict=True)) for m in matches]}
    }


EARLIER = file(
    ("Matchday 1", "2025-08-09", "Leicester City FC", "Hull City AFC", {"ht": [0, 1], "ft": [1, 1]}),
    ("Matchday 30", "2026-01-31", "Hull City AFC", "Leicester City FC", {}),
    ("Matchday 31", "2026-02-07", "Leicester City FC", "Stoke City FC", {}),
)
LATER = file(
    ("Matchday 1", "2025-08-09", "Leicester City FC", "Hull City AFC", {"ht": [0, 0], "ft": [2, 2]}),
    ("Matchday 30", "2026-02-03", "Hull City AFC", "Leicester City FC", {"ft": [0, 1]}),
    ("Matchday 31", "2026-02-07", "Leicester City", "Stoke City", {"ft": [3, 0]}),
)
ROWS = "SELECT round, date::text, home_goals, home_goals_ht FROM football.match_wide ORDER BY date"
IDS = "SELECT round, match_id, home_team_id, away_team_id FROM football.match_wide ORDER BY round"


def publish(made, run):
    """The rest of a run, so that the next one has a release to build on."""
    for domain in plan.domains(contracts.load_all()):
        audit.run(made.store, domain, run)
    publish_stage.run(made.store, run)


def test_q31_a_later_commit_leaves_no_ghosts_and_ids_stay(world):
    made = world()
    made.land("openfootball", EARLIER)
    earlier = made.tables("r1").sql(IDS)
    publish(made, "r1")
    made.land("openfootball", LATER)
    assert made.tables("r2").sql(ROWS) == [
        ("Matchday 1", "2025-08-09", 2, 0),
        ("Matchday 30", "2026-02-03", 0, None),
        ("Matchday 31", "2026-02-07", 3, None),
    ]
    assert made.sql(IDS) == earlier


def test_q31_a_file_that_is_gone_takes_its_matches_along(world):
    made = world()
    made.land("openfootball", {**LATER, "league/2024-25/en.2.json": LATER[LEAGUE]})
    made.land("openfootball", {}, gone=(LEAGUE,))
    assert made.tables().sql("SELECT DISTINCT season FROM football.match_wide") == [("2024-25",)]
