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


@check("baseball.player_season")
def no_player_is_lost() -> Iterator[Look]:
    """Every player's season has its row, with what all stints together have of hits, home runs, outs and strikeouts."""
    yield no_rows("""
        WITH stint AS (
          SELECT person_id, season, hits, home_runs, NULL AS outs_pitched, NULL AS struck_out FROM baseball.batting_season
          UNION ALL
          SELECT person_id, season, NULL, NULL, outs_pitched, strikeouts FROM baseball.pitching_season
          UNION ALL
          SELECT person_id, season, NULL, NULL, NULL, NULL FROM baseball.fielding_season
        ),
        together AS (
          SELECT
            person_id,
            season,
            sum(hits) AS hits,
            sum(home_runs) AS home_runs,
            sum(outs_pitched) AS outs_pitched,
            sum(struck_out) AS struck_out
          FROM stint
          GROUP BY person_id, season
        )
        SELECT person_id, season, t.hits AS hits_of_stints, p.hits, t.outs_pitched AS outs_of_stints, p.pitching_outs_pitched
        FROM together AS t
        FULL JOIN {batch} AS p USING (person_id, season)
        WHERE t.person_id IS NULL
          OR p.person_id IS NULL
          OR p.hits IS DISTINCT FROM t.hits
          OR p.home_runs IS DISTINCT FROM t.home_runs
          OR p.pitching_outs_pitched IS DISTINCT FROM t.outs_pitched
          OR p.pitching_strikeouts IS DISTINCT FROM t.struck_out
    """)


@check("baseball.player_season")
def pay_and_awards_are_kept() -> Iterator[Look]:
    """Salaries and awards of those who played are all there."""
    yield no_rows("""
        SELECT person_id, season, salary, s.pay, len(awards) AS awards, a.kinds
        FROM {batch} AS p
        LEFT JOIN (SELECT person_id, season, sum(salary) AS pay FROM baseball.salary GROUP BY ALL) AS s
          USING (person_id, season)
        LEFT JOIN (SELECT person_id, season, count(DISTINCT award) AS kinds FROM baseball.award GROUP BY ALL) AS a
          USING (person_id, season)
        WHERE salary IS DISTINCT FROM s.pay OR len(awards) <> coalesce(a.kinds, 0)
    """)


@check("baseball.player_season", severity="warning")
def ages_are_those_of_players() -> Iterator[Look]:
    """Players are from 14 to 60 years old; else a year of birth is wrong, or two people are taken for one."""
    yield no_rows("SELECT person_id, season, player, age FROM {batch} WHERE age NOT BETWEEN 14 AND 60")


@check("baseball.player_career")
def careers_are_their_seasons() -> Iterator[Look]:
    """A career is the sum of the player's seasons, from the first to the last."""
    counts = ("games", "at_bats", "runs", "hits", "home_runs", "walks", "pitching_wins", "pitching_outs_pitched")
    columns = ", ".join(("person_id", "first_season", "last_season", "seasons", *counts))
    sums = ", ".join(f"sum({c}) AS {c}" for c in counts)
    yield no_rows(f"""
        WITH together AS (
          SELECT person_id, min(season) AS first_season, max(season) AS last_season, count(*) AS seasons, {sums}
          FROM baseball.player_season
          GROUP BY person_id
        )
        (SELECT {columns} FROM together EXCEPT SELECT {columns} FROM {{batch}})
        UNION ALL
        (SELECT {columns} FROM {{batch}} EXCEPT SELECT {columns} FROM together)
    """)


@check("baseball.player_career")
def the_inducted_are_known() -> Iterator[Look]:
    """Who played and was inducted into the Hall of Fame has the year; nobody else has one."""
    yield no_rows("""
        WITH inducted AS (SELECT person_id, min(season) AS year FROM baseball.hall_of_fame WHERE inducted GROUP BY person_id)
        SELECT person_id, player, hall_of_fame_year, year
        FROM {batch}
        LEFT JOIN inducted USING (person_id)
        WHERE hall_of_fame_year IS DISTINCT FROM year
    """)


@check("baseball.team_season_wide")
def every_team_season_has_its_row() -> Iterator[Look]:
    """Every team's season has its row."""
    yield no_rows("""
        SELECT team_id, season, team
        FROM baseball.team_season
        ANTI JOIN {batch} USING (team_id, season)
    """)


@check("baseball.team_season_wide")
def payrolls_are_salaries() -> Iterator[Look]:
    """The payroll of a team's season is what its players were paid."""
    yield no_rows("""
        SELECT team_id, season, team, payroll, paid
        FROM {batch}
        LEFT JOIN (SELECT team_id, season, sum(salary) AS paid FROM baseball.salary GROUP BY ALL) USING (team_id, season)
        WHERE payroll IS DISTINCT FROM paid
    """)


