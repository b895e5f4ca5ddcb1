"""Older revisions of the real feeds, one after the other on one lake: corrections come through, nothing stays behind."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.feeds

FOLDERS = (
    ("openfootball", "football.json"),
    ("openfootball", "worldcup.json"),
    ("international_results", "international_results"),
)
#: The commits whose files are laid over the mirror before each run, by folder. The last run is over today's files.
STEPS = (
    ("198f60ce", "675c5812", "d3a54dad"),
    ("3cefd71c", "97f8ece7", None),
    ("ddafa55f", "a1cf0e35", None),
    ("4a843cdd", None, "0ceccf19"),
)
TODAY = len(STEPS) + 1
#: Files that stay as they are today, so that the names are known that clubs had in between.
STANDING = [
    *(f"football.json/{season}/en.1.json" for season in ("2012-13", "2014-15", "2018-19", "2020-21")),
    *(f"football.json/{season}/en.3.json" for season in ("2018-19", "2024-25")),
    "worldcup.json/2010/worldcup.json",
    "worldcup.json/2022/worldcup.json",
]
#: What a lake says in the end does not depend on what it said before; ids do.
SAME_BUT_FOR_IDS = (
    # Of two matches of a team on one day their ids tell which is the sixth last, and does not count in form.
    """
    SELECT * EXCLUDE (match_id, home_team_id, away_team_id, winner_team_id, home_form_5, away_form_5)
    FROM football.match_wide ORDER BY ALL
    """,
    "SELECT * EXCLUDE (team_id) FROM football.standing ORDER BY ALL",
    "SELECT * EXCLUDE (match_id, team_id, opponent_id, form_5) FROM football.team_match ORDER BY ALL",
    "SELECT * EXCLUDE (scorer_key, person_id, team_id) FROM football.scorer ORDER BY ALL",
    "SELECT kind, source, name, count(*) FROM core.name GROUP BY ALL ORDER BY ALL",
    "SELECT kind, source, count(*) FROM core.crosswalk GROUP BY ALL ORDER BY ALL",
    "SELECT kind, source, reason, count(*) FROM core.unlinked GROUP BY ALL ORDER BY ALL",
    "SELECT dataset, source, value, chosen_value FROM core.disagreement WHERE \"column\" NOT LIKE '%_id' ORDER BY ALL",
    "SELECT * FROM core.account ORDER BY ALL",
    "SELECT * FROM core.correction ORDER BY ALL",
)
IDS = "SELECT match_id FROM football.match_wide WHERE competition = '{}' AND season = '{}'"


def test_older_revisions_pass_through_as_corrections(feeds, new_lake, new_mirror, subtests):
    """One lake with a release after every revision and one of today, and a lake of today alone."""
    mirror = new_mirror()
    changing = _changing(feeds)
    _put_today(mirror, feeds, [("openfootball", key) for key in STANDING])
    _put_today(mirror, feeds, [item for item in changing if item[0] == "international_results"])
    revised, fresh = new_lake(), new_lake()
    for commits in STEPS:
        for (source, folder), commit in zip(FOLDERS, commits, strict=True):
            if commit:
                _lay_over(mirror, _revision(feeds, source, folder, commit), f"{source}/{folder}")
        assert not revised.run(mirror).failed
    _put_today(mirror, feeds, changing)
    for lake in (revised, fresh):
        assert not lake.run(mirror).failed
    assert revised.release().number == TODAY
    for check in (_each_match_once, _matches_keep_ids, _renamed_things_keep_ids, _newest_scores, _ids_lead_somewhere):
        with subtests.test(check.__name__):
            check(revised)
    for query in SAME_BUT_FOR_IDS:
        with subtests.test(query):
            assert revised.sql(query) == fresh.sql(query)


def _revision(feeds: Path, source: str, folder: str, commit: str) -> Path:
    (found,) = (feeds / source).glob(f"{folder}@{commit}*")
    return found


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix in (".json", ".csv"))


def _lay_over(mirror, revision: Path, where: str) -> None:
    for key in _files(revision):
        mirror.put(f"{where}/{key}", (revision / key).read_text(encoding="utf-8"))


def _changing(feeds: Path) -> list[tuple[str, str]]:
    """Source and file of all that the revisions hold and today's feeds have, too."""
    found = {("international_results", "international_results/former_names.csv")}
    for commits in STEPS:
        for (source, folder), commit in zip(FOLDERS, commits, strict=True):
            if commit:
                found |= {(source, f"{folder}/{key}") for key in _files(_revision(feeds, source, folder, commit))}
    return sorted(item for item in found if (feeds / item[0] / item[1]).is_file())


