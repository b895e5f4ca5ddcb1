"""What a task's pod is given: its own, and nothing else."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from fieldhouse import plan, sources
from fieldhouse.errors import ConfigurationError
from fieldhouse.lake import open_store
from fieldhouse.pods import settings, spec
from fieldhouse.pods import work as works
from fieldhouse.pods.settings import PodSettings
from fieldhouse.pods.work import Work
from fieldhouse.stages import attempt

PODS = PodSettings()
READING = next(task.id for task in plan.ahead(sources.find("retrosheet")) if task.stage == "read")
WithId = Callable[[str], Work]


def main(pod: dict) -> dict:
    return pod["spec"]["containers"][0]


def env(container: dict) -> dict:
    return {variable["name"]: variable["value"] for variable in container["env"]}


def mounts(container: dict) -> dict:
    return {mount["mountPath"]: mount for mount in container["volumeMounts"]}


def test_an_extractor_sees_its_own_attempt_and_not_the_lake(work: WithId) -> None:
    pod = spec.pod(work("extract.openfootball"), PODS)
    seen = mounts(main(pod))
    assert seen.keys() == {"/tmp", "/in", "/out"}
    assert seen["/in"]["readOnly"]
    assert seen["/in"]["subPath"].endswith("/openfootball/0002/in")
    assert seen["/out"]["subPath"].endswith("/openfootball/0002/out")
    assert not any(name.startswith("FIELDHOUSE_") for name in env(main(pod)))


def test_the_request_is_written_by_the_pipeline_before(work: WithId) -> None:
    found = work("extract.openfootball")
    [request] = spec.pod(found, PODS)["spec"]["initContainers"]
    assert request["command"] == ["fieldhouse"]
    assert request["args"] == [
        "request", "openfootball", "--run", found.identity.run, "--attempt", "2", "--inbox", "/in",
    ]  # fmt: skip
    assert mounts(request).keys() == {"/tmp", "/scratch", "/lake"}


def test_a_reader_sees_its_own_attempt_and_neither_lake_nor_secrets(work: WithId) -> None:
    found = work(READING)
    pod = spec.pod(found, PODS)
    seen = mounts(main(pod))
    assert seen.keys() == {"/tmp", "/in", "/out"}
    assert seen["/out"]["subPath"].endswith(f"/{found.task.of}.{found.task.feed}/0002/out")
    assert main(pod)["image"].endswith("retrosheet-reader:dev")
    assert main(pod)["args"] == ["/in/request.json", "/out"]
    [request] = pod["spec"]["initContainers"]
    assert request["args"] == [
        "request", found.task.of, "--run", found.identity.run, "--attempt", "2", "--inbox", "/in",
        "--read", found.task.feed,
    ]  # fmt: skip


def test_what_readers_of_the_run_have_left_is_seen_by_normalize_alone_and_cannot_be_changed(work: WithId) -> None:
    reading, found = work(READING), work("normalize.retrosheet.1")
    folder = reading.attempt_folder(PODS).rsplit("/", 2)[0]
    left = mounts(main(spec.pod(found, PODS)))[f"/scratch/{folder}"]
    assert (left["subPath"], left["readOnly"]) == (folder, True)
    assert not any("subPath" in m for m in mounts(main(spec.pod(work("normalize.openfootball"), PODS))).values())


def test_the_folder_of_an_attempt_is_the_one_the_stages_name(
    work: WithId, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIELDHOUSE_SCRATCH", str(tmp_path / "scratch"))
    store = open_store(str(tmp_path / "lake"))
    made = attempt.begin(store, "openfootball", "r1")
    seen = works.attempt_folder(dataclasses.replace(PODS, lake=store.url), "r1", "openfootball", 1)
    assert tmp_path / "scratch" / seen == made.folder


@pytest.mark.parametrize(
    "task", ["land.openfootball", "normalize.openfootball.3", "normalize.openfootball", "conform", "publish"]
)
def test_a_stage_is_called_by_its_verb(task: str, work: WithId) -> None:
    found = work(task)
    container = main(spec.pod(found, PODS))
    assert container["command"] == ["fieldhouse"]
    assert container["args"][: len(found.task.arguments) + 2] == [*found.task.arguments, "--run", found.identity.run]
    assert env(container)["FIELDHOUSE_LAKE"] == "/lake"
    assert env(container)["GX_ANALYTICS_ENABLED"] == "false"


def test_a_stage_may_use_less_memory_than_its_limit_for_sql(work: WithId) -> None:
    container = main(spec.pod(work("conform"), PODS))
    assert container["resources"]["limits"]["memory"] == "2048Mi"
    assert env(container)["FIELDHOUSE_MEMORY"] == "1228MB"


def test_only_those_who_hand_over_an_attempt_share_scratch(every_work: list[Work]) -> None:
    shared = {
        work.task.stage
        for work in every_work
        for volume in spec.pod(work, PODS)["spec"]["volumes"]
        if volume["name"] == "scratch" and "persistentVolumeClaim" in volume
    }
    assert shared == {"extract", "land", "read"}


def test_a_lake_in_a_bucket_needs_no_claim_and_only_the_pipeline_its_credentials(work: WithId) -> None:
    pods = settings.read({"FIELDHOUSE_PODS_LAKE": "s3://lake", "FIELDHOUSE_PODS_LAKE_SECRET": "bucket"})
    pod = spec.pod(work("extract.openfootball"), pods)
    assert [volume["name"] for volume in pod["spec"]["volumes"]] == ["tmp", "scratch"]
    assert "envFrom" not in main(pod)
    [request] = pod["spec"]["initContainers"]
    assert request["envFrom"] == [{"secretRef": {"name": "bucket"}}]
    assert env(request)["FIELDHOUSE_LAKE"] == "s3://lake"


def test_only_the_stage_that_loads_the_warehouse_sees_where_it_is(every_work: list[Work], work: WithId) -> None:
    pods = settings.read({"FIELDHOUSE_PODS_WAREHOUSE_SECRET": "warehouse"})
    pod = spec.pod(work("warehouse"), pods)
    assert env(main(pod))["FIELDHOUSE_WAREHOUSE_FILE"] == "/warehouse/url"
    assert mounts(main(pod))["/warehouse"]["readOnly"]
    [volume] = [v for v in pod["spec"]["volumes"] if v["name"] == "warehouse"]
    assert volume["secret"] == {
        "secretName": "warehouse", "defaultMode": 0o440, "items": [{"key": "url", "path": "url"}],
    }  # fmt: skip
    others = [spec.pod(found, pods) for found in every_work if found.task.stage != "warehouse"]
    assert not [other for other in others if "warehouse" in str(other["spec"])]


def test_an_extractor_gets_its_own_secrets_and_only_those(work: WithId) -> None:
    found = work("extract.openfootball")
    secret = dataclasses.replace(found, source=dataclasses.replace(found.source, secrets=("token",)))
    pod = spec.pod(secret, PODS)
    [volume] = [v for v in pod["spec"]["volumes"] if v["name"] == "secrets"]
    assert volume["secret"]["secretName"] == "fieldhouse-source-openfootball"
    assert [item["key"] for item in volume["secret"]["items"]] == ["token"]
    assert "/secrets" in mounts(main(pod))
    assert "/secrets" not in mounts(pod["spec"]["initContainers"][0])


def test_a_source_with_a_program_of_its_own_runs_its_own_image(work: WithId) -> None:
    found = work("extract.openfootball")
    extractor = dataclasses.replace(found.source.extractor, uses="", language="rust")
    own = dataclasses.replace(found, source=dataclasses.replace(found.source, extractor=extractor))
    container = main(spec.pod(own, PODS))
    assert container["image"] == "fieldhouse/openfootball:dev"
    assert "command" not in container
    assert container["args"] == ["/in/request.json", "/out"]


def test_an_extractor_can_be_exchanged_by_a_setting(work: WithId) -> None:
    pods = settings.read({"FIELDHOUSE_PODS_EXTRACTORS": "international_results=elixir:localhost/results:dev"})
    container = main(spec.pod(work("extract.international_results"), pods))
    assert container["image"] == "localhost/results:dev"
    assert "command" not in container
    assert env(container)["RELEASE_TMP"] == "/tmp"


def test_proxy_and_certificates_are_passed_on(work: WithId) -> None:
    pods = settings.read({"FIELDHOUSE_PODS_PROXY": "http://proxy:3128", "FIELDHOUSE_PODS_CA": "bundle"})
    container = main(spec.pod(work("extract.openfootball"), pods))
    assert env(container)["HTTPS_PROXY"] == "http://proxy:3128"
    assert env(container)["SSL_CERT_FILE"] == "/etc/fieldhouse/ca/ca.crt"
    assert "/etc/fieldhouse/ca" in mounts(container)


def test_a_pod_says_whose_it_is(work: WithId) -> None:
    found = work("extract.openfootball")
    metadata = spec.pod(found, PODS)["metadata"]
    assert metadata["labels"]["fieldhouse/source"] == "openfootball"
    assert metadata["labels"]["fieldhouse/stage"] == "extract"
    assert metadata["labels"]["fieldhouse/run"] == found.identity.run
    assert metadata["labels"]["fieldhouse/try"] == "2"
    assert metadata["annotations"]["cluster-autoscaler.kubernetes.io/safe-to-evict"] == "false"


def test_the_same_work_is_the_same_pod(work: WithId) -> None:
    assert spec.pod(work("publish"), PODS) == spec.pod(work("publish"), PODS)


def test_an_extract_task_without_its_declaration_is_refused(work: WithId) -> None:
    with pytest.raises(ConfigurationError, match="needs the declaration"):
        spec.pod(dataclasses.replace(work("extract.openfootball"), source=None), PODS)
