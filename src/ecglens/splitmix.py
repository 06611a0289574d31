"""Random numbers that depend on a pair of positions and a seed only, not on order or threads."""

from __future__ import annotations

import numpy as np

from ecglens.compiled import compiled


@compiled
def mix(bits: np.uint64) -> np.uint64:  # pragma: no cover
    """Mixing steps of SplitMix64 (Steele, Lea and Flood 2014, Fast splittable pseudorandom number generators)."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


@compiled
def coin(i: int, j: int, seed: int) -> float:  # pragma: no cover
    """A number from 0 to 1 for a pair of positions and a seed."""
    bits = np.uint64(i) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(j) * np.uint64(0xD1B54A32D192ED03) + np.uint64(seed)
    return float(mix(bits) >> np.uint64(11)) * 2.0**-53
