"""The catalog: a release as a folder of web pages that need no server, and say nothing that the release does not."""

from fieldhouse.site.folder import Written
from fieldhouse.site.writing import write

__all__ = ["Written", "write"]