@check("baseball.team_season_wide")
def leaders_lead() -> Iterator[Look]:
    """Nobody hit more home runs for a team than its leading hitter, who played for it."""
    yield no_rows("""
        WITH hitter AS (
          SELECT team_id, season, person_id, sum(home_runs) AS home_runs
          FROM baseball.batting_season
          GROUP BY team_id, season, person_id
        ),
        best AS (SELECT team_id, season, max(home_runs) AS most FROM hitter GROUP BY team_id, season)
        SELECT team_id, season, team, leading_home_runs, leading_home_run_hitter, most
        FROM {batch}
        LEFT JOIN best USING (team_id, season)
        WHERE leading_home_runs IS DISTINCT FROM most
          OR (leading_home_run_hitter IS NULL) <> (most IS NULL)
    """)


@check("baseball.game_play")
def plays_are_numbered() -> Iterator[Look]:
    """The plays of a game are numbered from 1 without a gap."""
    yield no_rows("""
        SELECT match_id, min(play_no) AS first_play, max(play_no) AS last_play, count(*) AS plays
        FROM {batch}
        GROUP BY match_id
        HAVING min(play_no) <> 1 OR max(play_no) <> count(*)
    """)


@check("baseball.game_play", severity="warning")
def innings_follow_one_another() -> Iterator[Look]:
    """A game's innings come in order, from the first, without a gap."""
    yield no_rows("""
        SELECT match_id, play_no, inning, inning_before
        FROM (
          SELECT *, lag(inning, 1, 0) OVER (PARTITION BY match_id ORDER BY play_no) AS inning_before FROM {batch}
        ) AS plays
        WHERE inning - inning_before NOT IN (0, 1)
    """)


MADE = """
    made AS (
      SELECT match_id, sum(runs) FILTER (half = 0) AS away, sum(runs) FILTER (half = 1) AS home
      FROM {batch}
      GROUP BY match_id
    ),
    differing AS (
      SELECT match_id, side, score, coalesce(CASE side WHEN 'away' THEN away ELSE home END, 0) AS made
      FROM made
      JOIN core.participation USING (match_id)
      WHERE score IS DISTINCT FROM coalesce(CASE side WHEN 'away' THEN away ELSE home END, 0)
    )
"""


@check("baseball.game_play", severity="warning")
def plays_make_the_score() -> Iterator[Look]:
    """The runs of a side's plays are its score."""
    yield no_rows(f"WITH {MADE} SELECT * FROM differing")


@check("baseball.game_play")
def plays_mostly_make_the_score() -> Iterator[Look]:
    """They are not in few games: where more than five, and one of a hundred, differ, plays are read wrongly."""
    yield no_rows(f"""
        WITH {MADE}
        SELECT count(*) AS games, (SELECT count(DISTINCT match_id) FROM differing) AS differ
        FROM made
        HAVING differ > greatest(5, count(*) / 100)
    """)


#: Of seasons of which every game is known: what they add up to, where that is not what the table says.
GAMES = """
    played AS (
      SELECT
        p.participant_id AS team_id,
        year(m.date) AS season,
        count(*) AS games,
        count(*) FILTER (p.result = 'won') AS won,
        count(*) FILTER (p.result = 'lost') AS lost,
        sum(p.score) AS scored,
        sum(o.score) AS let_in
      FROM core.match AS m
      JOIN core.phase AS h ON h.phase_id = m.phase_id AND h.kind = 'regular'
      JOIN core.participation AS p ON p.match_id = m.match_id
      JOIN core.participation AS o ON o.match_id = m.match_id AND o.participant_id <> p.participant_id
      WHERE m.sport = 'baseball'
      GROUP BY ALL
    ),
    compared AS (
      SELECT
        t.*,
        g.* EXCLUDE (team_id, season, games),
        (t.wins, t.losses, t.runs, t.runs_against) IS DISTINCT FROM (g.won, g.lost, g.scored, g.let_in) AS differs
      FROM {batch} AS t
      JOIN played AS g USING (team_id, season, games)
    )
"""


@check("baseball.team_season", severity="warning")
def games_make_the_season() -> Iterator[Look]:
    """A team won, lost, scored and let in what its games say, where all of them are known."""
    yield no_rows(f"WITH {GAMES} SELECT * FROM compared WHERE differs")


@check("baseball.team_season")
def games_mostly_make_the_season() -> Iterator[Look]:
    """They say something else in few seasons: where more than five, and one of ten, do, teams are linked wrongly."""
    yield no_rows(f"""
        WITH {GAMES}
        SELECT count(*) AS seasons, count(*) FILTER (WHERE differs) AS differ
        FROM compared
        HAVING differ > greatest(5, count(*) / 10)
    """)