def _put_today(mirror, feeds: Path, items: list[tuple[str, str]]) -> None:
    for source, key in items:
        mirror.put(f"{source}/{key}", (feeds / source / key).read_text(encoding="utf-8"))


def _ids(lake, number: int, competition: str, season: str) -> set[str]:
    return {row[0] for row in lake.sql(IDS.format(competition, season), number)}


def _each_match_once(lake) -> None:
    counts = {
        # Unplayed but for 40; one fixture twice, as published; mended; mended; today.
        ("en.1", "2015-16"): [380, 381, 380, 380, 380],
        ("en.1", "2019-20"): [0, 0, 380, 380, 380],
        ("de.1", "2025-26"): [0, 0, 0, 306, 306],
        ("en.1", "2025-26"): [0, 0, 0, 380, 380],
        ("en.2", "2025-26"): [0, 0, 0, 552, 552],
        ("en.3", "2025-26"): [0, 0, 0, 552, 552],
        ("worldcup", "2018"): [64, 64, 64, 64, 64],
        ("worldcup", "2026"): [0, 0, 72, 72, 104],
    }
    releases = range(1, TODAY + 1)
    assert {season: [len(_ids(lake, n, *season)) for n in releases] for season in counts} == counts


def _matches_keep_ids(lake) -> None:
    first = {
        ("en.1", "2015-16"): 1,
        ("en.1", "2019-20"): 3,
        ("de.1", "2025-26"): 4,
        ("en.1", "2025-26"): 4,  # 105 scores filled, 31 changed, 59 dates moved
        ("en.2", "2025-26"): 4,  # nine clubs under shorter names in one round
        ("en.3", "2025-26"): 4,  # clubs under their first word only, dates a year off
        ("worldcup", "2018"): 1,
    }
    for season, number in first.items():
        assert _ids(lake, number, *season) == _ids(lake, TODAY, *season), season
        for between in range(number, TODAY):
            assert _ids(lake, between, *season) >= _ids(lake, TODAY, *season), (season, between)


def _renamed_things_keep_ids(lake) -> None:
    for kind, before, after in (
        ("team", "China PR", "China"),
        ("team", "Arsenal", "Arsenal FC"),
        ("team", "Norwich", "Norwich City FC"),
        ("competition", "Inter Games Football Tournament", "Inter Games"),
    ):
        named = f"SELECT DISTINCT entity_id FROM core.name WHERE kind = '{kind}' AND name = '{{}}'"
        assert lake.sql(named.format(before), 1) == lake.sql(named.format(after), TODAY) != [], before


def _newest_scores(lake) -> None:
    barnsley = """
        SELECT home_goals, away_goals FROM football.match_wide
        WHERE season = '2025-26' AND home_team LIKE 'Barnsley%' AND away_team LIKE 'Northampton%'
    """
    assert (lake.sql(barnsley, 4), lake.sql(barnsley, 5)) == ([(2, 0)], [(2, 2)])
    thailand = (
        "SELECT home_goals, away_goals FROM football.match_wide WHERE date = '1968-11-29' AND home_team = 'Thailand'"
    )
    assert (lake.sql(thailand, 3), lake.sql(thailand, 4)) == ([(1, 2)], [(0, 2)])


def _ids_lead_somewhere(lake) -> None:
    for number in range(1, TODAY + 1):
        used = "SELECT entity_id FROM core.crosswalk"
        assert not lake.sql(f"SELECT * FROM core.redirect WHERE old_id IN ({used})", number)
        assert not lake.sql(f"SELECT * FROM core.redirect WHERE new_id NOT IN ({used})", number)
