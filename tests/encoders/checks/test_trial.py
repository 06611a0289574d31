import numpy as np
import pytest

from ecglens.encoders import EncoderCard, Recipe, load_encoder
from ecglens.encoders.baselines.ecg.qrs import detect_qrs
from ecglens.encoders.checks.trial import FS, Trial, encode
from ecglens.signals import Windows


class Sums:
    """The sum of each lead, one token a window."""

    card, recipe = EncoderCard("sums", dim=12), Recipe((Windows(5),))

    def __init__(self, spoils: bool = False) -> None:
        self.spoils = spoils

    def encode(self, batch):
        tokens = batch.signals.sum(axis=-1)[:, None]
        if self.spoils:
            batch.signals[:] = 0
        return tokens


@pytest.fixture
def trial() -> Trial:
    return Trial.of(Sums(), np.random.default_rng(0), 4)


def test_records_are_ecgs_of_people(trial) -> None:
    assert trial.signals.shape == (4, 12, 5000)
    assert all(8 <= len(detect_qrs(signal, FS)) <= 18 for signal in trial.signals)
    assert set(trial.records["sex"]) == {"F", "M"}
    assert trial.records["age"].between(20, 90).all()


def test_records_are_as_long_as_the_window() -> None:
    encoder = Sums()
    encoder.card = EncoderCard("long", dim=12, seconds=30)
    assert Trial.of(encoder, np.random.default_rng(0), 2).signals.shape[-1] == 30 * FS


def test_windows_repeat_the_rows_of_their_record(trial) -> None:
    assert trial.windows == 2
    assert list(trial.batch.records.index) == [name for name in trial.records.index for _ in range(2)]
    expected = trial.signals.reshape(4, 12, 2, 2500).sum(axis=-1).transpose(0, 2, 1).reshape(8, 1, 12)
    np.testing.assert_allclose(trial.tokens, expected, atol=1e-2)


def test_a_changed_input_is_noticed_and_reaches_a_copy_only() -> None:
    trial = Trial.of(Sums(spoils=True), np.random.default_rng(0), 2)
    assert not trial.untouched
    before = trial.batch.signals.copy()
    encode(trial.encoder, trial.batch)
    np.testing.assert_array_equal(trial.batch.signals, before)
    assert Trial.of(Sums(), np.random.default_rng(0), 2).untouched


def test_distances_are_in_units_of_those_between_records(trial) -> None:
    rows = trial.tokens.reshape(4, -1)
    between = [np.linalg.norm(rows[i] - rows[j]) for i in range(4) for j in range(i)]
    np.testing.assert_allclose(sorted(trial.distances), sorted(between), rtol=1e-6)
    assert trial.distance(trial.signals) == 0
    moved = np.median([np.linalg.norm(row) for row in rows])  # twice the signal moves a record by its own tokens
    assert trial.distance(2 * trial.signals) == pytest.approx(moved / np.median(between), rel=1e-4)


def test_what_is_kept_for_gradients_is_counted() -> None:
    assert Trial.of(load_encoder("random-conv"), np.random.default_rng(0), 2).n_kept == 0
