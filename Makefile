# Two commands are all a newcomer needs: make demo, make test. Both do their own set-up.
.DEFAULT_GOAL := help
.PHONY: help demo test nightly test-images test-airflow test-cluster truth bench-cluster setup lint format lock clean bench
SHELL := /bin/bash
BIN := .venv/bin

# Another environment's packages must not leak into ours.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

export PYTHON

help: ## show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

demo: setup ## from raw football data to a published release, on this machine
	@$(BIN)/fieldhouse demo

test: lint ## linters and all tests (ARGS="-k name" for some of them)
	$(BIN)/pytest -n 2 --dist loadgroup $(ARGS)

test-images: setup ## build the images and run them as pods do (see docs/images.md)
	$(BIN)/pytest -m images tests/images $(ARGS)

nightly: setup ## what takes long: every flaw that the kit finds, faults seeded into tables, new sources of all languages in their images
	FIELDHOUSE_TEST_FULL=1 $(BIN)/pytest -n 2 tests/kit tests/quality $(ARGS)
	FIELDHOUSE_TEST_FULL=1 FIELDHOUSE_TEST_NIGHTLY=1 $(BIN)/pytest -m images tests/images $(ARGS)

test-airflow: setup ## tests of pods and DAGs that need Apache Airflow, in an environment of its own
	@.ci/setup airflow
	AIRFLOW_HOME=$(CURDIR)/.venv-airflow/home .venv-airflow/bin/pytest -n 2 tests/pods tests/dags $(ARGS)

test-cluster: setup ## deploy Airflow on the cluster of KUBECONFIG and run everything there (docs/runbook.md)
	@.ci/setup airflow
	FIELDHOUSE_TEST_CLUSTER=1 $(BIN)/pytest -n 0 -m cluster tests/cluster --ignore-glob='*/test_truth*' $(ARGS)
	FIELDHOUSE_TEST_CLUSTER=1 AIRFLOW_HOME=$(CURDIR)/.venv-airflow/home .venv-airflow/bin/pytest -n 0 -m cluster \
		$(wildcard tests/cluster/test_truth*.py) $(ARGS)

bench: setup ## measure the targets of docs/performance.md (FEEDS=DIR, a mirror of the feeds; ARGS="whole" for some)
	@test -n "$(FEEDS)" || { echo "say where a mirror of the feeds lies: make bench FEEDS=DIR" >&2; exit 64; }
	@.ci/setup bench
	$(BIN)/python tests/benchmarks --feeds $(FEEDS) --rivals .venv-bench/bin/python $(ARGS)

# Both need a cluster: docs/truth.md says which.
TRUTH := AIRFLOW_HOME=$(CURDIR)/.venv-airflow/home PYTHONPATH=$(CURDIR)/tests/cluster .venv-airflow/bin/python

truth: setup ## play the faults of docs/truth.md on the cluster of KUBECONFIG, and write it
	@.ci/setup airflow
	$(TRUTH) -m truth --docs docs $(ARGS)

bench-cluster: setup ## what a pod costs beside the stock operator, on the cluster of KUBECONFIG
	@.ci/setup airflow
	$(TRUTH) -m truth.bench --docs docs $(ARGS)

setup: ## bring .venv to what the lock names; instant when it is there
	@.ci/setup

lint: setup ## ruff, mypy, import-linter, codespell
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/codespell

format: setup ## let ruff mend what it can
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

COMPILE := $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

lock: setup ## renew the locks after a change of pyproject.toml (UPGRADE=1: to the newest versions)
	$(COMPILE) pyproject.toml --extra pipeline --extra site --extra polars --group dev --output-file requirements-dev.lock
	$(COMPILE) pyproject.toml --extra pipeline --extra site --constraint requirements-dev.lock --output-file requirements.lock
	$(COMPILE) --group airflow-test --constraint requirements-dev.lock --output-file requirements-airflow-test.lock
	$(COMPILE) --group bench --constraint requirements-dev.lock --output-file requirements-bench.lock
	$(COMPILE) --group airflow --constraint requirements-airflow-test.lock --output-file requirements-airflow.lock

clean: ## remove environments and caches; the lake stays
	rm -rf .venv .venv-airflow .venv-bench .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
