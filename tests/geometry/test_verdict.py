"""Every pair of numbers has one verdict, and too few records are said to be too few."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import norm

from ecglens.geometry.verdict import (
    ANSWERS,
    CANNOT_TELL,
    NOT_MEASURED,
    NOT_STRONGLY,
    Limits,
    Measured,
    judge_separability,
)


def around(value: float, half: float) -> Measured:
    return Measured(value, value - half, value + half)


def test_every_pair_of_values_has_a_verdict_that_names_its_records() -> None:
    grid = np.linspace(-0.2, 1, 49)
    found = {judge_separability(around(a, 0.02), around(b, 0.02), 400) for a, b in product(grid, repeat=2)}
    assert {verdict.words for verdict in found} == {*ANSWERS.values(), NOT_STRONGLY}
    assert all(
        "detectable with n = 400: a label kNN of 0.03 and a source kNN of 0.03" in verdict.sentence for verdict in found
    )


@pytest.mark.parametrize(
    ("label", "source", "words"),
    [
        (0.72, 0.05, "follows the label"),
        (0.05, 0.72, "follows the source"),
        (0.98, 0.34, "mostly follows the label"),
        (0.39, 0.41, "mostly follows the source"),
        (0.10, 0.19, "weakly follows the label"),
        (0.0899, 0.1899, "follows neither"),
        (0.0999, 0.1, "follows neither strongly"),
        (0.05, 0.1999, "follows neither strongly"),
        (0.4, 0.4, "follows label and source"),
    ],
)
def test_the_limits_divide_the_plane(label: float, source: float, words: str) -> None:
    assert judge_separability(around(label, 0.01), around(source, 0.01), 300).words == words


def test_the_sides_are_not_mixed_up() -> None:
    limits = Limits(label_low=0.1, label_high=0.2, source_low=0.5, source_high=0.6)
    assert judge_separability(around(0.3, 0.01), around(0.3, 0.01), 300, limits).words == "follows the label"


@pytest.mark.parametrize("side", [0, 1])
def test_an_interval_from_absent_to_strong_cannot_tell(side: int) -> None:
    pair = [around(0.3, 0.02), around(0.3, 0.02)]
    pair[side] = around(0.3, 0.4)
    found = judge_separability(*pair, n=12)
    assert found.words == CANNOT_TELL
    shown = [f"a {name} kNN of {each.detectable:.2f}" for name, each in zip(("label", "source"), pair, strict=True)]
    assert f"detectable with n = 12: {' and '.join(shown)}" in found.sentence


def test_absence_asks_for_a_study_that_could_have_shown_a_weak_value() -> None:
    assert judge_separability(around(-0.3, 0.2), around(0.0, 0.02), 20).words == NOT_STRONGLY
    assert judge_separability(around(0.0, 0.02), around(0.0, 0.02), 20).words == "follows neither"


def test_without_an_interval_nothing_can_be_told() -> None:
    found = judge_separability(Measured(0.9), around(0.0, 0.02), n=12)
    assert found.words == CANNOT_TELL
    assert ": no label kNN and a source kNN of 0.03" in found.sentence


def test_an_interval_that_is_cut_at_the_end_of_the_range_does_not_raise_the_power() -> None:
    assert Measured(0.99, 0.79, 1.0).detectable == pytest.approx(around(0.5, 0.2).detectable)


def test_what_was_not_measured_is_named() -> None:
    found = judge_separability(Measured(np.nan), around(0.3, 0.02), 100)
    assert (found.words, found.sentence) == (NOT_MEASURED, "not known: rescaled kNN of label")


def test_the_detectable_value_is_found_in_four_of_five_studies() -> None:
    error = 0.1
    value = Measured(0.0, -1.96 * error, 1.96 * error).detectable
    assert norm.sf(1.96 - value / error) == pytest.approx(0.8, abs=0.002)
