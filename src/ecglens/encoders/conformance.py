"""Does an encoder keep the contract? Checks on simulated signals, for whoever writes or wraps one."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.spatial.distance import pdist

from ecglens.encoders.base import Batch, Encoder
from ecglens.records import LEADS, record_table

FS = 500.0
RECORDS = 6

BATCH_TOLERANCE = 1e-4
"""Largest share of the largest token by which a batch may move a record: rounding is 1e-6, batch statistics 1e-2."""


@dataclass(frozen=True)
class Check:
    """One finding.

    Parameters
    ----------
    name
        What was looked at.
    passed
        ``None`` where there is nothing to pass: the detail is for the reader.
    detail
        What was seen.
    remedy
        What to do where it failed.
    """

    name: str
    passed: bool | None
    detail: str
    remedy: str = ""


def check_encoder(encoder: Encoder, seed: int = 0) -> list[Check]:
    """Run an encoder on simulated records and hold what it does against its card and the contract.

    Parameters
    ----------
    encoder
        Whatever follows `Encoder`. What it raises is not caught.
    seed
        Of the simulated records.

    Returns
    -------
    checks
        Where the form of the tokens is wrong, nothing on how the encoder behaves.

    Examples
    --------
    >>> from ecglens.encoders import load_encoder
    >>> [check.name for check in check_encoder(load_encoder("age-sex")) if check.passed is False]
    []
    """
    trial = _Trial.of(encoder, np.random.default_rng(seed))
    form = [check(trial) for check in (_recipe_digest, _input, _shape, _dim, _dtype, _finite)]
    if any(check.passed is False for check in form):
        return form
    conduct = (_distinct, _deterministic, _batch_invariant, _input_untouched, _eval_mode, _no_gradient)
    reported = (_lead_order, _time_shift, _throughput)
    return form + [check(trial) for check in (*conduct, *reported)]


@dataclass(frozen=True)
class _Trial:
    encoder: Encoder
    signals: NDArray[np.float64]
    records: pd.DataFrame
    batch: Batch
    tokens: NDArray[Any]

    @classmethod
    def of(cls, encoder: Encoder, rng: np.random.Generator) -> _Trial:
        signals = _ecg_like(max(10.0, encoder.card.seconds or 0.0), rng)
        records = _people(rng, signals.shape[-1])
        batch = _prepare(encoder, signals, records)
        return cls(encoder, signals, records, batch, _encode(encoder, batch))

    @property
    def windows(self) -> int:
        return len(self.batch.signals) // RECORDS

    def distance(self, signals: NDArray[np.float64]) -> float:
        """How far changed signals move the records, in units of the median distance between two records."""
        moved = _encode(self.encoder, _prepare(self.encoder, signals, self.records))
        step = np.linalg.norm((moved - self.tokens).reshape(RECORDS, -1), axis=1)
        return float(np.median(step) / max(np.median(pdist(self.tokens.reshape(RECORDS, -1))), 1e-12))


def _prepare(encoder: Encoder, signals: NDArray[np.float64], records: pd.DataFrame) -> Batch:
    prepared, fs = encoder.recipe.apply(signals, FS)
    return Batch(prepared, fs, records.loc[records.index.repeat(len(prepared) // len(records))])


def _encode(encoder: Encoder, batch: Batch) -> NDArray[Any]:
    # A copy: what an encoder does to its input must not reach the other checks.
    return np.asarray(encoder.encode(replace(batch, signals=batch.signals.copy())))


def _recipe_digest(trial: _Trial) -> Check:
    recipe = trial.encoder.recipe
    return Check(
        "recipe digest",
        copy.deepcopy(recipe).digest == recipe.digest,
        f"{recipe.digest}: {recipe}",
        "Make every step a frozen dataclass whose fields are plain numbers, strings and tuples.",
    )


def _input(trial: _Trial) -> Check:
    card, batch = trial.encoder.card, trial.batch
    seconds = batch.signals.shape[-1] / batch.fs
    return Check(
        "input",
        card.fs in (None, batch.fs) and (card.seconds is None or abs(card.seconds - seconds) <= 1 / batch.fs),
        f"{trial.windows} x {seconds:g} s at {batch.fs:g} Hz from {trial.signals.shape[-1] / FS:g} s at {FS:g} Hz",
        f"The card promises {card.seconds} s at {card.fs} Hz: correct it or the recipe.",
    )


def _shape(trial: _Trial) -> Check:
    return Check(
        "shape",
        trial.tokens.ndim == 3 and len(trial.tokens) == len(trial.batch.signals) and trial.tokens.size > 0,
        f"{len(trial.batch.signals)} windows gave {trial.tokens.shape}",
        "Return [n, tokens, dim] with one row for each row of batch.signals; a single vector is one token.",
    )


def _dim(trial: _Trial) -> Check:
    dim = trial.encoder.card.dim
    return Check("dim", trial.tokens.shape[-1:] == (dim,), f"the card says {dim}", "Correct dim on the card.")


def _dtype(trial: _Trial) -> Check:
    found = trial.tokens.dtype
    return Check("dtype", found == np.float32, str(found), "Return tokens as float32.")


def _finite(trial: _Trial) -> Check:
    bad = int((~np.isfinite(trial.tokens)).sum())
    return Check("finite", bad == 0, f"{bad} of {trial.tokens.size} values are not", "Look for division by 0.")


def _distinct(trial: _Trial) -> Check:
    least = float(pdist(trial.tokens.reshape(RECORDS, -1)).min())
    return Check("distinct", least > 0, f"smallest distance of two records {least:.3g}", "Do the weights load?")


def _deterministic(trial: _Trial) -> Check:
    change = _largest(_encode(trial.encoder, trial.batch) - trial.tokens)
    return Check("deterministic", change == 0, f"a second run differs by {change:.3g}", "Switch dropout off, seed all.")


def _batch_invariant(trial: _Trial) -> Check:
    batch, n = trial.batch, trial.windows
    rows = [slice(start, start + n) for start in range(0, len(batch.signals), n)]
    alone = [replace(batch, signals=batch.signals[row], records=batch.records.iloc[row]) for row in rows]
    change = _largest(np.concatenate([_encode(trial.encoder, one) for one in alone]) - trial.tokens)
    share = change / max(_largest(trial.tokens), 1e-12)
    return Check(
        "batch invariant",
        share <= BATCH_TOLERANCE,
        f"alone or among others: {share:.1e} of the largest value",
        "Normalise within a record, never over the batch.",
    )


def _input_untouched(trial: _Trial) -> Check:
    signals = trial.batch.signals.copy()
    trial.encoder.encode(replace(trial.batch, signals=signals))
    same = np.array_equal(signals, trial.batch.signals)
    return Check("input untouched", same, "unchanged" if same else "changed in place", "Copy before changing it.")


def _eval_mode(trial: _Trial) -> Check:
    training = sum(part.training for module in _modules(trial.encoder) for part in module.modules())
    return Check("eval mode", training == 0, f"{training} torch modules in training mode", "Call .eval() on loading.")


def _no_gradient(trial: _Trial) -> Check:
    seen: list[bool] = []
    parts = [
        part
        for module in _modules(trial.encoder)
        for part in module.modules()
        if not isinstance(part, torch.jit.ScriptModule)  # compiled: takes no hooks
    ]
    hooks = [part.register_forward_hook(lambda *_: seen.append(torch.is_grad_enabled())) for part in parts]
    _encode(trial.encoder, trial.batch)
    for hook in hooks:
        hook.remove()
    return Check(
        "no gradient",
        not any(seen),
        f"{sum(seen)} of {len(seen)} calls of torch modules kept what gradients need",
        "Encode within torch.inference_mode().",
    )


def _lead_order(trial: _Trial) -> Check:
    moved = trial.distance(trial.signals[:, ::-1])
    return Check("lead order", None, f"leads reversed: moved by {moved:.2f} of the distance between records")


def _time_shift(trial: _Trial) -> Check:
    moved = trial.distance(np.roll(trial.signals, round(0.25 * FS), axis=-1))
    return Check("time shift", None, f"0.25 s later: moved by {moved:.2f} of the distance between records")


def _throughput(trial: _Trial) -> Check:
    start = time.perf_counter()
    _encode(trial.encoder, _prepare(trial.encoder, trial.signals, trial.records))
    rate = RECORDS / (time.perf_counter() - start)
    return Check("throughput", None, f"{rate:.3g} records/s, recipe included, {RECORDS} at a time")


def _modules(encoder: Encoder) -> list[torch.nn.Module]:
    candidates = [encoder, *getattr(encoder, "__dict__", {}).values()]
    return [candidate for candidate in candidates if isinstance(candidate, torch.nn.Module)]


def _largest(x: NDArray[Any]) -> float:
    return float(np.abs(x).max())


def _people(rng: np.random.Generator, n_samples: int) -> pd.DataFrame:
    ages = rng.uniform(20, 90, RECORDS).round()
    rows = enumerate(zip(ages, rng.permutation(["F", "M"] * (RECORDS // 2)), strict=True))
    return record_table(
        {"record_id": f"simulated-{i}", "age": age, "sex": sex, "fs": FS, "n_samples": n_samples, "codes": []}
        for i, (age, sex) in rows
    )


def _ecg_like(seconds: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Trains of P, Q, R, S and T waves with noise, ``[RECORDS, 12, samples]`` in mV; every record has its own heart."""
    delay, width, height = np.array(
        [[-0.16, 0.025, 0.15], [-0.03, 0.01, -0.1], [0.0, 0.012, 1.0], [0.03, 0.012, -0.3], [0.26, 0.05, 0.3]]
    ).T[:, :, None]
    time_axis = np.arange(round(seconds * FS)) / FS
    records = []
    for interval in rng.uniform(0.6, 1.1, RECORDS):
        beats = np.arange(0.4, seconds, interval) + rng.normal(0, 0.01, len(np.arange(0.4, seconds, interval)))
        since = time_axis - beats[np.abs(time_axis[:, None] - beats).argmin(axis=1)]
        waves = height * np.exp(-0.5 * np.square((since - delay) / width))
        gains = rng.normal(0.6, 0.5, (len(LEADS), len(height)))
        records.append(gains @ waves + rng.normal(0, 0.01, (len(LEADS), len(time_axis))))
    return np.stack(records)
