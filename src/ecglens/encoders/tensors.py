"""Moved to `ecglens.encoders.weights.tensors`; this name goes with 0.3."""

from ecglens.encoders.weights.tensors import read_tensors

__all__ = ["read_tensors"]
