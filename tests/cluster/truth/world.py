"""Where the faults are played: a namespace of its own on a cluster whose node is this machine, and a lake that both see."""

import json
import os
import secrets
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

#: Folders of scripts, for a machine without a docker engine: `build` and `save` of images; `load` and `chaos` of a cluster.
IMAGES_KIT = "FIELDHOUSE_TEST_IMAGES"
CLUSTER_KIT = "FIELDHOUSE_TEST_CLUSTER_KIT"
#: An image that the cluster has already, instead of one that is built.
IMAGE = "FIELDHOUSE_TRUTH_IMAGE"
CLAIM = "truth-lake"
Doc = Mapping[str, object]


@dataclass(frozen=True)
class World:
    """A namespace, a lake in `folder` that pods and tests see alike, and what its pods have been seen to be."""

    namespace: str
    folder: Path
    image: str
    kubeconfig: str
    api: object
    watch: "Watch"

    def pods(self, key: str) -> list[Doc]:
        """The pods with this key that are there now; asked until the API server answers."""
        while True:
            with suppress(Exception):
                return self._pods(key)
            time.sleep(1)

    def _pods(self, key: str) -> list[Doc]:
        found = self.api.list_namespaced_pod(self.namespace, label_selector=f"truth/key={key}", _request_timeout=10)
        return [self.api.api_client.sanitize_for_serialization(pod) for pod in found.items]

    def chaos(self, *arguments: str) -> None:
        """Break a part of the cluster, and mend it: `stop kubelet 30`. It takes as long as that."""
        kit = os.environ.get(CLUSTER_KIT)
        assert kit, f"needs a cluster whose parts can be stopped: {CLUSTER_KIT} is not set"
        subprocess.run([f"{kit}/chaos", *arguments], check=True, capture_output=True)


@contextmanager
def open_world(*, keep: bool = False) -> Iterator[World]:
    """Make the namespace and the lake; remove both in the end. `keep`: keep the folder with the lake and all logs."""
    from kubernetes import client, config

    kubeconfig = os.environ["KUBECONFIG"]
    config.load_kube_config(kubeconfig)
    api = client.CoreV1Api()
    namespace = f"truth-{secrets.token_hex(3)}"
    folder = Path(tempfile.mkdtemp(prefix=f"{namespace}-"))
    image = os.environ.get(IMAGE) or _image(folder)
    _lake(folder)
    try:
        api.create_namespace({"metadata": {"name": namespace}})
        _claim(api, namespace, folder / "lake")
        watch = Watch(api, namespace)
        yield World(namespace, folder, image, kubeconfig, api, watch)
    finally:
        with suppress(client.ApiException):
            api.delete_namespace(namespace)
            api.delete_persistent_volume(namespace)
        if keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _lake(folder: Path) -> None:
    os.environ["FIELDHOUSE_LAKE"] = str(folder / "lake")
    for name in ("truth/pods", "truth/receipts", "runs", "landings"):
        (folder / "lake" / name).mkdir(parents=True)
    for path in (folder, *(p for p in (folder / "lake").rglob("*") if p.is_dir()), folder / "lake"):
        path.chmod(0o777)  # the pods have a user of their own


def _claim(api: object, namespace: str, path: Path) -> None:
    common = {"accessModes": ["ReadWriteMany"], "storageClassName": ""}
    api.create_persistent_volume(
        {
            "metadata": {"name": namespace},
            "spec": {**common, "capacity": {"storage": "1Gi"}, "hostPath": {"path": str(path)}},
        }
    )
    asked = {"resources": {"requests": {"storage": "1Gi"}}, "volumeName": namespace}
    api.create_namespaced_persistent_volume_claim(namespace, {"metadata": {"name": CLAIM}, "spec": {**common, **asked}})


def _image(folder: Path) -> str:
    name = "fieldhouse/truth:1"
    offer(name, folder)
    return name


def offer(name: str, folder: Path) -> None:
    """Build the image of the program under this name, and load it into the cluster."""
    kits = [os.environ.get(variable, "") for variable in (IMAGES_KIT, CLUSTER_KIT)]
    assert all(kits), f"{IMAGE} must name an image that the cluster has, or {IMAGES_KIT} and {CLUSTER_KIT} make one"
    archive = folder / f"{name.replace('/', '-').replace(':', '-')}.tar"  # podman reads a colon its own way
    for command in (
        [f"{kits[0]}/build", name, str(Path(__file__).parent / "image")],
        [f"{kits[0]}/save", name, str(archive)],
        [f"{kits[1]}/load", str(archive)],
    ):
        subprocess.run(command, check=True, capture_output=True)
    archive.unlink()


class Watch:
    """Remembers every pod of a namespace as it was last seen, gone ones included.

    `made`: when each was first seen, by its uid, in seconds of 1970.
    """

    def __init__(self, api: object, namespace: str) -> None:
        self._api = api
        self._namespace = namespace
        self._seen: dict[str, dict] = {}
        self.made: dict[str, float] = {}
        threading.Thread(target=self._run, name="truth-watch", daemon=True).start()

    def of(self, key: str) -> list[dict]:
        """All pods that ever had this key, oldest first."""
        found = [pod for pod in self._seen.values() if pod["metadata"]["labels"].get("truth/key") == key]
        return sorted(found, key=lambda pod: (pod["metadata"]["creationTimestamp"], pod["metadata"]["name"]))

    def _run(self) -> None:
        from kubernetes import watch

        while True:
            with suppress(Exception):  # the API server is one of the things that are broken here
                stream = watch.Watch().stream(
                    self._api.list_namespaced_pod, self._namespace, timeout_seconds=300, _request_timeout=(5, 310)
                )
                for event in stream:
                    pod = json.loads(json.dumps(event["raw_object"]))
                    self._seen[pod["metadata"]["uid"]] = pod
                    self.made.setdefault(pod["metadata"]["uid"], time.time())
            time.sleep(0.5)
