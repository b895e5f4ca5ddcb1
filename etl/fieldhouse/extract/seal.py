"""Seals: written by extractors (`write_seal`), re-hashed by the pipeline before anything is landed (`verify`)."""

from fieldhouse.extract.refusals import SealRefused, Unsealed
from fieldhouse.extract.sealed import Archive, Seal, SealedFile, Status, write_seal
from fieldhouse.extract.verify import verify

__all__ = ["Archive", "Seal", "SealRefused", "SealedFile", "Status", "Unsealed", "verify", "write_seal"]
