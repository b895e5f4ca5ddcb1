"""Every task's pod is one by the schemas of Kubernetes itself."""

import pytest

from fieldhouse.pods import settings, spec
from fieldhouse.pods.work import Work

schemas = pytest.importorskip("kubernetes_validate", reason="needs kubernetes-validate: `make test-airflow` has it")
#: The newest and the oldest Kubernetes that the library has the schemas of.
VERSIONS = (schemas.latest_version(), min(schemas.utils.all_versions(), key=lambda v: [int(n) for n in v.split(".")]))
EVERYTHING = {
    "FIELDHOUSE_PODS_LAKE_SECRET": "bucket",
    "FIELDHOUSE_PODS_WAREHOUSE_SECRET": "warehouse",
    "FIELDHOUSE_PODS_CA": "certificates",
    "FIELDHOUSE_PODS_PULL_SECRETS": "registry",
    "FIELDHOUSE_PODS_EXTRACTORS": "international_results=elixir:localhost/results:dev",
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("given", [{}, EVERYTHING], ids=["plain", "everything"])
def test_every_pod_is_valid(given: dict, version: str, every_work: list[Work]) -> None:
    for work in every_work:
        schemas.validate(spec.pod(work, settings.read(given)), version, strict=True)


def test_a_field_that_does_not_exist_is_caught(every_work: list[Work]) -> None:
    pod = spec.pod(every_work[0], settings.read({}))
    pod["spec"]["containers"][0]["securityContext"]["readOnlyRootFileSystem"] = True
    with pytest.raises(Exception, match="readOnlyRootFileSystem"):
        schemas.validate(pod, VERSIONS[0], strict=True)
