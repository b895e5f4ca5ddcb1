"""The DAGs of Fieldhouse, built from the declarations whenever Airflow reads this file. There is nothing to edit here."""

from airflow.sdk import get_parsing_context

from fieldhouse.pods.dags import build

globals().update(build(only=get_parsing_context().dag_id))
