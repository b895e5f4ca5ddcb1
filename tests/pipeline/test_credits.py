"""What a release says of its datasets' sources and copies, through the whole pipeline."""

import json

import fieldhouse as fh
from fieldhouse import contracts

EN_1 = "openfootball/football.json/2013-14/en.1.json"


def sources(lake, name: str) -> set[str]:
    return set(fh.describe(name, lake=lake.store.url).licences)


def test_a_dataset_has_the_licences_of_the_sources_that_it_is_made_of(mirror, new_lake):
    lake = new_lake()
    lake.run(mirror)
    assert sources(lake, "football.goal") == {"openfootball", "international_results"}
    assert sources(lake, "football.match_wide") == {"openfootball", "international_results"}
    assert "openfootball" in sources(lake, "football.standing")
    assert sources(lake, "football.rule") == set()  # reviewed here
    assert sources(lake, "baseball.player_season") == set()  # has no rows
    assert sources(lake, "core.account") == {"openfootball", "international_results"}


def test_only_what_the_release_is_made_of_is_named(mirror, new_lake):
    lake = new_lake()
    lake.run(mirror, ("openfootball",))
    for dataset in fh.datasets(lake=lake.store.url):
        told = fh.describe(dataset.name, lake=lake.store.url)
        assert set(told.licences) == set(told.inputs)
        reviewed = contracts.load_all()[dataset.name].filled_by == "reviewed"
        assert set(told.licences) == ({"openfootball"} if dataset.rows and not reviewed else set()), dataset.name


def test_copies_follow_their_dataset(mirror, new_lake):
    lake = new_lake()
    lake.run(mirror)
    [copy] = fh.describe("football.team_match", lake=lake.store.url).copies
    assert (copy.name, copy.sort[:2]) == ("by_team", ("team_id", "date"))
    changed = json.loads(mirror.get(EN_1))
    changed["rounds"][0]["matches"][0]["score1"] += 1
    mirror.put(EN_1, json.dumps(changed))
    lake.run(mirror)
    table = lake.release().datasets["football.team_match"]
    [made] = table.copies
    assert sum(part.rows for part in made.parts) == table.rows
    whole = fh.load("football.team_match", lake=lake.store.url)
    for team, rows in whole.groupby("team_id"):
        found = fh.load("football.team_match", where={"team_id": team}, lake=lake.store.url)
        assert found.equals(rows.reset_index(drop=True))
