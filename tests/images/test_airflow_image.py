"""Airflow's image: as any user on a read-only root it reads its DAGs, and its workers can call what they are told to."""

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.images
ROOT = Path(__file__).resolve().parents[2]

BAG = """
import json, pathlib, sysconfig
from airflow.dag_processing.dagbag import DagBag
bag = DagBag("/opt/airflow/dags")
folder = pathlib.Path(sysconfig.get_path("purelib"))
compiled = {path.parent.parent / path.name.split(".")[0] for path in folder.rglob("__pycache__/*.pyc")}
ours = [str(path) for path in folder.rglob("fieldhouse/**/*.py") if path.with_suffix("") not in compiled]
print(json.dumps({"dags": sorted(bag.dags), "errors": bag.import_errors, "uncompiled": ours}))
"""
TABLES = "import importlib.util as u; print([n for n in ('pandas', 'pyarrow', 'duckdb', 'pip') if u.find_spec(n)])"


@pytest.fixture(scope="session")
def airflow_image(images):
    return images.build("fieldhouse/airflow:test", ROOT, "-f", str(ROOT / "containers/airflow/Dockerfile"))


def test_airflows_image_is_under_650_megabytes(airflow_image) -> None:
    print(f"{airflow_image.tag}: {airflow_image.size / 1e6:.0f} MB")
    assert airflow_image.size < 650e6


def test_it_reads_its_dags_as_any_user_on_a_read_only_root(images, airflow_image) -> None:
    ended = images.run(airflow_image, "python", "-c", BAG)
    assert ended.returncode == 0, ended.stderr[-3000:]
    found = json.loads(ended.stdout.splitlines()[-1])
    assert found["errors"] == {}
    assert {"fieldhouse.release", "fieldhouse.source.openfootball"} <= set(found["dags"])
    assert found["uncompiled"] == []


def test_its_command_line_works_for_a_user_without_a_name(images, airflow_image) -> None:
    ended = images.run(
        airflow_image, "airflow", "db", "check", env={"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "sqlite://"}
    )
    assert ended.returncode == 0, ended.stderr[-3000:]


def test_a_worker_finds_its_program_and_no_library_that_reads_tables(images, airflow_image) -> None:
    command = ["python", "-m", "airflow.sdk.execution_time.execute_workload", "--help"]
    assert "--json-string" in images.run(airflow_image, *command).stdout
    assert images.run(airflow_image, "python", "-c", TABLES).stdout == "[]\n"
