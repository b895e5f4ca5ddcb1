"""Where the warehouse is: from the environment or a secret file, and how it is named where people read.

The URL may hold a password. It goes to the driver and nowhere else: what is shown has neither password nor options.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from fieldhouse import settings
from fieldhouse.errors import ConfigurationError

Kind = Literal["postgresql", "duckdb"]
_DRIVERS: dict[str, Kind] = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "postgresql+psycopg": "postgresql",
    "duckdb": "duckdb",
}
_EXPECTED = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE or duckdb:///FILE is expected"
_HIDDEN = "***"


@dataclass(frozen=True)
class Address:
    """One warehouse. `shown` is how messages, receipts and logs name it; `url` is for the driver alone.

    `secrets`: texts that must appear nowhere, such as the password, in plain and in encoded form.
    """

    kind: Kind
    shown: str
    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def file(self) -> Path:
        """The file of an embedded warehouse."""
        return Path(self.url.partition(":///")[2])

    def scrub(self, text: str) -> str:
        """The text of somebody else's message without the secrets, should it repeat them."""
        for secret in (self.url, *self.secrets):
            text = text.replace(secret, _HIDDEN)
        return text


def read() -> Address:
    """The warehouse that the settings name; ConfigurationError where they name none, two, or what is no address."""
    return parse(_given())


def _given() -> str:
    url, file = settings.setting("FIELDHOUSE_WAREHOUSE"), settings.setting("FIELDHOUSE_WAREHOUSE_FILE")
    if url and file:
        raise ConfigurationError("FIELDHOUSE_WAREHOUSE and FIELDHOUSE_WAREHOUSE_FILE are both set", hint="set one")
    if not url and not file:
        raise ConfigurationError(
            "no warehouse is configured",
            hint="set FIELDHOUSE_WAREHOUSE to its URL, or FIELDHOUSE_WAREHOUSE_FILE to a file that holds it "
            "(docs/warehouse.md)",
        )
    if url:
        return url.strip()
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigurationError(f"FIELDHOUSE_WAREHOUSE_FILE: {file} cannot be read: {why}") from None


def parse(text: str) -> Address:
    """The address in a URL. What is wrong with it is said without repeating it."""
    import sqlalchemy as sa

    try:
        url = sa.make_url(text)
        kind = _DRIVERS[url.drivername]
    except (sa.exc.ArgumentError, KeyError, ValueError):
        raise ConfigurationError(
            "FIELDHOUSE_WAREHOUSE is no address of a warehouse that Fieldhouse knows", hint=_EXPECTED
        ) from None
    if not url.database:
        what = "file" if kind == "duckdb" else "database"
        raise ConfigurationError(f"FIELDHOUSE_WAREHOUSE names no {what}", hint=_EXPECTED)
    if kind == "duckdb":
        return Address(kind, f"duckdb:///{url.database}", f"duckdb:///{url.database}")
    driven = url.set(drivername="postgresql+psycopg")
    return Address(kind, _shown(driven), driven.render_as_string(hide_password=False), _secrets(driven, text))


def _shown(url: object) -> str:
    import sqlalchemy as sa

    assert isinstance(url, sa.URL)
    host = url.host or str(url.query.get("host", "")) or "localhost"
    port = url.port or url.query.get("port")
    return f"postgresql://{host}{f':{port}' if port else ''}/{url.database}"


def _secrets(url: object, text: str) -> tuple[str, ...]:
    """The URL as given, and every password in it, longest first."""
    import sqlalchemy as sa

    assert isinstance(url, sa.URL)
    words = [url.password, *(value for key, value in url.query.items() if "password" in key)]
    plain = [str(word) for word in words if word]
    encoded = [found[1] for found in re.finditer(r"(?:://[^:@]*:|password=)([^@&]+)", text)]
    return tuple(sorted({text, *plain, *encoded}, key=len, reverse=True))
