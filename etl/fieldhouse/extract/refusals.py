"""What the pipeline says when an extractor's output is not landed."""

from fieldhouse.errors import DataError, TemporaryError

MAX_PROBLEMS = 100
_SHOWN = 5


class Unsealed(TemporaryError):
    """The extractor left no readable seal: it did not finish. Nothing is landed; trying again may help."""


class SealRefused(DataError):
    """The seal does not tell the truth, or exceeds a limit. Nothing is landed.

    `lies`: what is not true, in words; `over`: the limits that are exceeded, which a person may accept; `problems`:
    both. At most 100 are listed.
    """

    def __init__(self, where: str, lies: tuple[str, ...], *, over: tuple[str, ...] = (), hint: str = "") -> None:
        problems = (*lies, *over)
        self.lies = lies[:MAX_PROBLEMS]
        self.over = over[:MAX_PROBLEMS]
        self.problems = problems[:MAX_PROBLEMS]
        shown = "; ".join(self.problems[:_SHOWN])
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        super().__init__(
            f"{where}: the seal is refused and nothing is landed: {shown}{more}",
            hint=hint or "mend the extractor: its output is believed only as far as it can be re-hashed",
        )
