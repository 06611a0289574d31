"""Moved to `ecglens.encoders.weights.pull`; this name goes with 0.3."""

from ecglens.encoders.weights.pull import pull

__all__ = ["pull"]
