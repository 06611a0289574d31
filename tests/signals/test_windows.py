import numpy as np
import pytest

from ecglens.errors import ConfigError, RecipeError
from ecglens.signals import Crop, Pad, Windows


def per_lead(function, x):
    return np.array([[function(lead) for lead in record] for record in x])


def ramp(n=2, leads=12, samples=10):
    return np.arange(float(n * leads * samples)).reshape(n, leads, samples)


@pytest.mark.parametrize("seconds", [0.1, 0.3, 0.9, 1.0, 2.5])
def test_crop_equals_slices(seconds):
    x = ramp()
    keep = min(round(seconds * 10), 10)
    middle = (10 - keep) // 2
    np.testing.assert_array_equal(Crop(seconds)(x, 10)[0], x[..., :keep])
    np.testing.assert_array_equal(Crop(seconds, "centre")(x, 10)[0], x[..., middle : middle + keep])


@pytest.mark.parametrize("seconds", [0.5, 1.0, 1.1, 1.5, 2.0])
def test_pad_equals_lists(seconds):
    x = ramp()
    lacking = max(round(seconds * 10) - 10, 0)
    before = lacking // 2
    at_end = per_lead(lambda lead: [*lead, *[0] * lacking], x)
    around = per_lead(lambda lead: [*[-1] * before, *lead, *[-1] * (lacking - before)], x)
    np.testing.assert_array_equal(Pad(seconds)(x, 10)[0], at_end)
    np.testing.assert_array_equal(Pad(seconds, value=-1, side="both")(x, 10)[0], around)


@pytest.mark.parametrize(("samples", "count"), [(10, 2), (14, 2), (15, 3), (5, 1)])
@pytest.mark.parametrize("short", ["drop", "pad"])
def test_windows_equal_a_loop_over_records(samples, count, short):
    x = ramp(n=3, samples=samples)
    expected = [record[:, 5 * i : 5 * (i + 1)] for record in x for i in range(count)]
    np.testing.assert_array_equal(Windows(0.5, short)(x, 10)[0], expected)
    np.testing.assert_array_equal(Windows(0.5, short, "first")(x, 10)[0], x[..., :5])


@pytest.mark.parametrize(("samples", "starts"), [(9, (0, 2, 4)), (10, (0, 2, 4)), (23, (0, 9, 18)), (5, (0, 0, 0))])
def test_a_number_of_windows_is_spread_from_the_start_to_the_end(samples, starts):
    x = ramp(n=3, samples=samples)
    expected = [record[:, start : start + 5] for record in x for start in starts]
    np.testing.assert_array_equal(Windows(0.5, count=3)(x, 10)[0], expected)
    np.testing.assert_array_equal(Windows(0.5, take="first", count=3)(x, 10)[0], x[..., :5])


def test_windows_of_short_records():
    x = ramp(samples=3)
    padded = per_lead(lambda lead: [*lead, 0, 0], x)
    np.testing.assert_array_equal(Windows(0.5, "pad")(x, 10)[0], padded)
    with pytest.raises(RecipeError, match=r"needs 0\.5 s, found 0\.3 s .* short='pad'"):
        Windows(0.5)(x, 10)


@pytest.mark.parametrize("step", [Crop(0.01), Pad(0.01), Windows(0.01)])
def test_less_than_one_sample_is_refused(step):
    with pytest.raises(RecipeError, match=r"0\.01 s at 10 Hz is less than one sample"):
        step(ramp(), 10)


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda: Crop(0), "seconds"),
        (lambda: Crop(5, "end"), "start has to be one of first, centre"),
        (lambda: Pad(float("nan")), "seconds"),
        (lambda: Pad(5, side="start"), "side has to be one of end, both"),
        (lambda: Windows(-5), "seconds"),
        (lambda: Windows(5, "keep"), "short has to be one of drop, pad"),
        (lambda: Windows(5, take="last"), "take has to be one of all, first"),
        (lambda: Windows(5, count=1), "count has to be 2 or more, or None"),
    ],
)
def test_wrong_parameters_are_refused_at_once(make, rule):
    with pytest.raises(ConfigError, match=rule):
        make()
