"""What an operator is given, and what it refuses: the plan, the declarations and the settings decide."""

import pytest

REASON = "needs Apache Airflow: `make test-airflow` has it"
pytest.importorskip("airflow", reason=REASON)
pytestmark = pytest.mark.filterwarnings("ignore")  # Airflow's own; what our code calls is seen in tests/dags

from fieldhouse.errors import ConfigurationError  # noqa: E402
from fieldhouse.pods import operators  # noqa: E402
from fieldhouse.pods.operators import ElixirPodOperator, PythonPodOperator, RustPodOperator  # noqa: E402
from fieldhouse.pods.settings import PodSettings  # noqa: E402


def test_a_task_needs_its_stage_and_what_it_works_on() -> None:
    operator = PythonPodOperator(stage="normalize", of="openfootball")
    assert operator.task_id == "normalize.openfootball"
    assert operator.image == "fieldhouse/pipeline:dev"
    assert operator.retries == 2


def test_an_operator_takes_only_its_own_language() -> None:
    pods = PodSettings(extractors={"openfootball": ("elixir", "x:1")})
    assert ElixirPodOperator(stage="extract", of="openfootball", pods=pods).image == "x:1"
    with pytest.raises(ConfigurationError, match="runs rust, and this is written in elixir"):
        RustPodOperator(stage="extract", of="openfootball", pods=pods)


def test_an_unknown_task_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"the plan has no task 'normalize\.nobody'"):
        PythonPodOperator(stage="normalize", of="nobody")


@pytest.mark.parametrize(
    "argument", ["image", "do_xcom_push", "is_delete_operator_pod", "env_vars", "on_finish_action"]
)
def test_what_plan_and_settings_decide_is_not_for_a_dag_to_say(argument: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{argument}: not for a DAG to say"):
        PythonPodOperator(stage="publish", **{argument: "x"})


def test_every_language_has_its_operator() -> None:
    assert {language: found.language for language, found in operators.OPERATORS.items()} == {
        name: name for name in ("elixir", "python", "rust", "shell")
    }


@pytest.mark.parametrize(("given", "expected"), [({}, True), ({"config_file": "/some/config"}, None)])
def test_in_a_pod_the_triggerer_is_told_to_use_the_pods_account(given, expected, monkeypatch) -> None:
    assert PythonPodOperator(stage="conform", **given).in_cluster is None
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    assert PythonPodOperator(stage="conform", **given).in_cluster is expected
