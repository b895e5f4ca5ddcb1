"""The lake: raw objects, landings, parts, memo, receipts and releases in one folder or bucket."""

from fieldhouse.lake.store import Store, open_store

__all__ = ["Store", "open_store"]
