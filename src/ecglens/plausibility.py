"""What makes a signal unusable: not twelve leads, no number, no variation, no millivolts, leads in another order."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np

from ecglens.errors import RecordError
from ecglens.records import LEADS, Signal

PLAUSIBLE_MV = (0.02, 20.0)
"""Bounds on the median over leads of the robust peak-to-peak amplitude (0.5th to 99.5th percentile), in mV.
Outside them the unit or the gain is wrong: volts read as mV give about 0.001, raw steps about 1,000."""

LIMB_LEADS = LEADS[:6]
_EINTHOVEN = np.array(
    [
        [-1, 1, -1, 0, 0, 0],  # III = II - I
        [0.5, 0.5, 0, 1, 0, 0],  # aVR = -(I + II) / 2
        [-1, 0.5, 0, 0, 1, 0],  # aVL = I - II / 2
        [0.5, -1, 0, 0, 0, 1],  # aVF = II - I / 2
    ]
)
WRONG_ORDER, RIGHT_ORDER = 0.03, 0.003
"""Energy that the four equations leave, over the energy of the limb leads: at most 0.001 in the real data sets, at
least 0.06 after a swap of aVL and aVF. Leads that were scaled one by one leave much in any order, and pass."""


def check_signal(signal: Signal) -> None:
    """Raise `RecordError` where a signal cannot be a 12-lead ECG in mV, leads in the order of `LEADS`.

    Parameters
    ----------
    signal
        float32 ``[12, n_samples]``.

    Raises
    ------
    RecordError
        ``missing-lead``, ``empty``, ``nan``, ``flat-lead`` (constant over the record), ``amplitude`` or ``lead-order``
        (the limb leads contradict each other, and another order would not; chest leads cannot be checked).

    Examples
    --------
    >>> check_signal(np.zeros((12, 500), dtype=np.float32))
    Traceback (most recent call last):
    ecglens.errors.RecordError: flat-lead: constant signal in I, II, III, aVR, aVL, aVF, V1, V2, V3, V4, V5, V6
    """
    if signal.ndim != 2 or signal.shape[0] != len(LEADS):
        raise RecordError("missing-lead", f"expected 12 leads x samples, found an array of shape {signal.shape}")
    if signal.shape[1] < 2:
        raise RecordError("empty", f"{signal.shape[1]} samples")
    broken = _named(np.any(~np.isfinite(signal), axis=1))
    if broken:
        raise RecordError("nan", f"samples that are not a number in {broken}")
    flat = _named(np.ptp(signal, axis=1) == 0)
    if flat:
        raise RecordError("flat-lead", f"constant signal in {flat}")
    # The bounds are wide: a thousand samples tell as much as all, and the sort is what reading would wait for.
    low, high = np.percentile(signal[:, :: max(1, signal.shape[1] // 1000)], [0.5, 99.5], axis=1)
    amplitude = float(np.median(high - low))
    if not PLAUSIBLE_MV[0] <= amplitude <= PLAUSIBLE_MV[1]:
        raise RecordError(
            "amplitude",
            f"median peak-to-peak {amplitude:.3g} mV lies outside {PLAUSIBLE_MV}: check the gain and the unit",
        )
    _check_lead_order(signal)


def _check_lead_order(signal: Signal) -> None:
    limb = signal[: len(LIMB_LEADS)] - signal[: len(LIMB_LEADS)].mean(axis=1, keepdims=True)
    products = (limb @ limb.T).astype(np.float64)
    equations = _EINTHOVEN.T @ _EINTHOVEN
    energy = np.trace(products)
    if np.sum(products * equations) <= WRONG_ORDER * energy:
        return
    orders = np.array(list(permutations(range(len(LIMB_LEADS)))))
    left = np.sum(products[orders[:, :, None], orders[:, None, :]] * equations, axis=(1, 2)) / energy
    if left.min() < RIGHT_ORDER:
        fits = ", ".join(np.array(LIMB_LEADS)[np.argsort(orders[left.argmin()])])
        raise RecordError("lead-order", f"the limb leads only fit each other in the order {fits}")


def _named(leads: Any) -> str:
    return ", ".join(lead for lead, hit in zip(LEADS, leads, strict=True) if hit)
