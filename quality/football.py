"""What must hold of football beyond what the contracts of its datasets imply."""

from collections.abc import Iterator

from fieldhouse.stages.audit.checks import Look, check, no_rows

#: Datasets without rows that are no mistake, and why.
MAY_BE_EMPTY = {
    "football.match_wide": "the lake's sources may know no football; one_row_per_match finds what is lost",
    "football.team_match": "nothing need have been played yet; no_result_is_lost finds what is lost",
    "football.standing": "cups and internationals have no table; every_league_has_a_table finds what is lost",
    "football.scorer": "not every source names scorers; scorers_have_all_goals finds what is lost",
}


@check("football.match_wide")
def one_row_per_match() -> Iterator[Look]:
    """Every football match has its row; that none has two, and no row is of anything else, grain and reference say."""
    yield no_rows("""
        SELECT match_id, date
        FROM core.match
        WHERE sport = 'football' AND match_id NOT IN (SELECT match_id FROM {batch})
    """)


@check("football.team_match")
def no_result_is_lost() -> Iterator[Look]:
    """Every football match with a result has its rows."""
    yield no_rows("""
        SELECT match_id, date, home_team, away_team
        FROM football.match_wide
        WHERE status IN ('played', 'awarded')
          AND home_goals IS NOT NULL
          AND away_goals IS NOT NULL
          AND match_id NOT IN (SELECT match_id FROM {batch})
    """)


@check("football.match_wide", severity="warning")
def listed_once() -> Iterator[Look]:
    """No two matches have the same date, sides and score: a file under two names, or a fixture in two rounds."""
    yield no_rows("""
        SELECT
          min(match_id) AS match_id,
          date,
          min(home_team) AS home_team,
          min(away_team) AS away_team,
          home_goals,
          away_goals,
          min(competition) AS competition,
          max(match_id) AS other_match_id,
          max(competition) AS other_competition
        FROM {batch}
        WHERE (date, home_team_id, away_team_id) IN (
            SELECT (date, home_team_id, away_team_id) FROM {batch} GROUP BY ALL HAVING count(*) > 1
          )
          AND home_goals IS NOT NULL
        GROUP BY date, home_team_id, away_team_id, home_goals, away_goals
        HAVING count(*) > 1
    """)


@check("football.standing")
def goals_balance() -> Iterator[Look]:
    """In every table goals for are goals against: each goal is scored by one team and conceded by another."""
    yield no_rows("""
        SELECT competition, season, date, sum(goals_for) AS goals_for, sum(goals_against) AS goals_against
        FROM {batch}
        GROUP BY competition, season, date
        HAVING sum(goals_for) IS DISTINCT FROM sum(goals_against)
    """)


@check("football.standing")
def results_balance() -> Iterator[Look]:
    """In every table wins are losses and draws come in pairs; each team's results add up to its matches."""
    yield no_rows("""
        SELECT competition, season, date, sum(won) AS won, sum(lost) AS lost, sum(drawn) AS drawn
        FROM {batch}
        GROUP BY competition, season, date
        HAVING sum(won) <> sum(lost) OR sum(drawn) % 2 <> 0 OR NOT bool_and(played = won + drawn + lost)
    """)


@check("football.team_match")
def sides_mirror() -> Iterator[Look]:
    """A match is two rows, one a side: what one scored, won or drew the other conceded, lost or drew."""
    yield no_rows("""
        SELECT match_id, min(date) AS date, count(*) AS sides
        FROM {batch}
        GROUP BY match_id
        HAVING count(*) <> 2
          OR min(goals_for) <> min(goals_against)
          OR max(goals_for) <> max(goals_against)
          OR count(*) FILTER (WHERE result = 'won') <> count(*) FILTER (WHERE result = 'lost')
          OR count(*) FILTER (WHERE side = 'home') <> 1
          OR bit_xor(hash(team_id)) <> bit_xor(hash(opponent_id))
    """)


@check("core.participation")
def result_follows_from_score() -> Iterator[Look]:
    """A football match has one home and one away side, and their results say what the final scores say."""
    yield no_rows("""
        WITH pair AS (
          SELECT
            match_id,
            count(*) = 2 AND min(side) = 'away' AND max(side) = 'home' AS paired,
            min(score) FILTER (WHERE side = 'home') AS home,
            min(score) FILTER (WHERE side = 'away') AS away,
            min(result) FILTER (WHERE side = 'home') AS home_result,
            min(result) FILTER (WHERE side = 'away') AS away_result
          FROM {batch}
          WHERE match_id IN (SELECT match_id FROM core.match WHERE sport = 'football')
          GROUP BY match_id
        )
        SELECT match_id, home, away, home_result, away_result
        FROM pair
        WHERE paired IS DISTINCT FROM true
          OR home_result IS DISTINCT FROM CASE sign(home - away) WHEN 1 THEN 'won' WHEN 0 THEN 'drawn' WHEN -1 THEN 'lost' END
          OR away_result IS DISTINCT FROM CASE sign(away - home) WHEN 1 THEN 'won' WHEN 0 THEN 'drawn' WHEN -1 THEN 'lost' END
    """)


