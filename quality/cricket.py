"""What must hold of cricket beyond what the contracts of its datasets imply: the same figures, added up in several ways."""

from collections.abc import Iterator

from fieldhouse.stages.audit.checks import Look, check, no_rows

#: Datasets without rows that are no mistake, and why.
MAY_BE_EMPTY = {
    "cricket.batting_innings": "the lake's sources may know no cricket; every_innings_has_its_figures finds what is lost",
    "cricket.bowling_innings": "the lake's sources may know no cricket; every_innings_has_its_figures finds what is lost",
}
#: How wickets are said to fall; retired hurt and retired not out stand among them, and are none.
KINDS = (
    "bowled",
    "caught",
    "caught and bowled",
    "handled the ball",
    "hit the ball twice",
    "hit wicket",
    "lbw",
    "obstructing the field",
    "retired hurt",
    "retired not out",
    "retired out",
    "run out",
    "stumped",
    "timed out",
)


@check("cricket.delivery")
def runs_add_up() -> Iterator[Look]:
    """Runs off the bat and extras are all runs, and the kinds of extras are all extras."""
    yield no_rows("""
        SELECT match_id, innings, "over", ball, runs_batter, runs_extras, runs_total
        FROM {batch}
        WHERE runs_total <> runs_batter + runs_extras OR runs_extras <> wides + noballs + byes + legbyes + penalty
    """)


@check("cricket.delivery")
def wickets_have_players() -> Iterator[Look]:
    """Whoever is out has a way to be out, and the other way round."""
    yield no_rows("""
        SELECT match_id, innings, "over", ball, wicket_kinds, players_out
        FROM {batch}
        WHERE len(wicket_kinds) <> len(players_out)
    """)


@check("cricket.delivery", severity="warning")
def kinds_of_wickets_are_known() -> Iterator[Look]:
    """Wickets fall in the ways that the laws know: a new word may be a wicket that counts for nobody."""
    yield no_rows(f"""
        SELECT match_id, innings, "over", ball, wicket_kinds
        FROM {{batch}}
        WHERE NOT list_has_all({list(KINDS)}, wicket_kinds)
    """)


@check("cricket.delivery")
def balls_are_numbered() -> Iterator[Look]:
    """The balls of an over are numbered from 1 without a gap: of several copies of a match one counts, whole."""
    yield no_rows("""
        SELECT match_id, innings, "over", min(ball) AS first_ball, max(ball) AS last_ball, count(*) AS balls
        FROM {batch}
        GROUP BY match_id, innings, "over"
        HAVING min(ball) <> 1 OR max(ball) <> count(*)
    """)


@check("cricket.delivery", severity="warning")
def overs_follow_one_another() -> Iterator[Look]:
    """The overs of an innings are numbered from 0 without a gap: an over that a source lacks is told."""
    yield no_rows("""
        SELECT match_id, innings, min("over") AS first_over, max("over") AS last_over, count(DISTINCT "over") AS overs
        FROM {batch}
        GROUP BY match_id, innings
        HAVING min("over") <> 0 OR max("over") + 1 <> count(DISTINCT "over")
    """)


@check("cricket.innings")
def totals_are_their_deliveries() -> Iterator[Look]:
    """An innings has the runs, extras, wickets and legal balls of its deliveries, and its penalty runs on top."""
    yield no_rows("""
        WITH bowled AS (
          SELECT
            match_id,
            innings,
            sum(runs_total) AS runs,
            sum(runs_extras) AS extras,
            count(*) FILTER (wides = 0 AND noballs = 0) AS legal_balls,
            sum(len(list_filter(wicket_kinds, lambda k: k NOT IN ('retired hurt', 'retired not out')))) AS wickets
          FROM cricket.delivery
          GROUP BY match_id, innings
        )
        SELECT i.match_id, i.innings, i.runs, i.extras, i.wickets, i.legal_balls
        FROM {batch} AS i
        LEFT JOIN bowled AS b ON b.match_id = i.match_id AND b.innings = i.innings
        WHERE i.runs <> coalesce(b.runs, 0) + i.penalty_runs
          OR i.extras <> coalesce(b.extras, 0) + i.penalty_runs
          OR i.wickets <> coalesce(b.wickets, 0)
          OR i.legal_balls <> coalesce(b.legal_balls, 0)
    """)


@check("cricket.innings")
def innings_are_numbered() -> Iterator[Look]:
    """The innings of a match are numbered from 1 without a gap, super overs last."""
    yield no_rows("""
        SELECT match_id, min(innings) AS first_innings, max(innings) AS last_innings, count(*) AS several
        FROM {batch}
        GROUP BY match_id
        HAVING min(innings) <> 1
          OR max(innings) <> count(*)
          OR min(innings) FILTER (super_over) < max(innings) FILTER (NOT super_over)
    """)


