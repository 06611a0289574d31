"""The mixing steps of SplitMix64 against its published reference, and coins that are fair."""

import numpy as np
from scipy import stats

from ecglens.splitmix import coin, mix

MASK = 2**64 - 1


def reference(state: int) -> int:
    """The steps of Vigna's splitmix64.c after its increment, in Python's whole numbers."""
    z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def test_mixing_is_that_of_the_reference():
    # The first three outputs for seed 1234567, as published with the C code.
    states = [(1234567 + step * 0x9E3779B97F4A7C15) & MASK for step in (1, 2, 3)]
    assert [reference(state) for state in states] == [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert [int(mix(np.uint64(state))) for state in states] == [reference(state) for state in states]


def test_coins_are_uniform_and_belong_to_a_pair_and_a_seed():
    drawn = np.array([[coin(i, j, 3) for j in range(60)] for i in range(60)])
    assert stats.kstest(drawn.ravel(), "uniform").pvalue > 0.001
    assert len(np.unique(drawn)) == drawn.size
    assert coin(4, 9, 3) == drawn[4, 9] != coin(4, 9, 4)
    assert abs(np.corrcoef(drawn[:-1].ravel(), drawn[1:].ravel())[0, 1]) < 0.07
