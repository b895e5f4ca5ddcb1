"""Checks that are stated: what a newcomer's function needs, and what is refused before anything runs."""

import pytest

from fieldhouse.errors import ConfigurationError, DataError
from fieldhouse.lake import documents, runs
from fieldhouse.stages import audit
from fieldhouse.stages.audit import basis, datadocs, work

HEAD = "from fieldhouse.stages.audit.checks import check, expect, no_rows\n"


def stated(body: str, dataset: str = "play.club", doc: str = '"""It holds."""') -> str:
    """A file under quality/ with one check."""
    return f'{HEAD}\n@check("{dataset}")\ndef rule():\n    {doc}\n    {body}\n'


def refused(world, text: str) -> ConfigurationError:
    """How the file is refused: before any receipt is left."""
    world.declare("quality/play.py", text)
    with pytest.raises(ConfigurationError) as caught:
        world.audit()
    assert runs.receipts(world.store, "r1", "audit.play") == []
    return caught.value


def test_one_function_adds_a_check(world):
    before = world.audit().counts["checks"]
    text = (world.home / "quality/play.py").read_text()
    one = stated('yield no_rows("FROM {batch} WHERE goals > 9")', dataset="play.game")
    world.declare("quality/play.py", text + one)
    receipt = world.audit("r2")
    assert receipt.counts["checks"] == before + 1


def test_a_function_may_look_several_times(world):
    looks = 'yield expect("expect_column_values_to_be_unique", column="name"); yield no_rows("FROM {batch} WHERE name = \'\'")'
    world.declare("quality/play.py", stated(looks))
    world.build()
    suite = work.work_on("play", basis.of_run(world.store, "r1", ("play",))).suites[0]
    assert [e.rule for e in suite.expectations][-2:] == ["rule.1", "rule.2"]


def test_a_function_may_be_a_check_of_several_datasets(world):
    world.declare(
        "quality/play.py", stated('yield no_rows("FROM {batch} WHERE 1 > 2")', dataset='play.club", "play.game')
    )
    world.build()
    found = [
        (s.dataset, e.rule)
        for s in work.work_on("play", basis.of_run(world.store, "r1", ("play",))).suites
        for e in s.expectations
    ]
    assert [dataset for dataset, rule in found if rule == "rule"] == ["play.club", "play.game"]


def test_a_check_of_no_dataset_is_refused(world):
    text = HEAD + '\n@check()\ndef rule():\n    """It holds."""\n    yield no_rows("FROM {batch}")\n'
    assert "a check names no dataset" in str(refused(world, text))


UNKNOWN = {
    "type": (
        'yield expect("expect_column_values_to_be_uniq", column="name")',
        "did you mean expect_column_values_to_be_unique",
    ),
    "column": ('yield expect("expect_column_values_to_be_unique", column="name_")', "did you mean name?"),
    "argument": ('yield expect("expect_column_values_to_be_unique", column="name", most=1)', "did you mean mostly"),
    "missing": ('yield expect("expect_column_values_to_match_regex", column="name")', "needs regex"),
    "share": ('yield expect("expect_column_values_to_be_unique", column="name", mostly=95)', "a share from 0 to 1"),
    "dataset": ('yield no_rows("SELECT 1 FROM {batch} JOIN play.gam USING (club_id)")', "did you mean play.game"),
    "batch": ('yield no_rows("SELECT 1 FROM play.club")', "{batch}"),
    "braces": ('yield no_rows("SELECT {} FROM {batch}")', "{batch}"),
    "nothing": ("return []", "looks at nothing"),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_what_nothing_knows_is_refused_at_once(world, case):
    body, said = UNKNOWN[case]
    assert said in str(refused(world, stated(body)))


def test_a_dataset_that_nothing_knows_is_refused(world):
    assert "did you mean play.club" in str(refused(world, stated('yield no_rows("FROM {batch}")', dataset="play.clob")))
    said = refused(world, stated('yield no_rows("FROM {batch}")') + 'MAY_BE_EMPTY = {"play.tal": "why"}\n')
    assert "did you mean play.tally" in str(said)


def test_a_check_says_what_must_hold(world):
    said = str(refused(world, stated('yield no_rows("FROM {batch}")', doc="pass")))
    assert "quality/play.py: the check rule has no docstring" in said


@pytest.mark.parametrize("text", [f"{HEAD}x = 1\n", ""], ids=["imports", "empty"])
def test_a_file_without_checks_is_refused(world, text):
    assert "has no check in it" in str(refused(world, text))


@pytest.mark.parametrize("text", ["def", f"{HEAD}1 / 0\n", stated("yield nothing")], ids=["syntax", "raises", "name"])
def test_a_file_that_does_not_run_is_refused(world, text):
    assert "quality/play.py: does not run" in str(refused(world, text))


def test_a_severity_that_nothing_knows_is_refused(world):
    text = (
        HEAD
        + '\n@check("play.club", severity="fatal")\ndef rule():\n    """It holds."""\n    yield no_rows("FROM {batch}")\n'
    )
    assert "one of critical, warning is expected" in str(refused(world, text))


def test_a_domain_without_datasets_has_nothing_to_check(world):
    world.build()
    with pytest.raises(ConfigurationError, match="there is nothing to check"):
        audit.run(world.store, "chess", "r1")


def test_a_suite_without_checks_is_refused():
    from fieldhouse import contracts
    from fieldhouse.stages.audit import suites

    team = contracts.load_all()["core.team"]
    with pytest.raises(ConfigurationError, match=r"core\.team has no checks"):
        suites.verified([], team, contracts.load_all())


def test_a_promise_that_does_not_fit_its_type_is_refused(world):
    text = (
        (world.home / "datasets/play/game.toml").read_text().replace('doc = "Date."', 'doc = "Date.", range = [1, 2]')
    )
    world.declare("datasets/play/game.toml", text)
    assert "day has range, and the type date" in str(refused(world, stated('yield no_rows("FROM {batch}")')))


def test_a_type_that_is_not_compiled_runs_natively(world):
    world.declare(
        "quality/play.py",
        stated('yield expect("expect_column_value_lengths_to_be_between", column="name", min_value=5)'),
    )
    world.rows["play.club"][0]["name"] = "Ajax"
    with pytest.raises(DataError):
        world.audit()
    (note, _) = runs.receipt(world.store, "r1", "audit.play").notes
    assert (note["rule"], note["state"], note["unexpected"]) == ("rule", "failed", 1)


@pytest.mark.filterwarnings("ignore")
def test_a_stored_audit_becomes_pages(world, tmp_path):
    world.rows["play.club"].append({"club_id": "c", "name": "Ajax"})
    receipt = world.audit()
    path = str(receipt.notes[-1]["document"])
    index = datadocs.render(documents.parse(world.store.get(path), path), tmp_path / "pages")
    assert index.is_file()
    pages = {p.relative_to(tmp_path / "pages").as_posix(): p.read_text("utf-8") for p in index.parent.rglob("*.html")}
    result = next(text for name, text in pages.items() if name.startswith("validations/play/club/"))
    assert "Ajax" in result
    assert "expectations/play/tally.html" in pages
