"""A source that is behind another: what the other knows already holds."""

import json

RESULT = "SELECT status, home_goals, away_goals FROM football.match_wide WHERE date = '2018-06-15'"
CUP = "openfootball/worldcup.json/2018/worldcup.json"


def _without_result(text: str) -> str:
    cup = json.loads(text)
    for name in ("score", "goals1", "goals2"):
        del cup["matches"][1][name]
    return json.dumps(cup)


def test_a_result_that_only_one_source_has_yet_is_the_result(mirror, new_lake):
    mirror.put(CUP, _without_result(mirror.get(CUP)))
    lake = new_lake()
    lake.run(mirror)
    assert lake.sql(RESULT) == [("played", 0, 1)]
    assert lake.sql("SELECT * FROM core.disagreement WHERE \"column\" = 'status'") == []


def test_a_match_keeps_its_id_when_the_other_source_follows(mirror, new_lake):
    published = mirror.get(CUP)
    mirror.put(CUP, _without_result(published))
    lake = new_lake()
    lake.run(mirror)
    mirror.put(CUP, published)
    lake.run(mirror)
    ids = "SELECT match_id FROM football.match_wide ORDER BY ALL"
    assert lake.sql(ids, 2) == lake.sql(ids, 1)
    assert lake.sql("SELECT * FROM core.redirect") == []
