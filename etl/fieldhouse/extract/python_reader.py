"""Speaks the protocol's task `read` for a source's `reader.py`: python -m fieldhouse.extract.python_reader FILE REQUEST OUT.

`reader.py` has one function, `read(feed, path)`: it yields (record set, record) of one raw file in their order, a record
being a dict that JSON can hold; a ValueError says what is wrong with the file, which is then set aside with those words.
"""

import importlib.util
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from fieldhouse.errors import ConfigurationError, FieldhouseError, InternalError, UsageError
from fieldhouse.extract import folder
from fieldhouse.extract.sealed import PROTOCOL, Seal, SealedFile, write_seal
from fieldhouse.sources import ASIDE

Read = Callable[[str, Path], Iterator[tuple[str, Mapping[str, object]]]]
_SILENCE_S = 5.0


def main(reader: Path, request: Path, out: Path) -> None:
    """Read every file that is asked for, and seal the records."""
    asked = json.loads(request.read_text(encoding="utf-8"))
    if asked["protocol"] != PROTOCOL or asked["task"] != "read":
        raise UsageError(
            f"protocol {asked['protocol']}, task {asked['task']!r}: a reader reads, by protocol {PROTOCOL}"
        )
    read = load(reader)
    (feed,) = asked["feeds"]
    lines = Path(asked["files"]).read_text(encoding="utf-8").splitlines()
    sealed: list[SealedFile] = []
    said = time.monotonic()
    for number, line in enumerate(lines):
        file = json.loads(line)
        sealed.extend(_read(read, feed, asked["records"], file, out))
        if time.monotonic() > said + _SILENCE_S:
            said = time.monotonic()
            print(json.dumps({"level": "info", "msg": "reading", "feed": feed, "n": number + 1, "of": len(lines)}))
    write_seal(out, Seal(PROTOCOL, asked["source"], asked["run"], asked["attempt"], tuple(sealed)))


def load(path: Path) -> Read:
    """The function `read` of the file `path`; ConfigurationError where it has none or needs what is not installed."""
    spec = importlib.util.spec_from_file_location("reader", path)
    if spec is None or spec.loader is None:
        raise ConfigurationError(f"{path} is no Python file")
    sys.dont_write_bytecode = True  # the source's folder is not ours to write to
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        read: Read = module.read
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"{path} needs the package {error.name!r}, which is not installed") from error
    except AttributeError as error:
        raise ConfigurationError(f"{path} has no function `read(feed, path)`") from error
    return read


def _read(read: Read, feed: str, sets: list[str], file: Mapping[str, str], out: Path) -> list[SealedFile]:
    """Read one file into one file a record set, or into the reason for which it is set aside."""
    paths = {name: out / "files" / name / f"{file['sha256']}.ndjson" for name in sets}
    try:
        with ExitStack() as stack:
            for path in paths.values():
                path.parent.mkdir(parents=True, exist_ok=True)
            into = {n: stack.enter_context(path.open("w", encoding="utf-8")) for n, path in paths.items()}
            for name, record in read(feed, Path(file["path"])):
                if name not in into:
                    raise InternalError(f"a record of {name!r}; {feed} has {', '.join(sets)}")
                into[name].write(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")
    except ValueError as error:
        for path in paths.values():
            path.unlink(missing_ok=True)
        paths = {ASIDE: out / "files" / ASIDE / f"{file['sha256']}.ndjson"}
        paths[ASIDE].parent.mkdir(parents=True, exist_ok=True)
        paths[ASIDE].write_text(json.dumps({"rule": "not read", "found": str(error)}) + "\n", encoding="utf-8")
    except Exception as error:
        error.add_note(f"in {feed}/{file['key']}")
        raise
    return [
        SealedFile(name, path.name, "new", path.stat().st_size, folder.sha256(path)) for name, path in paths.items()
    ]


def _end(code: int, message: str) -> int:
    print(json.dumps({"level": "error", "msg": message, "code": code}), file=sys.stderr)
    return code


if __name__ == "__main__":
    try:
        main(*map(Path, sys.argv[1:4]))
    except FieldhouseError as error:
        sys.exit(_end(error.exit, str(error)))
    except OSError as error:
        sys.exit(_end(74, str(error)))
    except Exception as error:
        where = "; ".join(getattr(error, "__notes__", ()))
        sys.exit(_end(70, f"{type(error).__name__}: {error} {where}".strip()))
