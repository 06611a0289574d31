"""Tests whether an encoder keeps the contract, on simulated records."""

from __future__ import annotations

import copy
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ecglens.checks import Check, raised
from ecglens.encoders.base import Encoder
from ecglens.encoders.checks.trial import FS, Trial, encode, prepare

BATCH_TOLERANCE = 1e-4
"""Largest effect of the batch on a record, as a share of the largest value: rounding is 1e-6, batch statistics 1e-2."""


def check_encoder(encoder: Encoder, seed: int = 0, n_records: int = 6) -> list[Check]:
    """Test an encoder on simulated records against its card and the contract.

    Parameters
    ----------
    encoder
        Object that follows `Encoder`; an exception that it raises is a failed check.
    seed
        Random seed of the simulated records.
    n_records
        Number of records, at least 2; use few for a slow encoder.

    Returns
    -------
    checks
        One entry per check. If the encoder does not run or its tokens have the wrong form, its behaviour is not tested.

    Examples
    --------
    >>> from ecglens.encoders import load_encoder
    >>> [check.name for check in check_encoder(load_encoder("age-sex")) if check.passed is False]
    []
    """
    try:
        trial = Trial.of(encoder, np.random.default_rng(seed), n_records)
    except Exception as error:  # noqa: BLE001 - somebody else's code may raise anything
        return [raised("runs", error)]
    form = [_run(check, trial) for check in (_recipe_digest, _input, _shape, _dim, _dtype, _finite)]
    if any(check.passed is False for check in form):
        return form
    conduct = (_distinct, _deterministic, _batch_invariant, _input_untouched, _eval_mode, _no_gradient)
    reported = (_lead_order, _time_shift, _throughput, _peak_memory)
    return form + [_run(check, trial) for check in (*conduct, *reported)]


def _run(check: Callable[[Trial], Check], trial: Trial) -> Check:
    try:
        return check(trial)
    except Exception as error:  # noqa: BLE001 - as above
        return raised(check.__name__.strip("_").replace("_", " "), error)


def _recipe_digest(trial: Trial) -> Check:
    recipe = trial.encoder.recipe
    return Check(
        "recipe digest",
        trial.digest == recipe.digest == copy.deepcopy(recipe).digest,
        f"{recipe.digest}: {recipe}",
        "Make every step a frozen dataclass whose fields are plain numbers, strings and tuples.",
    )


def _input(trial: Trial) -> Check:
    card, batch = trial.encoder.card, trial.batch
    seconds = batch.signals.shape[-1] / batch.fs
    return Check(
        "input",
        card.fs in (None, batch.fs) and (card.seconds is None or abs(card.seconds - seconds) <= 1 / batch.fs),
        f"{trial.windows} x {seconds:g} s at {batch.fs:g} Hz from {trial.signals.shape[-1] / FS:g} s at {FS:g} Hz",
        f"The card promises {card.seconds} s at {card.fs} Hz: correct it or the recipe.",
    )


def _shape(trial: Trial) -> Check:
    return Check(
        "shape",
        trial.tokens.ndim == 3 and len(trial.tokens) == len(trial.batch.signals) and trial.tokens.size > 0,
        f"{len(trial.batch.signals)} windows gave {trial.tokens.shape}",
        "Return [n, tokens, dim] with one row for each row of batch.signals; a single vector is one token.",
    )


def _dim(trial: Trial) -> Check:
    dim = trial.encoder.card.dim
    return Check("dim", trial.tokens.shape[-1:] == (dim,), f"the card says {dim}", "Correct dim on the card.")


def _dtype(trial: Trial) -> Check:
    found = trial.tokens.dtype
    return Check("dtype", found == np.float32, str(found), "Return tokens as float32.")


def _finite(trial: Trial) -> Check:
    bad = int((~np.isfinite(trial.tokens)).sum())
    return Check("finite", bad == 0, f"{bad} of {trial.tokens.size} values are not", "Look for division by 0.")


def _distinct(trial: Trial) -> Check:
    least = float(trial.distances.min())
    return Check("distinct", least > 0, f"smallest distance of two records {least:.3g}", "Do the weights load?")


def _deterministic(trial: Trial) -> Check:
    change = _largest(encode(trial.encoder, trial.batch) - trial.tokens)
    return Check("deterministic", change == 0, f"a second run differs by {change:.3g}", "Switch dropout off, seed all.")


def _batch_invariant(trial: Trial) -> Check:
    batch, n = trial.batch, trial.windows
    rows = [slice(start, start + n) for start in range(0, len(batch.signals), n)]
    alone = [replace(batch, signals=batch.signals[row], records=batch.records.iloc[row]) for row in rows]
    change = _largest(np.concatenate([encode(trial.encoder, one) for one in alone]) - trial.tokens)
    share = change / max(_largest(trial.tokens), 1e-12)
    return Check(
        "batch invariant",
        share <= BATCH_TOLERANCE,
        f"alone or among others: {share:.1e} of the largest value",
        "Normalise within a record, never over the batch.",
    )


def _input_untouched(trial: Trial) -> Check:
    detail = "unchanged" if trial.untouched else "changed in place"
    return Check("input untouched", trial.untouched, detail, "Copy before changing it.")


def _eval_mode(trial: Trial) -> Check:
    training = sum(part.training for module in _modules(trial.encoder) for part in module.modules())
    return Check("eval mode", training == 0, f"{training} torch modules in training mode", "Call .eval() on loading.")


def _no_gradient(trial: Trial) -> Check:
    detail = f"{trial.n_kept} tensors were kept for gradients"
    return Check("no gradient", trial.n_kept == 0, detail, "Encode within torch.inference_mode().")


def _lead_order(trial: Trial) -> Check:
    moved = trial.distance(trial.signals[:, ::-1])
    return Check("lead order", None, f"leads reversed: moved by {moved:.2f} of the distance between records")


def _time_shift(trial: Trial) -> Check:
    moved = trial.distance(np.roll(trial.signals, round(0.25 * FS), axis=-1))
    return Check("time shift", None, f"0.25 s later: moved by {moved:.2f} of the distance between records")


def _throughput(trial: Trial) -> Check:
    start = time.perf_counter()
    encode(trial.encoder, prepare(trial.encoder, trial.signals, trial.records))
    rate = len(trial.records) / (time.perf_counter() - start)
    return Check("throughput", None, f"{rate:.3g} records/s, recipe included, {len(trial.records)} at a time")


def _peak_memory(trial: Trial) -> Check:
    unit = 2**20 if sys.platform == "darwin" else 2**10  # macOS counts bytes, Linux KiB.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    detail = f"{peak:,.0f} MiB, the most that this process has held, {len(trial.records)} records at a time"
    return Check("peak memory", None, detail)


def _modules(encoder: Encoder) -> list[torch.nn.Module]:
    candidates = [encoder, *getattr(encoder, "__dict__", {}).values()]
    return [candidate for candidate in candidates if isinstance(candidate, torch.nn.Module)]


def _largest(x: NDArray[Any]) -> float:
    return float(np.abs(x).max())
