"""Tasks as pods: operators, pod specs, verdicts and logs. Only this package imports Airflow or Kubernetes.

What is decided here (`spec`, `facts`, `verdict`, `logs`, `adopting`, `identity`) is plain functions over plain data, which
need neither; `operators`, `retry` and `dags` wire them into Airflow.
"""
