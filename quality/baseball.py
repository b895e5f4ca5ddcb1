"""What must hold of baseball beyond what the contracts of its datasets imply.

Critical is what cannot be, or what was made wrongly; a warning is about sums that sources themselves get wrong: a few
seasons of old disagree by a run.
"""

from collections.abc import Iterator

from fieldhouse.stages.audit.checks import Look, check, no_rows

#: Datasets without rows that are no mistake, and why.
MAY_BE_EMPTY = {
    "baseball.game_play": "the lake's sources may know no plays; normalize accounts for every record of those that do",
    "baseball.player_season": "the lake's sources may know no baseball; no_player_is_lost finds what is lost",
    "baseball.player_career": "the lake's sources may know no baseball; careers_are_their_seasons finds what is lost",
    "baseball.team_season_wide": "the lake's sources may know no baseball; every_team_season_has_its_row finds what is lost",
}
#: The National Association, which readers like to take for a missing value, played in these years.
NATIONAL_ASSOCIATION = "season BETWEEN 1871 AND 1875"
HITS_DO_NOT_FIT = (
    "hits > at_bats OR home_runs > runs OR coalesce(doubles, 0) + coalesce(triples, 0) + coalesce(home_runs, 0) > hits"
)
#: Leagues that play for the World Series; those of the Negro leagues played for one of their own.
MAJOR = "league IN ('AA', 'AL', 'NL')"


@check("baseball.batting_season")
def hits_fit_at_bats() -> Iterator[Look]:
    """Hits are at bats, extra-base hits are hits, and whoever hits a home run scores.

    Sources slip in a row or two (batting_adds_up tells them); more than one row of a thousand are columns mixed up.
    """
    yield no_rows(f"""
        SELECT person_id, season, stint, at_bats, runs, hits, doubles, triples, home_runs
        FROM {{batch}}
        WHERE ({HITS_DO_NOT_FIT})
          AND 1000 * (SELECT count(*) FILTER ({HITS_DO_NOT_FIT}) FROM {{batch}}) > (SELECT count(*) FROM {{batch}})
    """)


@check("baseball.batting_season")
def parts_of_batting_fit() -> Iterator[Look]:
    """Strikeouts are at bats, and intentional walks are walks."""
    yield no_rows("""
        SELECT person_id, season, stint, at_bats, strikeouts, walks, intentional_walks
        FROM {batch}
        WHERE strikeouts > at_bats OR intentional_walks > walks
    """)


@check("baseball.batting_season", severity="warning")
def batting_adds_up() -> Iterator[Look]:
    """Hits fit at bats row by row, hits and strikeouts are different at bats, a home run bats in at least its hitter."""
    yield no_rows(f"""
        SELECT person_id, season, stint, at_bats, runs, hits, strikeouts, home_runs, runs_batted_in
        FROM {{batch}}
        WHERE hits + strikeouts > at_bats OR home_runs > runs_batted_in OR {HITS_DO_NOT_FIT}
    """)


@check("baseball.batting_season", severity="warning")
def stints_are_counted() -> Iterator[Look]:
    """The stints of a player's season are numbered from 1 without a gap, and each begins with another team."""
    yield no_rows("""
        SELECT person_id, season, min(stint) AS first_stint, max(stint) AS last_stint, count(*) AS stints
        FROM (
          SELECT *, lag(team_id) OVER (PARTITION BY person_id, season ORDER BY stint) AS team_before FROM {batch}
        ) AS stints
        GROUP BY person_id, season
        HAVING min(stint) <> 1 OR max(stint) <> count(*) OR bool_or(team_id = team_before)
    """)


@check("baseball.pitching_season")
def parts_of_pitching_fit() -> Iterator[Look]:
    """Earned runs are runs, home runs are hits; starts and saves are games, complete games are starts."""
    yield no_rows("""
        SELECT person_id, season, stint, games, games_started, complete_games, saves, hits, home_runs, runs, earned_runs
        FROM {batch}
        WHERE earned_runs > runs
          OR home_runs > hits
          OR games_started > games
          OR complete_games > games_started
          OR saves > games
    """)


@check("baseball.pitching_season", severity="warning")
def pitching_adds_up() -> Iterator[Look]:
    """A game is won, lost or saved by a pitcher once, and a shutout is a complete game."""
    yield no_rows("""
        SELECT person_id, season, stint, games, wins, losses, saves, complete_games, shutouts
        FROM {batch}
        WHERE wins + losses + saves > games OR shutouts > complete_games
    """)


@check("baseball.pitching_season", severity="warning")
def recorded_averages_follow() -> Iterator[Look]:
    """The recorded earned run average is 27 * earned_runs / outs_pitched, rounded; without an out there is none."""
    yield no_rows("""
        SELECT person_id, season, stint, outs_pitched, earned_runs, earned_run_average
        FROM {batch}
        WHERE (earned_run_average IS NULL) <> (outs_pitched = 0)
          OR abs(earned_run_average - 27 * earned_runs / nullif(outs_pitched, 0)) > 0.00501
    """)


@check("baseball.fielding_season", severity="warning")
def fielding_adds_up() -> Iterator[Look]:
    """Starts are games, and a fielder puts out no more than there were outs."""
    yield no_rows("""
        SELECT person_id, season, stint, position, games, games_started, outs_played, putouts
        FROM {batch}
        WHERE games_started > games OR putouts > outs_played
    """)


