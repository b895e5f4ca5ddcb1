"""What must hold of baseball game by game: plays make scores, and games make seasons."""

from collections.abc import Iterator

from fieldhouse.stages.audit.checks import Look, check, no_rows


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