RULE = """
    rule AS (
      SELECT played.competition, played.season, points_win, points_draw
      FROM (SELECT DISTINCT competition, season FROM {batch}) AS played
      LEFT JOIN football.rule
        ON rule.competition IN (played.competition, '*')
        AND played.season BETWEEN first_season AND last_season
      QUALIFY row_number() OVER (
        PARTITION BY played.competition, played.season ORDER BY rule.competition = '*', first_season DESC
      ) = 1
    )
"""


@check("football.standing")
def points_follow_from_results() -> Iterator[Look]:
    """Points of a table are what its wins and draws give by the declared rule (football.rule)."""
    yield no_rows(f"""
        WITH {RULE}
        SELECT competition, season, date, team_id, team, won, drawn, points, points_win, points_draw
        FROM {{batch}}
        JOIN rule USING (competition, season)
        WHERE points IS DISTINCT FROM won * points_win + drawn * points_draw
    """)


@check("football.team_match")
def points_follow_from_result() -> Iterator[Look]:
    """The result of a side follows from its goals, and its points from the result by the declared rule (football.rule)."""
    yield no_rows(f"""
        WITH {RULE}
        SELECT match_id, team_id, competition, season, goals_for, goals_against, result, points
        FROM {{batch}}
        JOIN rule USING (competition, season)
        WHERE result <> CASE sign(goals_for - goals_against) WHEN 1 THEN 'won' WHEN 0 THEN 'drawn' ELSE 'lost' END
          OR points IS DISTINCT FROM CASE result WHEN 'won' THEN points_win WHEN 'drawn' THEN points_draw ELSE 0 END
    """)


@check("football.standing")
def places_are_counted() -> Iterator[Look]:
    """The places of a table run from 1 to its number of teams, each once, and so do the official ones."""
    # One bit a place: all bits from 1 to n are set by n places only if each is there once (places above 120 share one).
    yield no_rows("""
        SELECT competition, season, date, count(*) AS teams, max(position) AS last, max(position_official) AS last_official
        FROM {batch}
        GROUP BY competition, season, date
        HAVING max(position) <> count(*)
          OR max(position_official) <> count(*)
          OR bit_or(1::HUGEINT << least(position, 120)) <> 2 * ((1::HUGEINT << least(count(*), 120)::INTEGER) - 1)
          OR bit_or(1::HUGEINT << least(position_official, 120)) <> 2 * ((1::HUGEINT << least(count(*), 120)::INTEGER) - 1)
    """)


@check("football.standing")
def last_tables_are_their_matches() -> Iterator[Look]:
    """What a season's last table says of a team is what the matches of the regular phase up to that day add up to."""
    yield no_rows("""
        WITH added AS (
          SELECT
            t.competition,
            t.season,
            t.date,
            t.team_id,
            count(*) AS matches,
            sum(f.goals_for) AS scored,
            sum(f.goals_against) AS conceded,
            sum(f.points) AS gained
          FROM {batch} AS t
          -- one row a team and match of the season
          JOIN football.team_match AS f
            ON (f.competition, f.season, f.team_id) = (t.competition, t.season, t.team_id) AND f.date <= t.date
          JOIN core.match AS m ON m.match_id = f.match_id
          LEFT JOIN core.phase AS p ON p.phase_id = m.phase_id
          WHERE t.is_final AND coalesce(p.kind, 'regular') = 'regular'
          GROUP BY t.competition, t.season, t.date, t.team_id
        )
        SELECT
          t.competition,
          t.season,
          t.date,
          t.team_id,
          t.team,
          t.played,
          a.matches,
          t.points,
          a.gained,
          t.goals_for,
          a.scored,
          t.goals_against,
          a.conceded
        FROM {batch} AS t
        LEFT JOIN added AS a USING (competition, season, date, team_id)
        WHERE t.is_final
          AND (t.played, t.goals_for, t.goals_against, t.points)
            IS DISTINCT FROM (coalesce(a.matches, 0), coalesce(a.scored, 0), coalesce(a.conceded, 0), coalesce(a.gained, 0))
    """)


