import os
import subprocess
import sys
from dataclasses import dataclass, fields, replace

import numpy as np
import pytest
from scipy import signal

import ecglens.signals
from ecglens.errors import RecipeError
from ecglens.signals import (
    Butterworth,
    Crop,
    FIRBandpass,
    MedianBaseline,
    MinMax,
    NanToZero,
    Notch,
    Pad,
    Recipe,
    Resample,
    SelectLeads,
    Windows,
    ZScore,
)

# Every step, and another value for every one of its parameters.
STEPS = [
    (Resample(250), {"fs": 100, "method": "linear"}),
    (Resample(250, "linear"), {"fs": 100, "method": "polyphase"}),
    (Resample(250, "polyphase"), {"fs": 100, "method": "fft"}),
    (Butterworth("lowpass", 40.0), {"kind": "highpass", "cutoff": 40.5, "order": 3, "form": "ba"}),
    (Notch(50), {"frequency": 60, "q": 35}),
    (FIRBandpass(0.05, 47), {"low": 0.5, "high": 45, "seconds": 0.2}),
    (MedianBaseline(), {"seconds": 0.2}),
    (ZScore(), {"over": "record", "eps": 1e-8}),
    (MinMax(), {"over": "record", "low": 0, "high": 2, "eps": 1e-8}),
    (NanToZero(), {}),
    (SelectLeads(("I", "II")), {"leads": ("II", "I")}),
    (Crop(1), {"seconds": 2, "start": "centre"}),
    (Pad(12), {"seconds": 11, "value": 1, "side": "both"}),
    (Windows(1), {"seconds": 2, "short": "pad", "take": "first", "count": 3}),
]


def test_every_step_is_listed_here():
    exported = {getattr(ecglens.signals, name) for name in ecglens.signals.__all__} - {Recipe, ecglens.signals.Step}
    assert {type(step) for step, _ in STEPS} == exported


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("step", [step for step, _ in STEPS], ids=str)
def test_steps_keep_the_type_the_input_and_the_records_apart(step, dtype):
    x = np.random.default_rng(1).normal(size=(3, 12, 2500)).astype(dtype)
    before = x.copy()
    y, _ = step(x, 500)
    one_by_one = np.concatenate([step(record[None], 500)[0] for record in x])
    assert y.dtype == dtype
    np.testing.assert_array_equal(x, before)
    np.testing.assert_allclose(y, one_by_one, rtol=0, atol=1e-5 if dtype == np.float32 else 1e-12)


@pytest.mark.parametrize(("step", "others"), STEPS, ids=str)
def test_digest_changes_with_every_parameter(step, others):
    assert set(others) == {field.name for field in fields(step)}
    changed = [replace(step, **{name: value}) for name, value in others.items()]
    digests = {Recipe((each,)).digest for each in (step, *changed)}
    assert len(digests) == 1 + len(changed)


@pytest.mark.parametrize("step", [step for step, _ in STEPS if not isinstance(step, NanToZero)], ids=str)
def test_nan_is_neither_hidden_nor_spread_to_other_leads(step):
    x = np.random.default_rng(0).normal(size=(2, 12, 1000))
    y, _ = step(x, 500)
    x[0, 0, 70] = np.nan
    broken, _ = step(x, 500)
    assert np.isnan(broken[0, 0]).any()
    broken[0, 0] = y[0, 0]
    np.testing.assert_array_equal(broken, y)


def test_digest_changes_with_steps_and_their_order():
    a, b = Butterworth("bandpass", (0.5, 40)), Butterworth("bandpass", (0.5, 45))
    assert len({Recipe(steps).digest for steps in [(), (a,), (b,), (a, b), (b, a), (a, b, b)]}) == 6


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Resample(100), Resample(100.0)),
        (Resample(100), Resample(np.float64(100))),
        (Butterworth("bandpass", (1, 40)), Butterworth("bandpass", (1.0, np.int64(40)), order=4.0)),
    ],
)
def test_equal_recipes_have_equal_digests(one, other):
    assert one == other
    assert Recipe((one,)).digest == Recipe((other,)).digest


def test_digest_is_the_same_in_every_process():
    code = (
        "from ecglens.signals import *; "
        "print(Recipe((SelectLeads(('I', 'V1')), Butterworth('bandpass', (0.5, 40)), ZScore())).digest)"
    )
    expected = Recipe((SelectLeads(("I", "V1")), Butterworth("bandpass", (0.5, 40)), ZScore())).digest
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.strip() == expected