@check(
    "baseball.batting_season",
    "baseball.pitching_season",
    "baseball.fielding_season",
    "baseball.salary",
    severity="warning",
)
def players_have_a_team() -> Iterator[Look]:
    """The team of a player's row played in that season, in the league that the row says."""
    yield no_rows("""
        SELECT p.*, t.league AS league_of_team
        FROM {batch} AS p
        LEFT JOIN baseball.team_season AS t ON t.team_id = p.team_id AND t.season = p.season
        WHERE t.team_id IS NULL OR p.league IS DISTINCT FROM t.league
    """)


@check(
    "baseball.batting_season",
    "baseball.pitching_season",
    "baseball.fielding_season",
    "baseball.team_season",
    "baseball.award",
    "baseball.salary",
)
def the_national_association_is_a_league() -> Iterator[Look]:
    """The league NA is that of 1871 to 1875, and in those years no league is lost as a missing value."""
    yield no_rows("""
        SELECT *
        FROM {batch}
        WHERE (league IS NOT DISTINCT FROM 'NA' AND season NOT BETWEEN 1871 AND 1875)
          OR (league IS NULL AND season BETWEEN 1871 AND 1875)
    """)


@check("baseball.team_season")
def one_team_wins_the_series() -> Iterator[Look]:
    """Of a season's teams at most one won the World Series, and at most one that of the Negro leagues."""
    yield no_rows(f"""
        SELECT season, count(*) AS winners, string_agg(team, ', ' ORDER BY team) AS teams
        FROM {{batch}}
        WHERE world_series_won
        GROUP BY season, coalesce({MAJOR}, false)
        HAVING count(*) > 1
    """)


@check("baseball.team_season")
def codes_are_of_one_team() -> Iterator[Look]:
    """In one season a team's code is that of no other."""
    yield no_rows("""
        SELECT season, team_code, count(*) AS teams, min(team_id) AS team_id, max(team_id) AS other_team_id
        FROM {batch}
        GROUP BY season, team_code
        HAVING count(*) > 1
    """)


@check("baseball.team_season", severity="warning")
def decisions_are_games() -> Iterator[Look]:
    """A team wins and loses no more games than it played; forfeits of old are counted otherwise."""
    yield no_rows("SELECT team_id, season, team, games, wins, losses FROM {batch} WHERE wins + losses > games")


@check("baseball.team_season", severity="warning")
def wins_and_runs_balance() -> Iterator[Look]:
    """What some teams of a season won or scored, others lost or let in."""
    yield no_rows("""
        SELECT
          season,
          sum(wins) AS wins,
          sum(losses) AS losses,
          sum(runs) AS runs,
          sum(runs_against) AS runs_against
        FROM {batch}
        GROUP BY season
        HAVING sum(wins) <> sum(losses) OR sum(runs) <> sum(runs_against)
    """)


PLAYERS = """
    totals AS (
      SELECT team_id, season, t.team, t.runs, t.home_runs, p.runs AS runs_of_players, p.home_runs AS home_runs_of_players
      FROM {batch} AS t
      JOIN (
        SELECT team_id, season, sum(runs) AS runs, sum(home_runs) AS home_runs
        FROM baseball.batting_season
        GROUP BY team_id, season
      ) AS p USING (team_id, season)
    )
"""


@check("baseball.team_season", severity="warning")
def totals_are_those_of_players() -> Iterator[Look]:
    """A team's runs and home runs are those of its players together."""
    yield no_rows(f"""
        WITH {PLAYERS}
        SELECT *
        FROM totals
        WHERE runs <> runs_of_players OR home_runs <> home_runs_of_players
    """)


@check("baseball.team_season")
def totals_mostly_are_those_of_players() -> Iterator[Look]:
    """Totals differ from players' in few team-seasons: where more than five, and one of ten, do, teams are mixed up."""
    yield no_rows(f"""
        WITH {PLAYERS}
        SELECT
          count(*) AS seasons,
          count(*) FILTER (WHERE runs <> runs_of_players OR home_runs <> home_runs_of_players) AS differ
        FROM totals
        HAVING differ > greatest(5, count(*) / 10)
    """)


@check("baseball.salary", severity="warning")
def work_is_paid() -> Iterator[Look]:
    """A salary is more than nothing."""
    yield no_rows("SELECT person_id, season, team_id, salary FROM {batch} WHERE salary <= 0")


@check("baseball.award", severity="warning")
def awards_have_a_league() -> Iterator[Look]:
    """The source says of which league an award is."""
    yield no_rows("SELECT person_id, award, season, league, ordinal FROM {batch} WHERE league = 'unknown'")


@check("baseball.hall_of_fame")
def votes_are_on_ballots() -> Iterator[Look]:
    """Nobody has more votes than ballots were cast."""
    yield no_rows("SELECT person_id, season, voted_by, ballots, votes FROM {batch} WHERE votes > ballots")


@check("baseball.hall_of_fame", severity="warning")
def the_inducted_had_the_votes() -> Iterator[Look]:
    """Nobody is inducted with fewer votes than were needed."""
    yield no_rows("SELECT person_id, season, voted_by, needed, votes FROM {batch} WHERE inducted AND votes < needed")


@check("baseball.hall_of_fame", severity="warning")
def preliminary_votes_induct_nobody() -> Iterator[Look]:
    """A preliminary poll or ballot inducts nobody."""
    yield no_rows("""
        SELECT person_id, season, voted_by, needed_note
        FROM {batch}
        WHERE inducted AND lower(needed_note) LIKE 'preliminary%'
    """)


@check("baseball.hall_of_fame", severity="warning")
def inducted_once() -> Iterator[Look]:
    """A person is inducted once; of several years the first counts in baseball.player_career."""
    yield no_rows("""
        SELECT person_id, count(*) AS times, min(season) AS first, max(season) AS last
        FROM {batch}
        WHERE inducted
        GROUP BY person_id
        HAVING count(*) > 1
    """)
