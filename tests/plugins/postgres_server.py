"""A PostgreSQL of Debian's, started for tests or a benchmark: in a folder of its own, on a socket, nothing flushed."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WHY_NOT = "needs a PostgreSQL server: `apt-get install postgresql` (as root, it runs as the user postgres)"
_SETTINGS = "-c fsync=off -c full_page_writes=off -c max_connections=60 -c autovacuum=off"


@dataclass(frozen=True)
class Server:
    """A running server. `folder`: where its socket lies. `port`: on 127.0.0.1, if it listens there at all."""

    folder: Path
    port: int = 0

    def url(self, database: str = "postgres", user: str = "postgres", password: str = "") -> str:
        """The URL of a database."""
        port = f"&port={self.port}" if self.port else ""
        return f"postgresql://{user}{f':{password}' if password else ''}@/{database}?host={self.folder}{port}"

    def sql(self, statement: str, database: str = "postgres", user: str = "postgres") -> list[tuple]:
        """The rows of a statement, run outside of any transaction."""
        import psycopg

        with psycopg.connect(self.url(database, user), autocommit=True) as con:
            cursor = con.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


def binaries() -> Path | None:
    """Where the server's programs are; None where there are none that could be run."""
    if os.getuid() == 0 and not _user():
        return None
    named = shutil.which("pg_ctl")
    found = [*sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), reverse=True), *([Path(named)] if named else [])]
    return found[0].resolve().parent if found else None


def _user() -> Mapping[str, object]:
    """As whom the server is started: it refuses to run as root."""
    if os.getuid():
        return {}
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        return {}
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(*, tcp: bool = False) -> Iterator[Server]:
    """A new server with an empty cluster; it is stopped and removed at the end. `tcp`: it listens on 127.0.0.1, too."""
    programs = binaries()
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="fieldhouse-postgres-"))
    user = _user()
    if user:
        os.chown(folder, int(str(user["user"])), int(str(user["group"])))

    def run(*words: object) -> None:
        done = subprocess.run(
            [str(word) for word in words], cwd="/", capture_output=True, text=True, check=False, **user
        )  # type: ignore[call-overload]
        assert done.returncode == 0, done.stdout + done.stderr

    data = folder / "data"
    try:
        run(programs / "initdb", "-D", data, "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8", "-U", "postgres", "-N")
        # One kind of user has to know a password, so that tests can have a wrong one.
        rules = "local all locked scram-sha-256\nlocal all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        (data / "pg_hba.conf").write_text(rules, encoding="utf-8")
        port = _free_port() if tcp else 0
        listening = f"-c listen_addresses=127.0.0.1 -p {port}" if port else "-c listen_addresses=''"
        options = f"{_SETTINGS} {listening} -k {folder}"
        run(programs / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
        try:
            yield Server(folder, port)
        finally:
            run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
