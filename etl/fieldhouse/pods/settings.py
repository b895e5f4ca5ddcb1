"""Settings of pods: images, claims, user, proxies and patience, from the environment of Airflow's own processes."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from fieldhouse.errors import ConfigurationError
from fieldhouse.settings import Setting

Language = Literal["elixir", "python", "rust", "shell"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
PREFIX = "FIELDHOUSE_PODS_"

SETTINGS = (
    Setting("FIELDHOUSE_PODS_IMAGE", "fieldhouse/{name}:dev", "registry, prefix and version of all images"),
    Setting("FIELDHOUSE_PODS_IMAGES", "", "exceptions: `name=image`, separated by commas"),
    Setting("FIELDHOUSE_PODS_EXTRACTORS", "", "other extractors: `source=language:image`, separated by commas"),
    Setting("FIELDHOUSE_PODS_PULL_SECRETS", "", "names of Secrets that open the registry, separated by commas"),
    Setting("FIELDHOUSE_PODS_NAMESPACE", "fieldhouse", "the namespace of the pods"),
    Setting("FIELDHOUSE_PODS_USER", "10001", "uid, gid and fsGroup of the pods; never 0"),
    Setting("FIELDHOUSE_PODS_LAKE", "", "a lake in a bucket (`s3://…`, `gs://…`, `az://…`) instead of a claim"),
    Setting("FIELDHOUSE_PODS_LAKE_CLAIM", "fieldhouse-lake", "the claim of the lake"),
    Setting("FIELDHOUSE_PODS_LAKE_SECRET", "", "the Secret whose keys are the bucket's credentials"),
    Setting(
        "FIELDHOUSE_PODS_WAREHOUSE_SECRET", "", "the Secret whose key `url` is the warehouse's URL: makes its task"
    ),
    Setting("FIELDHOUSE_PODS_SCRATCH_CLAIM", "fieldhouse-scratch", "the claim of scratch space"),
    Setting("FIELDHOUSE_PODS_SPILL", "8Gi", "local disk that one pod's SQL may use"),
    Setting("FIELDHOUSE_PODS_SECRETS", "fieldhouse-source-", "what the names of the sources' Secrets begin with"),
    Setting("FIELDHOUSE_PODS_PROXY", "", "the HTTP proxy of all pods"),
    Setting("FIELDHOUSE_PODS_NO_PROXY", "", "what is reached without the proxy"),
    Setting("FIELDHOUSE_PODS_CA", "", "the ConfigMap with a bundle of certificates under the key `ca.crt`"),
    Setting("FIELDHOUSE_PODS_MIRROR", "", "the URL of a mirror that stands in for every upstream"),
    Setting("FIELDHOUSE_PODS_POOL", "", "Airflow's pool for extract tasks; `{source}` in it is the source's name"),
    Setting("FIELDHOUSE_PODS_PARALLEL", "4", "tasks of one DAG run at a time"),
    Setting("FIELDHOUSE_PODS_RELEASE", "0 7 * * *", "when a release is made in any case: a cron line, UTC"),
    Setting("FIELDHOUSE_PODS_ALERT", "", "`module.function`, called with one text when a task failed or a run is late"),
    Setting("FIELDHOUSE_PODS_DEFERRABLE", "false", "`true`: the triggerer waits for pods, not a worker"),
    Setting("FIELDHOUSE_PODS_SCHEDULE_S", "600", "seconds that a pod may wait for a node"),
    Setting("FIELDHOUSE_PODS_STARTUP_S", "300", "seconds that a pod may take from there to its first container"),
    Setting("FIELDHOUSE_PODS_POLL_S", "1", "seconds between two looks at a pod"),
    Setting("FIELDHOUSE_PODS_RETRY_S", "30", "seconds before a task is tried again; longer each time"),
    Setting("FIELDHOUSE_PODS_PATIENCE_S", "300", "seconds for which Kubernetes may be out of reach"),
)
_DEFAULTS = {s.variable.removeprefix(PREFIX): s.default for s in SETTINGS}
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")


@dataclass(frozen=True)
class PodSettings:
    """What all pods of a deployment share. Times are seconds."""

    image: str = _DEFAULTS["IMAGE"]
    images: Mapping[str, str] = field(default_factory=dict)
    extractors: Mapping[str, tuple[Language, str]] = field(default_factory=dict)
    pull_secrets: tuple[str, ...] = ()
    namespace: str = _DEFAULTS["NAMESPACE"]
    user: int = int(_DEFAULTS["USER"])
    lake: str = ""
    lake_claim: str = _DEFAULTS["LAKE_CLAIM"]
    lake_secret: str = ""
    warehouse_secret: str = ""
    scratch_claim: str = _DEFAULTS["SCRATCH_CLAIM"]
    spill: str = _DEFAULTS["SPILL"]
    secrets: str = _DEFAULTS["SECRETS"]
    proxy: str = field(default="", repr=False)  # may hold a password
    no_proxy: str = ""
    ca: str = ""
    mirror: str = ""
    pool: str = ""
    parallel: int = int(_DEFAULTS["PARALLEL"])
    release: str = _DEFAULTS["RELEASE"]
    alert: str = ""
    deferrable: bool = False
    schedule_s: float = float(_DEFAULTS["SCHEDULE_S"])
    startup_s: float = float(_DEFAULTS["STARTUP_S"])
    poll_s: float = float(_DEFAULTS["POLL_S"])
    retry_s: float = float(_DEFAULTS["RETRY_S"])
    patience_s: float = float(_DEFAULTS["PATIENCE_S"])

    def image_of(self, name: str) -> str:
        """The image called `name`: `pipeline`, or a source."""
        return self.images.get(name) or self.image.replace("{name}", name.replace("_", "-"))


def read(environment: Mapping[str, str] | None = None) -> PodSettings:
    """The settings in an environment (None: this process's own); ConfigurationError names what is wrong."""
    given = os.environ if environment is None else environment
    values = {name: given.get(PREFIX + name) or default for name, default in _DEFAULTS.items()}
    return PodSettings(
        image=_image(values["IMAGE"]),
        images=_pairs("IMAGES", values["IMAGES"]),
        extractors={
            name: _extractor(name, value) for name, value in _pairs("EXTRACTORS", values["EXTRACTORS"]).items()
        },
        pull_secrets=tuple(_list(values["PULL_SECRETS"])),
        namespace=_name("NAMESPACE", values["NAMESPACE"]),
        user=_user(values["USER"]),
        lake=values["LAKE"].rstrip("/"),
        lake_claim=_name("LAKE_CLAIM", values["LAKE_CLAIM"]),
        lake_secret=values["LAKE_SECRET"],
        warehouse_secret=values["WAREHOUSE_SECRET"],
        scratch_claim=_name("SCRATCH_CLAIM", values["SCRATCH_CLAIM"]),
        spill=_quantity("SPILL", values["SPILL"]),
        secrets=values["SECRETS"],
        proxy=values["PROXY"],
        no_proxy=values["NO_PROXY"],
        ca=values["CA"],
        mirror=values["MIRROR"].rstrip("/"),
        pool=values["POOL"],
        parallel=_count("PARALLEL", values["PARALLEL"]),
        release=_cron(values["RELEASE"]),
        alert=values["ALERT"],
        deferrable=_boolean("DEFERRABLE", values["DEFERRABLE"]),
        schedule_s=_seconds("SCHEDULE_S", values["SCHEDULE_S"]),
        startup_s=_seconds("STARTUP_S", values["STARTUP_S"]),
        poll_s=_seconds("POLL_S", values["POLL_S"]),
        retry_s=_seconds("RETRY_S", values["RETRY_S"]),
        patience_s=_seconds("PATIENCE_S", values["PATIENCE_S"]),
    )


def _wrong(name: str, value: str, expected: str) -> ConfigurationError:
    return ConfigurationError(f"{PREFIX}{name} is {value!r}: {expected}", hint="docs/kubernetes.md lists all settings")


def _list(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]


def _pairs(name: str, value: str) -> dict[str, str]:
    pairs = [item.partition("=") for item in _list(value)]
    if not all(key and found for key, _, found in pairs):
        raise _wrong(name, value, "entries like `name=value`, separated by commas, are expected")
    return {key: found for key, _, found in pairs}


def _image(value: str) -> str:
    if "{name}" not in value:
        raise _wrong("IMAGE", value, "it must hold {name}, where the name of an image goes")
    return value


def _extractor(source: str, value: str) -> tuple[Language, str]:
    language, _, image = value.partition(":")
    for known in LANGUAGES:
        if language == known and image:
            return known, image
    raise _wrong("EXTRACTORS", f"{source}={value}", f"`source=language:image` with one of {', '.join(LANGUAGES)}")


def _name(name: str, value: str) -> str:
    if not _NAME.fullmatch(value):
        raise _wrong(name, value, "a name of Kubernetes is expected: a-z 0-9 . -")
    return value


def _user(value: str) -> int:
    if not value.isdigit() or not 0 < int(value) < 1 << 31:
        raise _wrong("USER", value, "a number above 0 is expected: pods never run as root")
    return int(value)


def _count(name: str, value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise _wrong(name, value, "a whole number above 0 is expected")
    return int(value)


def _quantity(name: str, value: str) -> str:
    if not re.fullmatch(r"[1-9]\d*(Ki|Mi|Gi|Ti)", value):
        raise _wrong(name, value, "an amount such as 512Mi or 8Gi is expected")
    return value


def _cron(value: str) -> str:
    if len(value.split()) != 5:
        raise _wrong("RELEASE", value, "five fields of cron are expected, such as `0 7 * * *`")
    return value


def _boolean(name: str, value: str) -> bool:
    if value not in ("true", "false"):
        raise _wrong(name, value, "`true` or `false` is expected")
    return value == "true"


def _seconds(name: str, value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e7:
        raise _wrong(name, value, "a number of seconds above 0 is expected")
    return seconds
