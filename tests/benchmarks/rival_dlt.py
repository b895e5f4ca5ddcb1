"""The same nested feed with dlt: it infers the schema, splits nested lists into child tables, and writes Parquet.

Run as `rival_dlt.py FOLDER OUTPUT`, where dlt and pyarrow are installed.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import dlt


def main(folder: str, output: str) -> None:
    """Load every file below `folder` into Parquet below `output`."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    destination = dlt.destinations.filesystem(bucket_url=Path(output).absolute().as_uri())
    pipeline = dlt.pipeline("feed", pipelines_dir=f"{output}.state", destination=destination, dataset_name="football")
    pipeline.run(_documents(folder), loader_file_format="parquet")


@dlt.resource(name="document")
def _documents(folder: str) -> Iterator[dict[str, object]]:
    for path in sorted(path for path in Path(folder).rglob("*.json") if path.is_file()):
        doc = json.loads(path.read_text(encoding="utf-8"))
        yield {"path": str(path), **(doc if isinstance(doc, dict) else {"items": doc})}


if __name__ == "__main__":
    main(*sys.argv[1:])
