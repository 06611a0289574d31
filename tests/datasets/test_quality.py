import numpy as np
import pytest

from ecglens.datasets.ptbxl import PtbXl
from ecglens.datasets.quality import check_signal
from ecglens.errors import RecordError
from ecglens.records import Defect


def ecg(seed: int = 0) -> np.ndarray:
    """Twelve leads of noise whose limb leads obey Einthoven and Goldberger."""
    independent = np.random.default_rng(seed).normal(scale=0.3, size=(8, 500)) * [
        [1],
        [2],
        [1],
        [1],
        [1],
        [1],
        [1],
        [1],
    ]
    one, two, *chest = independent
    return np.stack([one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2, *chest]).astype(np.float32)


def test_a_plausible_signal_passes() -> None:
    check_signal(ecg())


@pytest.mark.parametrize(
    ("reason", "spoil"),
    [
        ("missing-lead", lambda x: x[:11]),
        ("empty", lambda x: x[:, :1]),
        ("nan", lambda x: np.where(np.arange(500) == 7, np.nan, x)),
        ("flat-lead", lambda x: np.concatenate([x[:11], np.zeros((1, 500), dtype=np.float32)])),
        ("amplitude", lambda x: x / 1000),
        ("amplitude", lambda x: x * 1000),
        ("lead-order", lambda x: x[[0, 1, 2, 3, 5, 4, *range(6, 12)]]),
        ("lead-order", lambda x: x[[1, 0, *range(2, 12)]]),
    ],
)
def test_each_fault_is_named(reason: str, spoil) -> None:
    with pytest.raises(RecordError) as caught:
        check_signal(spoil(ecg()).astype(np.float32))
    assert caught.value.reason == reason


def test_the_flat_lead_is_named() -> None:
    x = ecg()
    x[6] = 0.1
    with pytest.raises(RecordError, match="V1"):
        check_signal(x)


def test_the_order_that_fits_is_named() -> None:
    swapped = ecg()[[0, 1, 2, 3, 5, 4, *range(6, 12)]]
    with pytest.raises(RecordError, match="I, II, III, aVR, aVF, aVL"):
        check_signal(swapped)


def test_leads_scaled_one_by_one_pass() -> None:
    x = ecg()
    check_signal(x / x.std(axis=1, keepdims=True))


def test_every_real_record_has_its_leads_in_order(shared) -> None:
    dataset = PtbXl(shared / "ecg" / "ptb-xl")
    ids = list(dataset.index().records.index)[:100]
    signals = [signal for signal in dataset.read(ids) if not isinstance(signal, Defect)]
    assert len(signals) == 100
    for signal in signals:
        with pytest.raises(RecordError, match="lead-order"):
            check_signal(signal[[0, 1, 2, 3, 5, 4, *range(6, 12)]])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([*range(6, 12), *range(6)], "V, V, V, V, V, V, I, II, III, aVR, aVL, aVF"),
        ([6, *range(1, 6), 0, *range(7, 12)], "V, II, III, aVR, aVL, aVF, I"),
        ([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11], "I, aVR, V, V, II, aVL, V, V, III, aVF"),
    ],
)
def test_limb_leads_among_the_chest_leads_are_found(rows, message) -> None:
    with pytest.raises(RecordError, match=f"in the order {message}$"):
        check_signal(ecg()[rows])
