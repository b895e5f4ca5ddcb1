"""Every record of the real feeds is used, passed over or set aside: as many as plain Python counts in every file."""

import pytest

pytestmark = pytest.mark.feeds


def test_records_of_every_file_add_up(published, counted):
    accounts = published("SELECT source, feed, key, records, sum(count)::INT FROM core.account GROUP BY ALL")
    told = {(source, feed, key, records): count for source, feed, key, records, count in accounts}
    assert told == {place: count for place, count in counted.items() if count}


def test_no_record_is_set_aside_and_what_is_passed_over_has_a_rule(published):
    rows = published(
        "SELECT outcome, rule, sum(count)::INT FROM core.account WHERE outcome <> 'used' GROUP BY ALL ORDER BY ALL"
    )
    assert rows == [("passed over", "correction: copy of another league", 240), ("passed over", "placeholder side", 5)]


def test_the_totals_are_those_of_the_feeds(published):
    rows = published("SELECT records, sum(count)::INT FROM core.account GROUP BY ALL ORDER BY ALL")
    found = dict(rows)
    assert found["league_match"] == 75_578
    assert (found["result"], found["goal"], found["shootout"], found["former_name"]) == (49_520, 47_914, 683, 36)
    assert found["squad_player"] == 1_248
    assert (found["batting"], found["pitching"], found["fielding"]) == (115_450, 52_344, 153_656)
    assert published("SELECT sum(count)::INT FROM core.account WHERE source = 'chadwick_register'") == [(414_888,)]


def test_every_match_leads_back_to_the_records_it_came_from(published):
    used = published(
        "SELECT sum(count)::INT FROM core.account WHERE outcome = 'used' AND records IN ('league_match', 'cup_match', 'result')"
    )
    led = published(
        "SELECT count(*)::INT FROM (SELECT DISTINCT source, feed, key, record FROM core.match_origin) "
        "WHERE record LIKE 'league_match %' OR record LIKE 'cup_match %' OR record LIKE 'result %'"
    )
    assert led == used


def test_the_stages_noticed_no_drift(real_lake):
    from fieldhouse.lake import open_store, releases, runs

    store = open_store(str(real_lake))
    run = releases.read(store).run
    for source in runs.read_inputs(store, run).sources:
        assert runs.receipt(store, run, f"normalize.{source}").notes == ()
