"""The generic HTTP extractor: lands every source whose feeds are files at URLs (docs/http-extractor.md)."""
