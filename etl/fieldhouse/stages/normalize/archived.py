"""Documents that stand in an archive: a zip of JSON files reads as one list of `{"member": …, "content": …}`, by name.

So records are found below `$[*].content`, and `member` can be a header; a record's place is in the object that upstream
published. An archive that is none, breaks a bound, or has a member that is not JSON, is set aside whole.
"""

import json
import tempfile
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from fieldhouse.errors import DataError
from fieldhouse.extract.archive import Bundle
from fieldhouse.lake import duck
from fieldhouse.stages.normalize.units import Unit

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def load(con: "DuckDBPyConnection", unit: Unit) -> None:
    """Make the table `doc`: one JSON text an archive; what cannot be read is put into `aside` with its reason."""
    con.execute("CREATE TABLE doc (_object INTEGER, content VARCHAR)")
    for number, path in con.execute("SELECT _object, path FROM object ORDER BY _object").fetchall():
        try:
            content = f"[{','.join(_members(con, unit, Path(path)))}]"
        except DataError as error:
            con.execute(
                "INSERT INTO aside VALUES (?, '', -1, 'not an archive', '', ?, ?, '')",
                [number, f"a {unit.feed.packed} of JSON files", str(error)],
            )
        else:
            duck.insert(con, "doc", [(number, content)])


def _members(con: "DuckDBPyConnection", unit: Unit, path: Path) -> Iterator[str]:
    """Each member that is read, as a JSON object of its name and its content."""
    with Bundle(path) as bundle, tempfile.TemporaryDirectory() as scratch:
        names = [name for name in bundle.names if fnmatchcase(name, unit.feed.members)]
        if not names:
            raise DataError(f"no member is called {unit.feed.members}")
        for name in names:
            saved = Path(scratch) / "member"
            bundle.save(name, saved, unit.source.limits.max_file_bytes)
            yield f'{{"member":{json.dumps(name)},"content":{_json(con, name, saved)}}}'


def _json(con: "DuckDBPyConnection", name: str, path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"the member {name} is not JSON: {error}") from error
    ((valid,),) = con.execute("SELECT json_valid(?)", [text]).fetchall()
    if not valid:
        raise DataError(f"the member {name} is not JSON")
    return text
