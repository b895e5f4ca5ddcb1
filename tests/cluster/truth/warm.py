"""What processes of tasks need, imported once before they are forked."""

import importlib

for name in (
    "airflow.dag_processing.dagbag",
    "airflow.jobs.job",
    "airflow.sdk.execution_time.task_runner",
    "airflow.sdk.log",
    "airflow.settings",
    "airflow.providers.cncf.kubernetes.operators.pod",
    "airflow.providers.cncf.kubernetes.triggers.pod",
    "fieldhouse.pods.operators",
    "truth.task",
):
    importlib.import_module(name)
