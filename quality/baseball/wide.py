"""What must hold of baseball's wide tables: nothing is lost or counted twice on the way from the seasons."""

from collections.abc import Iterator

from fieldhouse.stages.audit.checks import Look, check, no_rows


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
