"""Weights of published encoders: described, downloaded, verified and loaded."""

from ecglens.encoders.weights.checkpoint import Checkpoint, weights_place

__all__ = ["Checkpoint", "weights_place"]
