"""Quality checks of signals: twelve leads, finite values, variation, amplitude, and order of leads."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import RecordError
from ecglens.records import LEADS, Signal

PLAUSIBLE_MV = (0.02, 20.0)
"""Bounds on the median over leads of the robust peak-to-peak amplitude (0.5th to 99.5th percentile), in mV.
Outside them the unit or the gain is wrong: volts read as mV give about 0.001, raw steps about 1,000."""

PLAUSIBLE_HZ = (50.0, 5000.0)
"""Bounds on the sampling rate of a 12-lead ECG."""

LIMB_LEADS = LEADS[:6]
_DERIVED = np.array(
    [
        [-1, 1],  # III = II - I
        [-0.5, -0.5],  # aVR = -(I + II) / 2
        [1, -0.5],  # aVL = I - II / 2
        [-0.5, 1],  # aVF = II - I / 2
    ]
)
WRONG_ORDER, RIGHT_ORDER = 0.03, 0.003
"""Energy that the four equations leave, over the energy of the limb leads: at most 0.001 in the real data sets, at
least 0.06 after a swap of aVL and aVF. Leads that were scaled individually leave much in any order, and pass."""


def check_signal(signal: Signal) -> None:
    """Raise `RecordError` unless a signal can be a 12-lead ECG in mV with leads in the order of `LEADS`.

    Parameters
    ----------
    signal
        float32 ``[12, n_samples]``.

    Raises
    ------
    RecordError
        ``missing-lead``, ``empty``, ``nan``, ``flat-lead`` (constant over the record), ``amplitude`` or ``lead-order``
        (the limb leads contradict each other, but fit in another order; the order of chest leads cannot be checked).

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
    limb = _centred(signal[: len(LIMB_LEADS)])
    if np.sum(np.square(limb[2:] - _DERIVED @ limb[:2])) <= WRONG_ORDER * np.sum(np.square(limb)):
        return
    centred = _centred(signal)
    rows, left = _best_limb_rows(centred @ centred.T)
    if left < RIGHT_ORDER and len(set(rows)) == len(LIMB_LEADS):
        found = dict(zip(rows, LIMB_LEADS, strict=True))
        order = ", ".join(found.get(row, "V") for row in range(max(rows) + 1))
        raise RecordError("lead-order", f"the limb leads only fit each other in the order {order}")


def _centred(signal: Signal) -> NDArray[np.float64]:
    centred: NDArray[np.float64] = signal - signal.mean(axis=1, keepdims=True, dtype=np.float64)
    return centred


def _best_limb_rows(products: NDArray[np.float64]) -> tuple[list[int], float]:
    """Rows that fit I, II and the derived leads best, and the share of energy that does not fit.

    `products` are the inner products of all rows.
    """
    n = len(products)
    energy = np.diag(products)
    one, two = _DERIVED.T[:, None, None, :]
    own = one**2 * energy[:, None, None] + 2 * one * two * products[:, :, None] + two**2 * energy[None, :, None]
    shared = one[..., None] * products[:, None, None, :] + two[..., None] * products[None, :, None, :]
    left = own[..., None] - 2 * shared + energy  # [I, II, derived lead, row]
    left[np.arange(n), :, :, np.arange(n)] = np.inf
    left[:, np.arange(n), :, np.arange(n)] = np.inf
    left[np.arange(n), np.arange(n)] = np.inf
    derived = left.argmin(axis=3)
    share = left.min(axis=3).sum(axis=2) / (energy[:, None] + energy[None, :] + energy[derived].sum(axis=2))
    i, j = np.unravel_index(share.argmin(), share.shape)
    return [int(i), int(j), *derived[i, j].tolist()], float(share[i, j])


def _named(leads: Any) -> str:
    return ", ".join(lead for lead, hit in zip(LEADS, leads, strict=True) if hit)