def test_steps_run_in_order_and_without_steps_only_the_type_changes():
    x = np.random.default_rng(0).normal(size=(2, 12, 1000))
    recipe = Recipe((Resample(250), ZScore(), Crop(1)))
    resampled = signal.resample(x, 500, axis=-1)
    expected = (resampled - resampled.mean(-1, keepdims=True)) / resampled.std(-1, keepdims=True)
    y, fs = recipe.apply(x, 500)
    assert (y.dtype, fs, str(recipe)) == (np.float32, 250, f"{Resample(250)} -> {ZScore()} -> {Crop(1)}")
    np.testing.assert_allclose(y, expected[..., :250], rtol=0, atol=1e-6)
    np.testing.assert_array_equal(Recipe().apply(x, 500)[0], x.astype(np.float32))


def test_a_recipe_does_not_hand_out_the_array_it_was_given():
    x = np.zeros((1, 12, 100))
    Recipe((Crop(0.1),)).apply(x, 500)[0][:] = 1
    assert not x.any()


def test_a_single_record_without_its_batch_axis_is_refused():
    with pytest.raises(RecipeError, match=r"\[n, leads, samples\].*\(12, 5000\)"):
        Recipe((ZScore(),)).apply(np.zeros((12, 5000)), 500)


def test_a_step_from_elsewhere_counts_in_the_digest_and_has_to_be_a_dataclass():
    @dataclass(frozen=True)
    class Gain:
        factor: float

        def __call__(self, x, fs):
            return self.factor * x, fs

    assert Recipe((Gain(2),)).digest != Recipe((Gain(3),)).digest
    with pytest.raises(TypeError, match="dataclass"):
        _ = Recipe((lambda x, fs: (x, fs),)).digest


def hubert_ecg(x):
    recipe = Recipe((FIRBandpass(0.05, 47), Resample(500), MinMax(eps=1e-8), Windows(5, "pad")))
    windows = recipe.apply(x, 500)[0]
    return signal.decimate(windows.astype(np.float64).reshape(len(x), 2, -1), 5, axis=-1)


def st_mem(x):
    resampled = Recipe((Resample(250),)).apply(x, 500)[0]
    crops = np.concatenate([resampled[..., start : start + 2250] for start in (0, 125, 250)])
    filters = (Butterworth("highpass", 0.67, 5), Butterworth("lowpass", 40, 5), ZScore("record"))
    return Recipe(filters).apply(crops, 250)[0].reshape(3, *x.shape[:2], 2250).swapaxes(0, 1)


def recipe_of(*steps):
    return lambda x: Recipe(steps).apply(x, 500)[0]


# What the official code of each model was seen to feed its network.
INPUTS = {
    "ecg-fm": lambda x: recipe_of(ZScore(), Windows(5))(x).reshape(len(x), 2, 12, 2500),
    "hubert-ecg-small": hubert_ecg,
    "ecgfounder-12lead": recipe_of(
        NanToZero(),
        Notch(50, q=30),
        Butterworth("bandpass", (0.67, 40), 4, form="ba"),
        MedianBaseline(0.4),
        ZScore("record", eps=1e-8),
    ),
    "ecg-jepa": recipe_of(Resample(250), SelectLeads(("I", "II", "V1", "V2", "V3", "V4", "V5", "V6"))),
    "merl-resnet18": recipe_of(
        MinMax("record", 0, 1, eps=1e-8),
        SelectLeads(("I", "II", "III", "aVR", "aVF", "aVL", "V1", "V2", "V3", "V4", "V5", "V6")),
    ),
    "st-mem-full": st_mem,
}


@pytest.mark.parametrize("model", INPUTS)
def test_recorded_signals_become_what_the_official_code_feeds_the_model(shared, model):
    recorded = np.load(shared / "parity" / model / "raw_input.npz")
    np.testing.assert_allclose(INPUTS[model](recorded["signal"]), recorded["model_input"], rtol=0, atol=1e-5)


@pytest.mark.parametrize("model", INPUTS)
def test_synthetic_signals_become_what_the_official_code_feeds_the_model(shared, model):
    folder = shared / "parity-synthetic"
    expected = np.load(folder / model / "expected.npz")
    found = INPUTS[model](np.load(folder / "signal.npz")["signal"])
    assert found.shape == tuple(expected["model_input_shape"])
    probe = found.ravel()[expected["model_input_probe_index"]]
    np.testing.assert_allclose(probe, expected["model_input_probe"], rtol=0, atol=1e-5)


@pytest.mark.parametrize("n", [0, 1, 4, 5, 11])
def test_records_are_independent_however_many_there_are(n):
    x = np.random.default_rng(n).normal(size=(n, 12, 1000))
    prepared, fs = Recipe((ZScore("record"), Windows(4))).apply(x, 100)
    expected = (x - x.mean(axis=(1, 2), keepdims=True)) / x.std(axis=(1, 2), keepdims=True)
    assert (fs, prepared.dtype) == (100, np.float32)
    np.testing.assert_allclose(prepared[::2], expected[..., :400], rtol=0, atol=1e-6)
    np.testing.assert_allclose(prepared[1::2], expected[..., 400:800], rtol=0, atol=1e-6)
