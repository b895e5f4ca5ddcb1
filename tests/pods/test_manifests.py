"""The manifests in `deploy/`: what Kubernetes knows, restricted, of one image, and without a secret in them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from restricted import broken, containers

yaml = pytest.importorskip("yaml")
DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*.yaml") if path.name != "kustomization.yaml")
KUSTOMIZATIONS = sorted(DEPLOY.rglob("kustomization.yaml"))
#: An old version, and a current one.
VERSIONS = ("1.25", "1.37")
#: What both old and new kubectl understand alike.
UNDERSTOOD = {"apiVersion", "kind", "namespace", "resources", "bases", "patchesStrategicMerge", "images"}


def documents(path: Path) -> list[dict]:
    return [doc for doc in yaml.safe_load_all(path.read_text(encoding="utf-8")) if doc]


def whole() -> list[tuple[str, dict]]:
    """All documents but patches, which are parts of others."""
    patches = {
        folder.parent / name
        for folder in KUSTOMIZATIONS
        for name in yaml.safe_load(folder.read_text(encoding="utf-8")).get("patchesStrategicMerge", [])
    }
    return [
        (f"{d['kind']} {d['metadata']['name']}", d) for path in FILES if path not in patches for d in documents(path)
    ]


def pods() -> Iterator[tuple[str, dict]]:
    """All pods, those of workers included, as documents of pods."""
    for name, doc in whole():
        if doc["kind"] in ("Deployment", "StatefulSet", "Job"):
            yield name, doc["spec"]["template"]
        if doc["kind"] == "Pod":
            yield name, doc
        if name == "ConfigMap airflow-worker":
            yield "worker", yaml.safe_load(doc["data"]["worker.yaml"])


WHOLE, PODS = dict(whole()), dict(pods())


def setting(name: str, folder: Path) -> str | None:
    """A setting of the deployment, as the files of one folder have it."""
    found = [
        doc["data"][name]
        for path in folder.glob("*.yaml")
        if path.name != "kustomization.yaml"
        for doc in documents(path)
        if doc["kind"] == "ConfigMap" and name in doc.get("data", {})
    ]
    return found[0] if found else None


@pytest.mark.parametrize("name", [*WHOLE, "worker"])
def test_kubernetes_knows_every_field(name: str) -> None:
    validate = pytest.importorskip("kubernetes_validate").validate
    for version in VERSIONS:
        validate(WHOLE.get(name) or PODS[name], version, strict=True)


def test_a_misspelt_field_is_caught() -> None:
    validate = pytest.importorskip("kubernetes_validate").validate
    with pytest.raises(Exception, match="replica"):
        validate({**WHOLE["Deployment airflow-scheduler"], "replica": 1}, VERSIONS[-1], strict=True)


@pytest.mark.parametrize("name", PODS)
def test_every_pod_is_restricted(name: str) -> None:
    pod = PODS[name]
    assert broken({"metadata": {}, **pod}) == []
    for container in containers(pod):
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert {"cpu", "memory"} == container["resources"]["requests"].keys() == container["resources"]["limits"].keys()


@pytest.mark.parametrize("name", PODS)
def test_only_who_calls_kubernetes_has_a_token(name: str) -> None:
    given = PODS[name]["spec"].get("automountServiceAccountToken")
    roles = {d["subjects"][0]["name"] for n, d in WHOLE.items() if n.startswith("RoleBinding")}
    assert given is (PODS[name]["spec"].get("serviceAccountName") in roles)


def test_all_of_airflow_is_one_image() -> None:
    images = {c["image"] for name, pod in PODS.items() if name != "StatefulSet postgres" for c in containers(pod)}
    images -= {"fieldhouse/pipeline:dev"}
    assert len(images) == 1
    repository, tag = images.pop().rsplit(":", 1)
    base = DEPLOY / "base"
    assert setting("AIRFLOW__KUBERNETES_EXECUTOR__WORKER_CONTAINER_REPOSITORY", base) == repository
    assert setting("AIRFLOW__KUBERNETES_EXECUTOR__WORKER_CONTAINER_TAG", base) == tag
    assert setting("FIELDHOUSE_PODS_IMAGE", base) == f"fieldhouse/{{name}}:{tag}"


@pytest.mark.parametrize("file", KUSTOMIZATIONS, ids=lambda file: file.parent.name)
def test_an_overlay_gives_workers_the_image_of_the_rest(file: Path) -> None:
    found = yaml.safe_load(file.read_text(encoding="utf-8"))
    for image in found.get("images", []):
        if image["name"] == "fieldhouse/airflow":
            repository = setting("AIRFLOW__KUBERNETES_EXECUTOR__WORKER_CONTAINER_REPOSITORY", file.parent)
            tag = setting("AIRFLOW__KUBERNETES_EXECUTOR__WORKER_CONTAINER_TAG", file.parent)
            name = image.get("newName", "fieldhouse/airflow")
            expected = f"{name}@{image['digest']}" if "digest" in image else f"{name}:{image['newTag']}"
            assert f"{repository or 'fieldhouse/airflow'}:{tag}" == expected


@pytest.mark.parametrize("file", KUSTOMIZATIONS, ids=lambda file: file.parent.name)
def test_old_and_new_kubectl_understand_an_overlay_alike(file: Path) -> None:
    assert yaml.safe_load(file.read_text(encoding="utf-8")).keys() <= UNDERSTOOD


def test_no_secret_is_written_down() -> None:
    assert [name for name, doc in WHOLE.items() if doc["kind"] == "Secret"] == []
    for pod in PODS.values():
        for variable in (v for c in containers(pod) for v in c.get("env", [])):
            if re.search("SECRET|PASSWORD|KEY|CONN|TOKEN", variable["name"]) and not variable["name"].endswith("_FILE"):
                assert "secretKeyRef" in variable["valueFrom"]
    for path in FILES:
        assert not re.search(r"\w+://[^/\s]+:[^/\s]+@", path.read_text(encoding="utf-8"))


def test_a_worker_has_neither_secrets_nor_a_way_to_write_the_lake() -> None:
    [worker] = PODS["worker"]["spec"]["containers"]
    assert all("valueFrom" not in variable for variable in worker["env"])
    assert {m["name"] for m in worker["volumeMounts"] if not m.get("readOnly")} == {"tmp", "logs"}
    assert all("secret" not in volume for volume in PODS["worker"]["spec"]["volumes"])


def test_everything_is_denied_but_for_what_is_said() -> None:
    deny = WHOLE["NetworkPolicy default-deny"]["spec"]
    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    world = WHOLE["NetworkPolicy extractor-to-upstream"]["spec"]["egress"][0]["to"][0]["ipBlock"]
    assert "169.254.0.0/16" in world["except"]  # where clouds keep credentials
