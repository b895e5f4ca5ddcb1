"""A stored audit as a folder of web pages: Great Expectations' own Data Docs of its suites and results."""

import warnings
from collections.abc import Mapping
from pathlib import Path

from fieldhouse.errors import StorageError
from fieldhouse.lake import documents
from fieldhouse.stages.audit import native


def render(document: Mapping[str, object], folder: Path) -> Path:
    """Write the pages of an audit's document into `folder`; the index is returned.

    Takes seconds: Great Expectations is imported. StorageError where the document is none of an audit.
    """
    results, suites = document.get("results"), document.get("suites")
    if not isinstance(results, list) or not isinstance(suites, list):
        raise StorageError("this document is no audit", hint="an audit's receipt names its document")
    native.library()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _render(suites, results, documents.digest(document)[:12], folder)


def _render(suites: list[dict[str, object]], results: list[dict[str, object]], name: str, folder: Path) -> Path:
    import great_expectations as gx
    from great_expectations.core.expectation_suite import expectationSuiteSchema
    from great_expectations.core.expectation_validation_result import expectationSuiteValidationResultSchema
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    pages = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder.resolve())}
    context.add_data_docs_site("fieldhouse", {"class_name": "SiteBuilder", "store_backend": pages})
    for suite, result in zip(suites, results, strict=True):
        key = ExpectationSuiteIdentifier(name=str(suite["name"]))
        context.expectations_store.set(key, gx.ExpectationSuite(**expectationSuiteSchema.load(suite)))
        # A document knows no clock: what it is about are parts, named by their content.
        run_id = gx.RunIdentifier(run_name=name, run_time="1970-01-01T00:00:00+00:00")
        meta = {**_table(result["meta"]), "run_id": run_id.to_json_dict()}
        found = expectationSuiteValidationResultSchema.load({**result, "meta": meta})
        at = ValidationResultIdentifier(expectation_suite_identifier=key, run_id=run_id, batch_identifier="parts")
        context.validation_results_store.set(at, found)
    context.build_data_docs(site_names=["fieldhouse"])
    return folder / "index.html"


def _table(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, Mapping) else {}
