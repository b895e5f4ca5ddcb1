"""Names of pods and runs: valid, the same each time, and nobody else's."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldhouse.lake.runs import check_run
from fieldhouse.pods.identity import Identity, label, run_id

identities = st.builds(
    Identity,
    dag=st.text(max_size=80),
    airflow_run=st.text(max_size=300),
    task=st.text(max_size=300),
    map_index=st.integers(-1, 10_000),
    attempt=st.integers(1, 1000),
)


@given(identities)
def test_a_pod_name_is_a_dns_label(identity: Identity) -> None:
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", identity.pod_name)


@given(identities, identities)
def test_two_tries_never_share_a_name(one: Identity, other: Identity) -> None:
    assert (one.pod_name == other.pod_name) == (one == other)


@given(identities)
def test_all_tries_of_a_task_instance_share_an_owner(identity: Identity) -> None:
    again = Identity(identity.dag, identity.airflow_run, identity.task, identity.map_index, identity.attempt + 1)
    assert again.owner == identity.owner
    assert again.pod_name != identity.pod_name


@given(st.text(max_size=80), st.text(max_size=300))
def test_a_run_id_is_one_of_the_lake(dag: str, airflow_run: str) -> None:
    assert check_run(run_id(dag, airflow_run)) == run_id(dag, airflow_run)


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_two_runs_never_share_an_id(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (run_id(*one) == run_id(*other)) == (one == other)


def test_names_can_be_read() -> None:
    identity = Identity("fieldhouse", "scheduled__2026-08-01T05:00:00+00:00", "extract.openfootball", 3, 2)
    assert re.fullmatch(r"extract-openfootball-m3-t2-[0-9a-f]{16}", identity.pod_name)
    assert re.fullmatch(r"scheduled-2026-08-01t05-00-00-00-00-[0-9a-f]{16}", identity.run)


def test_a_dag_and_a_run_are_not_glued_together() -> None:
    assert run_id("ab", "c") != run_id("a", "bc")


@given(st.text(max_size=200))
def test_a_label_is_valid(value: str) -> None:
    assert re.fullmatch(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?", label(value))


@pytest.mark.parametrize("value", ["", "openfootball", "a.b_c-d"])
def test_what_is_a_label_stays_as_it_is(value: str) -> None:
    assert label(value) == value