@check("football.standing")
def every_league_has_a_table() -> Iterator[Look]:
    """A league season with results in its regular phase has tables, at least up to the date of the last of them."""
    yield no_rows("""
        WITH expected AS (
          SELECT slug AS competition, label AS season, max(date) AS date
          FROM core.match
          JOIN core.season USING (season_id)
          JOIN core.competition ON competition.competition_id = season.competition_id
          LEFT JOIN core.phase ON phase.phase_id = match.phase_id
          WHERE competition.sport = 'football'
            AND competition.kind = 'league'
            AND coalesce(phase.kind, 'regular') = 'regular'
            AND match_id IN (SELECT match_id FROM football.team_match)
          GROUP BY slug, label
        )
        SELECT competition, season, expected.date, found.date AS last_table
        FROM expected
        LEFT JOIN (SELECT competition, season, max(date) AS date FROM {batch} GROUP BY ALL) AS found
          USING (competition, season)
        WHERE found.date IS NULL OR found.date < expected.date
    """)


@check("football.scorer")
def scorers_have_all_goals() -> Iterator[Look]:
    """The goals of scorers are the goals whose scorer is named, own goals left out."""
    yield no_rows("""
        SELECT goals, scored
        FROM (SELECT coalesce(sum(goals), 0) AS goals FROM {batch}) AS listed
        CROSS JOIN (
          SELECT count(*) AS scored FROM football.goal
          WHERE NOT own_goal AND (scorer_id IS NOT NULL OR scorer IS NOT NULL)
        ) AS named
        WHERE goals <> scored
    """)


GOALS = """
    counted AS (
      SELECT
        match_id,
        min(date) AS date,
        min(home_team) AS home_team,
        min(away_team) AS away_team,
        min(home_goals) AS home_goals,
        min(away_goals) AS away_goals,
        min(home_goals_ht) AS home_goals_ht,
        min(away_goals_ht) AS away_goals_ht,
        count(*) FILTER (WHERE team_id = home_team_id) AS home_listed,
        count(*) FILTER (WHERE team_id = away_team_id) AS away_listed,
        count(*) FILTER (WHERE team_id = home_team_id AND minute <= 45) AS home_listed_ht,
        count(*) FILTER (WHERE team_id = away_team_id AND minute <= 45) AS away_listed_ht,
        count(minute) = count(*) AS timed
      FROM {batch}
      JOIN football.match_wide USING (match_id)
      WHERE status = 'played'
      GROUP BY match_id
    )
"""


@check("football.goal", severity="warning")
def goals_are_the_score() -> Iterator[Look]:
    """Where goals are listed, there are as many of each side as its final score says."""
    yield no_rows(f"""
        WITH {GOALS}
        SELECT match_id, date, home_team, away_team, home_goals, away_goals, home_listed, away_listed
        FROM counted
        WHERE home_listed <> home_goals OR away_listed <> away_goals
    """)


@check("football.goal")
def goals_mostly_are_the_score() -> Iterator[Look]:
    """Goals differ from scores in few matches: where more than five, and one of ten, do, sides or matches are mixed up."""
    yield no_rows(f"""
        WITH {GOALS}
        SELECT
          count(*) AS matches,
          count(*) FILTER (WHERE home_listed <> home_goals OR away_listed <> away_goals) AS differ
        FROM counted
        HAVING differ > greatest(5, count(*) / 10)
    """)


@check("football.goal", severity="warning")
def half_time_follows_from_goals() -> Iterator[Look]:
    """The score at half-time is the number of goals up to minute 45, where all are listed with their minutes."""
    yield no_rows(f"""
        WITH {GOALS}
        SELECT match_id, date, home_team, away_team, home_goals_ht, away_goals_ht, home_listed_ht, away_listed_ht
        FROM counted
        WHERE timed
          AND home_listed = home_goals
          AND away_listed = away_goals
          AND (home_listed_ht <> home_goals_ht OR away_listed_ht <> away_goals_ht)
    """)


@check("football.standing", severity="warning")
def equal_numbers_of_matches() -> Iterator[Look]:
    """All teams of a final table have played equally often, unless the season still has fixtures to come."""
    yield no_rows("""
        SELECT competition, season, min(played) AS fewest, max(played) AS most
        FROM {batch}
        WHERE is_final
          AND (competition, season) NOT IN (
            SELECT (competition, season) FROM football.match_wide WHERE status IN ('scheduled', 'postponed', 'unknown')
          )
        GROUP BY competition, season
        HAVING min(played) <> max(played)
    """)


