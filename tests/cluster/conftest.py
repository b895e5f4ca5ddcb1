"""Tests on a real cluster: the one of KUBECONFIG, and only with FIELDHOUSE_TEST_CLUSTER=1; else skipped, each by name."""

import os

import pytest

SWITCH = "FIELDHOUSE_TEST_CLUSTER"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"cluster: runs on the cluster of KUBECONFIG ({SWITCH}=1)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is marked `cluster` where no cluster was offered, each test by name and with the reason."""
    if os.environ.get(SWITCH) == "1":
        return
    for item in items:
        if item.get_closest_marker("cluster"):
            item.add_marker(pytest.mark.skip(reason=f"needs a Kubernetes cluster: {SWITCH} is not 1"))
