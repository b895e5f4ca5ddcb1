"""The DAGs, read once as Airflow reads them."""

import warnings
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "dags"


@pytest.fixture(scope="session")
def bag(tmp_path_factory: pytest.TempPathFactory):
    """The DagBag of the repository's DAG folder, and the warnings that reading it gave."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dagbag = pytest.importorskip("airflow.dag_processing.dagbag", reason="needs Apache Airflow")
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        found = dagbag.DagBag(str(FOLDER))
    return found, given
