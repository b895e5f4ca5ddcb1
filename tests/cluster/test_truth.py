"""Six of the faults of docs/truth.md, played against our operator on the cluster of KUBECONFIG: no cell is wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("airflow", reason="needs Apache Airflow: `make test-cluster` has it")
pytestmark = pytest.mark.cluster

HERE = Path(__file__).parent
ENVIRONMENT = dict(os.environ)  # as it is before tests are shielded from the settings of their caller
#: The fault, and the reason that the exception must give; "" where the task succeeds.
FAULTS = {"1": "Killed", "3b": "Deleted", "4": "OOMKilled", "8": "Unproved", "12": "", "14": ""}
DELETED = {"1", "3b"}


@pytest.fixture(scope="session")
def plays(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """What came of each, by the fault's id."""
    found = tmp_path_factory.mktemp("truth") / "plays.json"
    paths = os.pathsep.join([str(HERE), *filter(None, [ENVIRONMENT.get("PYTHONPATH")])])
    command = [sys.executable, "-m", "truth", "--quick", "--operators", "ours", "--json", str(found)]
    ended = subprocess.run(
        command, env={**ENVIRONMENT, "PYTHONPATH": paths}, capture_output=True, text=True, timeout=600, check=False
    )
    assert ended.returncode in (0, 1), ended.stdout + ended.stderr
    return {play["fault"]: play for play in json.loads(found.read_text())}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_pod_in_trouble_is_told_as_it_was(plays, fault: str) -> None:
    play = plays[fault]
    assert play["wrong"] == []
    assert (play["orphans"], play["doubled"], play["secret_in_message"], play["secret_in_log"]) == (0, 0, False, False)
    assert play["written"] > 0
    # What a pod says while it is deleted may be gone with it; then the log says so.
    assert play["lost"] == 0 or (fault in DELETED and play["said"])


@pytest.mark.parametrize(("fault", "reason"), [(fault, reason) for fault, reason in FAULTS.items() if reason])
def test_the_reason_is_in_the_first_line(plays, fault: str, reason: str) -> None:
    first = plays[fault]["message"].splitlines()[0]
    assert f"reason={reason}" in first
    assert plays[fault]["state"] == "up_for_retry"


def test_what_a_lost_worker_left_is_gone_on_with(plays) -> None:
    assert plays["14"]["state"] == "lost → success"
    assert len(plays["14"]["pods"]) == 1


def test_six_faults_are_played(plays) -> None:
    assert set(plays) == set(FAULTS)
