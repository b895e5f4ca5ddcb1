"""Quirks R3 and R25: old rows change, move and vanish between commits; the newest snapshot is what holds."""

HEADER = "date,home_team,away_team,home_score,away_score,tournament,city,country,neutral\n"
FEED = "results/results.csv"


def test_r03_r25_rows_that_moved_or_changed_leave_nothing_behind(world):
    made = world()
    made.land(
        "international_results",
        {
            FEED: HEADER
            + "1891-04-06,England,Scotland,2,1,British Home Championship,Blackburn,England,FALSE\n"
            + "1968-11-29,Thailand,Myanmar,1,2,King's Cup,Bangkok,Thailand,FALSE\n"
            + "2026-06-20,Brazil,Haiti,NA,NA,FIFA World Cup,Philadelphia,United States,TRUE\n"
        },
    )
    made.tables("r1")
    made.land(
        "international_results",
        {
            FEED: HEADER
            + "1891-04-04,England,Scotland,2,1,British Home Championship,Blackburn,England,FALSE\n"
            + "1968-11-29,Thailand,Myanmar,0,2,King's Cup,Bangkok,Thailand,FALSE\n"
            + "2026-06-20,Brazil,Haiti,3,0,FIFA World Cup,Philadelphia,United States,TRUE\n"
        },
    )
    rows = made.tables("r2").sql(
        "SELECT date::text, home_goals, away_goals, status FROM football.match_wide ORDER BY date"
    )
    assert rows == [("1891-04-04", 2, 1, "played"), ("1968-11-29", 0, 2, "played"), ("2026-06-20", 3, 0, "played")]
