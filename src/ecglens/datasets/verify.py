"""Moved to `ecglens.datasets.validate.inspection`; this name goes with 0.3."""

from ecglens.datasets.validate.inspection import inspect_records

__all__ = ["inspect_records"]
