"""What an extractor needs to speak the landing protocol (version 1), of Python's standard library alone.

Copy this folder beside your own program:

    from extractor import Extraction, Wanted, main

    def extract(run: Extraction) -> None:
        run.fetch([Wanted("table", "table.csv", run.request.base("table") + "table.csv", expect="csv")])

    if __name__ == "__main__":
        main(extract)

`main` reads the request, calls the function, seals what it fetched and ends with the protocol's exit code. To end a run,
raise `Failure`.
"""

from extractor.extraction import Extraction
from extractor.failure import Exit, Failure
from extractor.files import Fetched, File, Wanted
from extractor.log import say
from extractor.process import main
from extractor.request import Known, Limits, Request

__all__ = ["Exit", "Extraction", "Failure", "Fetched", "File", "Known", "Limits", "Request", "Wanted", "main", "say"]
