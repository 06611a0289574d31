"""Interpretable baseline: hand-made measures of rhythm and morphology."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecglens.encoders.base import Batch
from ecglens.encoders.baselines.ecg.measures import measure
from ecglens.encoders.card import EncoderCard
from ecglens.records import LEADS
from ecglens.signals import Butterworth, Recipe, Resample

GLOBAL = {
    "heart_rate": 100.0,
    "rr_all_cv": 0.1,
    "rr_cv": 0.1,
    "rr_rmssd": 0.1,
    "rr_jump_share": 1.0,
    "rr_median_jump": 0.1,
    "rr_entropy": 1.0,
    "rr_memory": 1.0,
    "premature_share": 0.2,
    "atypical_share": 0.2,
    "p_prominence": 0.1,
    "p_coherence": 1.0,
    "pr_interval": 0.2,
    "p_peak_to_qrs": 0.14,
    "qrs_duration": 0.12,
    "axis_cos": 1.0,
    "axis_sin": 1.0,
    "t_peak_interval": 0.3,
    "f_amplitude_II": 0.05,
    "f_amplitude_V1": 0.05,
    "f_share_II": 0.2,
    "f_share_V1": 0.2,
}
"""Measures of the whole record, and the fixed size that counts as 1: a clinical limit or a usual value."""

PER_LEAD = {
    "p_amplitude": 0.2,
    "r_amplitude": 1.0,
    "s_amplitude": 1.0,
    "qrs_area": 0.04,
    "qrs_initial": 0.3,
    "qrs_terminal": 0.3,
    "st_level": 0.1,
    "t_amplitude": 0.4,
    "power_4_9": 1.0,
    "power_9_20": 1.0,
    "power_20_40": 1.0,
    "spread": 0.5,
}
"""Measures of each lead, likewise."""


class SignalFeatures:
    """Hand-made measures without training, which a foundation model should exceed.

    Attributes
    ----------
    feature_names : tuple of str
        Name of each of the `dim` numbers. `ecglens.encoders.baselines.ecg.measures` defines them and their units. A
        number that a record does not have, such as an interval without beats, is 0.

    Examples
    --------
    >>> encoder = SignalFeatures()
    >>> encoder.feature_names[:3], encoder.card.dim
    (('heart_rate', 'rr_all_cv', 'rr_cv'), 166)
    """

    feature_names = (*GLOBAL, *(f"{name}_{lead}" for name in PER_LEAD for lead in LEADS))
    recipe = Recipe((Butterworth("bandpass", cutoff=(0.5, 40.0), order=2), Resample(250, method="polyphase")))
    card = EncoderCard(
        name="signal-features",
        dim=len(feature_names),
        summary="Hand-made measures of rhythm, P wave, QRS, ST, T, fibrillatory waves and spectrum.",
        fs=250,
        tokens="one per record",
        n_parameters=0,
        architecture="hand-made features",
        objective="none",
        pretraining=frozenset(),
        licence="Apache-2.0",
        notes=("Takes any length from 2.5 s on; rhythm measures need about 10 s to tell much.",),
    )

    def encode(self, batch: Batch) -> NDArray[np.float32]:
        """Measure each record; tokens ``[n, 1, dim]``."""
        return np.stack([_vector(record, batch.fs) for record in batch.signals])[:, None]


def _vector(record: NDArray[np.float32], fs: float) -> NDArray[np.float32]:
    found = measure(record.astype(np.float64), fs)
    parts = [found[name] / size for name, size in (GLOBAL | PER_LEAD).items()]
    return np.hstack(parts).astype(np.float32)