@check("football.ruling", severity="warning")
def rulings_have_their_match() -> Iterator[Look]:
    """Every ruling speaks of a fixture of a league's regular phase; one that does not has no effect."""
    yield no_rows("""
        SELECT competition, season, date, home_team_id, away_team_id
        FROM {batch} AS r
        WHERE EXISTS (
            SELECT 1
            FROM football.match_wide AS s
            WHERE s.competition = r.competition AND s.season = r.season
          )
          AND NOT EXISTS (
            SELECT 1
            FROM football.match_wide AS m
            WHERE m.competition = r.competition
              AND m.season = r.season
              AND m.date = r.date
              AND m.home_team_id = r.home_team_id
              AND m.away_team_id = r.away_team_id
              AND m.status <> 'cancelled'
          )
    """)


@check("football.action", "football.appearance")
def players_are_of_a_side() -> Iterator[Look]:
    """Whoever acts or appears in a match is of one of its two sides."""
    yield no_rows("""
        SELECT match_id, team_id
        FROM {batch}
        WHERE (match_id, team_id) NOT IN (SELECT (match_id, participant_id) FROM core.participation)
        GROUP BY match_id, team_id
    """)


@check("football.action")
def actions_are_counted() -> Iterator[Look]:
    """A match's actions are numbered from 1 without a gap."""
    yield no_rows("""
        SELECT match_id, count(*) AS actions, min(action_no) AS first, max(action_no) AS last
        FROM {batch}
        GROUP BY match_id
        HAVING min(action_no) <> 1 OR max(action_no) <> count(*)
    """)


@check("football.action", severity="warning")
def time_runs_forward() -> Iterator[Look]:
    """Within a period no action is before the one that precedes it."""
    yield no_rows("""
        SELECT match_id, action_no, period, second, before
        FROM (
          SELECT *, lag(second) OVER (PARTITION BY match_id, period ORDER BY action_no) AS before FROM {batch}
        )
        WHERE second < before
    """)


@check("football.action", severity="warning")
def actions_have_all_goals() -> Iterator[Look]:
    """Goals among a match's actions, own goals of the other side included and shoot-outs not, are as many as the score says."""
    yield no_rows("""
        SELECT p.match_id, p.participant_id AS team_id, p.score, coalesce(g.goals, 0) AS goals
        FROM core.participation AS p
        LEFT JOIN (
          SELECT match_id, scoring AS team_id, count(*) AS goals
          FROM (
            SELECT a.match_id, if(a.own_goal, o.participant_id, a.team_id) AS scoring
            FROM {batch} AS a
            JOIN core.participation AS o ON o.match_id = a.match_id AND o.participant_id <> a.team_id
            WHERE (a.goal OR a.own_goal) AND a.period <> 'P'
          )
          GROUP BY match_id, scoring
        ) AS g ON g.match_id = p.match_id AND g.team_id = p.participant_id
        WHERE p.match_id IN (SELECT match_id FROM {batch}) AND p.score <> coalesce(g.goals, 0)
    """)


@check("football.appearance", severity="warning")
def line_ups_have_all_goals() -> Iterator[Look]:
    """The players' goals, and own goals of the other side, are as many as the score says, where all own goals are known."""
    yield no_rows("""
        WITH side AS (
          SELECT match_id, team_id, sum(goals) AS goals, sum(own_goals) AS own_goals, count(own_goals) = count(*) AS known
          FROM {batch}
          GROUP BY match_id, team_id
        )
        SELECT s.match_id, s.team_id, p.score, s.goals, o.own_goals
        FROM side AS s
        JOIN side AS o ON o.match_id = s.match_id AND o.team_id <> s.team_id
        JOIN core.participation AS p ON p.match_id = s.match_id AND p.participant_id = s.team_id
        WHERE o.known AND p.score <> s.goals + o.own_goals
    """)


@check("football.appearance", severity="warning")
def eleven_begin() -> Iterator[Look]:
    """No side begins with more than eleven."""
    yield no_rows("""
        SELECT match_id, team_id, count(*) FILTER (started) AS starters
        FROM {batch}
        GROUP BY match_id, team_id
        HAVING count(*) FILTER (started) > 11
    """)


@check("football.appearance", severity="warning")
def who_comes_off_has_come_on() -> Iterator[Look]:
    """Nobody is substituted before having come on."""
    yield no_rows("SELECT match_id, person_id, minute_on, minute_off FROM {batch} WHERE minute_off < minute_on")