@check("cricket.delivery")
def deliveries_belong_to_innings() -> Iterator[Look]:
    """Every delivery is bowled in an innings of its match."""
    yield no_rows("""
        SELECT DISTINCT match_id, innings FROM {batch}
        WHERE (match_id, innings) NOT IN (SELECT (match_id, innings) FROM cricket.innings)
    """)


@check("cricket.innings")
def only_sides_of_the_match_bat() -> Iterator[Look]:
    """Whoever bats is one of the two sides of the match."""
    yield no_rows("""
        SELECT match_id, innings, team_id
        FROM {batch}
        WHERE (match_id, team_id) NOT IN (SELECT (match_id, participant_id) FROM core.participation)
    """)


@check("cricket.batting_innings")
def batters_and_extras_are_the_total() -> Iterator[Look]:
    """The batters' runs and the extras are the innings' runs, and as many are out as wickets fell."""
    yield no_rows("""
        SELECT i.match_id, i.innings, i.runs, sum(b.runs) AS batters, i.extras, i.wickets
        FROM cricket.innings AS i
        JOIN {batch} AS b ON b.match_id = i.match_id AND b.innings = i.innings
        GROUP BY i.match_id, i.innings, i.runs, i.extras, i.wickets
        HAVING sum(b.runs) + i.extras <> i.runs OR count(*) FILTER (b.out) <> i.wickets
    """)


@check("cricket.batting_innings")
def boundaries_are_runs() -> Iterator[Look]:
    """Fours and sixes are part of a batter's runs, and were faced."""
    yield no_rows("""
        SELECT match_id, innings, person_id, runs, balls, fours, sixes
        FROM {batch}
        WHERE 4 * fours + 6 * sixes > runs OR fours + sixes > balls
    """)


@check("cricket.bowling_innings")
def bowlers_concede_the_total() -> Iterator[Look]:
    """What the bowlers conceded is what was scored but for byes, leg byes and penalty runs; legal balls are all bowled."""
    yield no_rows("""
        WITH scored AS (
          SELECT match_id, innings, sum(runs_total - byes - legbyes - penalty) AS runs,
                 count(*) FILTER (wides = 0 AND noballs = 0) AS legal_balls
          FROM cricket.delivery
          GROUP BY match_id, innings
        )
        SELECT s.match_id, s.innings, s.runs, sum(b.runs) AS conceded
        FROM scored AS s
        JOIN {batch} AS b ON b.match_id = s.match_id AND b.innings = s.innings
        GROUP BY s.match_id, s.innings, s.runs, s.legal_balls
        HAVING sum(b.runs) <> s.runs OR sum(b.legal_balls) <> s.legal_balls
    """)


@check("cricket.bowling_innings")
def bowlers_take_no_more_than_fell() -> Iterator[Look]:
    """Bowlers take at most the wickets that fell, and bowl their maidens."""
    yield no_rows("""
        SELECT i.match_id, i.innings, i.wickets, sum(b.wickets) AS taken, sum(b.maidens) AS maidens
        FROM cricket.innings AS i
        JOIN {batch} AS b ON b.match_id = i.match_id AND b.innings = i.innings
        GROUP BY i.match_id, i.innings, i.wickets, i.legal_balls
        HAVING sum(b.wickets) > i.wickets OR 4 * sum(b.maidens) > i.legal_balls
    """)


@check("cricket.innings")
def every_innings_has_its_figures() -> Iterator[Look]:
    """An innings with a delivery has batters and bowlers; a super over has none in the figures."""
    yield no_rows("""
        WITH figures AS (
          SELECT match_id, innings FROM cricket.batting_innings
          INTERSECT
          SELECT match_id, innings FROM cricket.bowling_innings
        ),
        either AS (
          SELECT match_id, innings FROM cricket.batting_innings
          UNION
          SELECT match_id, innings FROM cricket.bowling_innings
        )
        SELECT match_id, innings, super_over
        FROM {batch}
        WHERE (legal_balls > 0 AND NOT super_over AND (match_id, innings) NOT IN (SELECT (match_id, innings) FROM figures))
          OR (super_over AND (match_id, innings) IN (SELECT (match_id, innings) FROM either))
    """)


@check("core.participation")
def a_match_has_two_sides() -> Iterator[Look]:
    """A cricket match has two sides, of which at most one has won; what was played has a result for both or none."""
    yield no_rows("""
        SELECT p.match_id, count(*) AS sides, string_agg(p.result, ', ' ORDER BY p.participant_id) AS results
        FROM {batch} AS p
        JOIN core.match AS m ON m.match_id = p.match_id
        WHERE m.sport = 'cricket'
        GROUP BY p.match_id
        HAVING count(*) <> 2
          OR count(*) FILTER (p.result = 'won') <> count(*) FILTER (p.result = 'lost')
          OR count(p.result) NOT IN (0, 2)
    """)
