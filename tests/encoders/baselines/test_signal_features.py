import ast

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ecglens.encoders import Batch
from ecglens.encoders.baselines.signal_features import SignalFeatures

ENCODER = SignalFeatures()


def embed(signals, fs=500.0):
    x, fs = ENCODER.recipe.apply(signals, fs)
    return ENCODER.encode(Batch(x, fs, pd.DataFrame()))[:, 0]


def test_every_feature_has_its_own_name() -> None:
    assert len(set(ENCODER.feature_names)) == len(ENCODER.feature_names) == ENCODER.card.dim
    assert 100 <= ENCODER.card.dim <= 200


def test_names_stand_at_their_values_in_their_units(planted) -> None:
    onsets = np.arange(0.4, 9.5, 0.75)
    features = dict(zip(ENCODER.feature_names, embed(planted(onsets, fs=500, noise=0.01)[None])[0], strict=True))
    assert features["heart_rate"] == pytest.approx(0.8, abs=0.01)  # 80 per minute, in hundreds
    assert features["qrs_duration"] == pytest.approx(0.09 / 0.12, abs=0.15)
    assert features["pr_interval"] == pytest.approx(0.16 / 0.2, abs=0.15)
    assert features["r_amplitude_V4"] == pytest.approx(1.2, abs=0.15)
    assert features["s_amplitude_aVR"] == pytest.approx(-0.9, abs=0.15)


HARSH = {
    "zeros": lambda rng: np.zeros((12, 5000)),
    "offset": lambda rng: np.full((12, 5000), 3.0),
    "noise": lambda rng: rng.normal(0, 1, (12, 5000)),
    "one sample": lambda rng: np.eye(1, 5000, 2500) * np.ones((12, 1)),
    "huge": lambda rng: rng.normal(0, 1e4, (12, 5000)),
    "tiny": lambda rng: rng.normal(0, 1e-6, (12, 5000)),
    "odd length": lambda rng: rng.normal(0, 1, (12, 1301)),
    "one lead": lambda rng: np.eye(12)[:, :1] * rng.normal(0, 1, 5000),
    "mostly padding": lambda rng: np.pad(rng.normal(0, 1, (12, 500)), [(0, 0), (2000, 2500)]),
    "steps": lambda rng: np.repeat(rng.choice([-5.0, 5.0], (12, 10)), 500, axis=1),
}


@pytest.mark.parametrize("kind", HARSH)
def test_any_input_gives_finite_numbers(kind) -> None:
    assert np.isfinite(embed(HARSH[kind](np.random.default_rng(0))[None])).all()


@pytest.mark.parametrize("rr", [0.3, 1.0, 1.8])
@pytest.mark.parametrize("seconds", [2.5, 7.3, 60.0])
def test_any_length_and_rate_gives_the_heart_rate(planted, rr, seconds) -> None:
    onsets = np.arange(0.2, seconds - 0.1, rr)
    narrow = {"pr": None, "t_height": 0.0}
    features = embed(planted(onsets, seconds=seconds, fs=500, noise=0.01, **narrow)[None])
    assert features[0, 0] == pytest.approx(0.6 / rr, rel=0.02)


def test_a_record_does_not_depend_on_its_batch(planted, irregular) -> None:
    signals = np.stack([planted(irregular(0.5, 1.2, seed=seed), fs=500, noise=0.02, seed=seed) for seed in range(5)])
    together = embed(signals)
    np.testing.assert_array_equal(together, np.concatenate([embed(signals[i : i + 1]) for i in range(5)]))
    np.testing.assert_array_equal(together[::-1], embed(signals[::-1]))


@pytest.mark.parametrize(("codes", "least"), [({"AFIB"}, 0.9), ({"CLBBB", "CRBBB"}, 0.85), ({"LAFB", "LPFB"}, 0.75)])
def test_real_diagnoses_can_be_read_off(shared, wfdb, codes, least) -> None:
    root = shared / "ecg" / "ptb-xl-normalised"
    table = pd.read_csv(root / "ptbxl_database.csv")
    positive = table["scp_codes"].map(lambda text: bool(codes & set(ast.literal_eval(text))))
    n = min(45, positive.sum())
    picked = pd.concat([table[positive].sample(n, random_state=0), table[~positive].sample(n, random_state=0)])
    X = embed(np.stack([wfdb.rdrecord(root / name).p_signal.T for name in picked["filename_lr"]]), 100.0)
    y = np.repeat([1, 0], n)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.02))
    assert f1_score(y, cross_val_predict(model, X, y, cv=StratifiedKFold(5, shuffle=True, random_state=0))) > least
