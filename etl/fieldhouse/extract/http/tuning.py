"""Times that only tests change, each an environment variable FIELDHOUSE_HTTP_… in seconds."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Tuning:
    """How long the extractor waits for what, in seconds."""

    backoff: float = 1.0  # before the second try; doubled for each further one
    connect: float = 10.0
    read: float = 60.0
    floor: float = 60.0  # the window over which a body must reach 1 kB/s

    @classmethod
    def from_environment(cls) -> "Tuning":
        """FIELDHOUSE_HTTP_BACKOFF_S, …_CONNECT_S, …_READ_S and …_FLOOR_S, else the protocol's."""
        names = cls.__dataclass_fields__
        given = {name: os.environ.get(f"FIELDHOUSE_HTTP_{name.upper()}_S") for name in names}
        return cls(**{name: float(value) for name, value in given.items() if value})
