"""Checks whose type is not compiled: Great Expectations itself, on pandas, imported only when there is such a check."""

import importlib
import os
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fieldhouse.contracts import Contract
from fieldhouse.errors import ConfigurationError
from fieldhouse.lake.duck import name
from fieldhouse.stages.audit import evidence
from fieldhouse.stages.audit.checks import Expectation
from fieldhouse.stages.audit.verdicts import State, Verdict

if TYPE_CHECKING:
    import great_expectations as gx
    import pandas as pd
    import pyarrow as pa
    from duckdb import DuckDBPyConnection


def judge(con: "DuckDBPyConnection", contract: Contract, expectations: Sequence[Expectation]) -> list[Verdict]:
    """What Great Expectations says of each check, in their order; what it cannot do is an error."""
    data = frame(con.sql(f"SELECT * FROM {name(contract.name)}").to_arrow_table())
    library()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        configs = {number: _config(number, e) for number, e in enumerate(expectations)}
        said = _validate(data, [c for c in configs.values() if not isinstance(c, str)])
    return [_verdict(e, c if isinstance(c := configs[n], str) else said[n]) for n, e in enumerate(expectations)]


def frame(table: "pa.Table") -> "pd.DataFrame":
    """The table as pandas sees it best: whole numbers and truth values stay such where some are null."""
    import pandas as pd
    import pyarrow as pa

    kept = {
        pa.int16(): pd.Int16Dtype(),
        pa.int32(): pd.Int32Dtype(),
        pa.int64(): pd.Int64Dtype(),
        pa.float64(): pd.Float64Dtype(),
        pa.bool_(): pd.BooleanDtype(),
        pa.string(): pd.StringDtype("python"),
    }
    found: pd.DataFrame = table.to_pandas(types_mapper=kept.get)
    for field in table.schema:
        if pa.types.is_list(field.type):
            found[field.name] = pd.Series([None if v is None else list(v) for v in found[field.name]], dtype=object)
    return found


def library() -> None:
    """Import Great Expectations, quietly and without telemetry; ConfigurationError where it is not installed."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            importlib.import_module("great_expectations")
    except ImportError as error:
        raise ConfigurationError(
            f"this check needs Great Expectations, which cannot be imported: {error}",
            hint="pip install 'fieldhouse[pipeline]'",
        ) from error


def _config(number: int, expectation: Expectation) -> "gx.Expectation | str":
    """The library's expectation, or what it says against its arguments."""
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    kwargs, meta = dict(expectation.kwargs), {"number": number}
    try:
        return ExpectationConfiguration(type=expectation.type, kwargs=kwargs, meta=meta).to_domain_obj()
    except Exception as error:  # whatever the library raises
        return f"{type(error).__name__}: {error}"


def _validate(data: "pd.DataFrame", configs: Sequence["gx.Expectation"]) -> dict[int, dict[str, Any]]:
    """The library's results by the number of the check: it returns them in an order of its own."""
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("fieldhouse").add_dataframe_asset("table")
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": data})
    suite = gx.ExpectationSuite("native", expectations=list(configs))
    results = batch.validate(suite, result_format="SUMMARY").to_json_dict()["results"]
    return {result["expectation_config"]["meta"]["number"]: result for result in results}


def _verdict(expectation: Expectation, said: dict[str, Any] | str) -> Verdict:
    raised = said if isinstance(said, str) else _raised(said["exception_info"])
    if isinstance(said, str) or raised:
        return Verdict(expectation, "error", message=raised)
    state: State = "passed" if said["success"] else "failed"
    return Verdict(expectation, state, {key: _plain(value) for key, value in said["result"].items()})


def _raised(info: Mapping[str, object]) -> str:
    # Flat where nothing was raised; else keyed by what it was raised for.
    told = [info, *info.values()]
    found = [i for i in told if isinstance(i, Mapping) and i.get("raised_exception")]
    return str(found[0].get("exception_message") or "unknown") if found else ""


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return evidence.plain(value)
