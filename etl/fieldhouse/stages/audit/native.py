"""Checks whose type is not compiled: Great Expectations itself, on pandas, imported only when there is such a check."""

import os
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from fieldhouse.contracts import Contract
from fieldhouse.lake.duck import name
from fieldhouse.stages.audit import evidence
from fieldhouse.stages.audit.checks import Expectation
from fieldhouse.stages.audit.verdicts import State, Verdict

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from duckdb import DuckDBPyConnection


def judge(con: "DuckDBPyConnection", contract: Contract, expectations: Sequence[Expectation]) -> list[Verdict]:
    """What Great Expectations says of each check, in their order; what it cannot do is an error."""
    validate = _validator(frame(con.sql(f"SELECT * FROM {name(contract.name)}").to_arrow_table()))
    return [_verdict(e, validate) for e in expectations]


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
    """Import Great Expectations, quietly and without telemetry."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx
    assert gx


def _validator(data: "pd.DataFrame"):  # type: ignore[no-untyped-def]  # noqa: ANN202
    library()
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("fieldhouse").add_dataframe_asset("table")
    return asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": data})


def _verdict(expectation: Expectation, batch) -> Verdict:  # type: ignore[no-untyped-def]  # noqa: ANN001
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            config = ExpectationConfiguration(type=expectation.type, kwargs=dict(expectation.kwargs))
            said = batch.validate(config.to_domain_obj(), result_format="SUMMARY").to_json_dict()
    except Exception as error:  # whatever the library raises, the check did not run
        return Verdict(expectation, "error", message=f"{type(error).__name__}: {error}")
    raised = _raised(said["exception_info"])
    if raised:
        return Verdict(expectation, "error", message=raised)
    state: State = "passed" if said["success"] else "failed"
    result = {key: _plain(value) for key, value in said["result"].items()}
    return Verdict(expectation, state, result)


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
