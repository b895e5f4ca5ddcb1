"""Charts and lineages: every bar and box has its place, whatever there is to draw."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from fieldhouse.site import chart as charts
from fieldhouse.site.layout import Picture, picture
from fieldhouse.site.lineage import Lineage, Node, dataset

FEED = Node("feed", "toy/league", "toy")
LINEAGE = Lineage(
    frozenset(
        {
            (FEED, dataset("core.team")),
            (dataset("core.team"), dataset("football.standing")),
            (dataset("core.team"), dataset("football.team_match")),
            (dataset("football.standing"), dataset("football.team_match")),
            (Node("feed", "other/people", "other"), dataset("core.person")),
        }
    )
)


def names(lineage: Lineage) -> set[tuple[str, str]]:
    return {(read.name, made.name) for read, made in lineage.edges}


def test_a_dataset_s_lineage_is_all_that_leads_to_it_and_what_is_made_of_it() -> None:
    assert names(LINEAGE.to(dataset("football.standing"))) == {
        ("toy/league", "core.team"),
        ("core.team", "football.standing"),
        ("football.standing", "football.team_match"),
    }


def test_a_domain_s_lineage_has_one_node_a_source() -> None:
    found = LINEAGE.of_domain("football")
    assert ("toy", "core.team") in names(found)
    assert not [edge for edge in names(found) if "other" in edge[0]]


def test_feeds_of_other_sources_can_be_left_out() -> None:
    assert ("other/people", "core.person") not in names(LINEAGE.from_sources(["toy"]))


def test_no_dataset_is_left_of_what_it_is_made_of() -> None:
    found = picture(LINEAGE)
    assert found is not None
    assert_drawn(LINEAGE, found)
    passing = next(line for line in found.lines if " H" in line)
    assert passing, "the line that leads past a layer has a place in it"


@given(st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda edge: edge[0] < edge[1]), min_size=1))
def test_boxes_of_any_lineage_stand_apart_and_in_order(edges: set[tuple[int, int]]) -> None:
    lineage = Lineage(frozenset((dataset(f"core.d{a}"), dataset(f"core.d{b}")) for a, b in edges))
    found = picture(lineage)
    assert found is not None
    assert len(found.lines) == len(edges)
    assert_drawn(lineage, found)


def assert_drawn(lineage: Lineage, found: Picture) -> None:
    boxes = {box.node: box for box in found.boxes}
    assert set(boxes) == {node for edge in lineage.edges for node in edge}
    for read, made in lineage.edges:
        assert boxes[read].x + boxes[read].width < boxes[made].x
    for one, other in combinations(found.boxes, 2):
        apart = one.x + one.width < other.x or other.x + other.width < one.x
        assert apart or one.y + one.height < other.y or other.y + other.height < one.y
    for box in found.boxes:
        assert 0 <= box.x <= found.width - box.width
        assert 0 <= box.y <= found.height - box.height


def test_nothing_to_connect_is_no_picture() -> None:
    assert picture(Lineage(frozenset())) is None


@given(st.dictionaries(st.text(min_size=1), st.integers(1, 10**9), min_size=2, max_size=300))
def test_bars_stand_side_by_side_and_show_what_is_there(counts: dict[str, int]) -> None:
    found = charts.chart("season", counts)
    assert found is not None
    assert [(bar.label, bar.rows) for bar in found.bars] == list(counts.items())
    for bar in found.bars:
        assert 0 < bar.height <= charts.HEIGHT
        assert bar.x >= 0
        assert bar.x + bar.width <= charts.WIDTH + 0.02
    assert all(a.x + a.width <= b.x for a, b in zip(found.bars, found.bars[1:], strict=False))
    assert (found.labels[0], found.labels[-1]) == (next(iter(counts)), list(counts)[-1])
    assert max(bar.height for bar in found.bars) == charts.HEIGHT


def test_one_bar_is_no_chart() -> None:
    assert charts.chart("season", {"2014-15": 3}) is None
