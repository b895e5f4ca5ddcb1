"""Every task's pod is one by the schemas of Kubernetes itself."""

import pytest

from fieldhouse.pods import settings, spec
from fieldhouse.pods.work import Work

validate = pytest.importorskip(
    "kubernetes_validate", reason="needs kubernetes-validate: `make test-airflow` has it"
).validate
EVERYTHING = {
    "FIELDHOUSE_PODS_LAKE_SECRET": "bucket",
    "FIELDHOUSE_PODS_CA": "certificates",
    "FIELDHOUSE_PODS_PULL_SECRETS": "registry",
    "FIELDHOUSE_PODS_EXTRACTORS": "international_results=elixir:localhost/results:dev",
}


@pytest.mark.parametrize("given", [{}, EVERYTHING], ids=["plain", "everything"])
def test_every_pod_is_valid(given: dict, every_work: list[Work]) -> None:
    for work in every_work:
        validate(spec.pod(work, settings.read(given)), "1.33", strict=True)


def test_a_field_that_does_not_exist_is_caught(every_work: list[Work]) -> None:
    pod = spec.pod(every_work[0], settings.read({}))
    pod["spec"]["containers"][0]["securityContext"]["readOnlyRootFileSystem"] = True
    with pytest.raises(Exception, match="readOnlyRootFileSystem"):
        validate(pod, "1.33", strict=True)
