"""Simulated data sets: 12-lead records of invented patients, in the file layouts of the real data sets.

They serve to try a study without downloads and to test it against a known truth. They are no evidence about any
encoder; `ecglens.datasets.base.is_simulated` recognises them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
from numpy.random import Generator

from ecglens._version import __version__
from ecglens.datasets.base import SIMULATED_MARK
from ecglens.datasets.chn import LAST_OF_CHAPMAN
from ecglens.datasets.simulated.beats import CONDUCTION, draw_heart, draw_leads
from ecglens.datasets.simulated.layouts import CODE15_SAMPLES, WRITERS, SimulatedRecord
from ecglens.datasets.simulated.recorders import RECORDERS, Recorder, digitise
from ecglens.errors import ConfigError, DatasetError

__all__ = ["RECORDERS", "Recorder", "Simulation", "simulate", "simulate_all", "simulated_records"]


@dataclass(frozen=True)
class Simulation:
    """Prevalences of the simulated patients, and effects on their signals.

    Parameters
    ----------
    prevalence_af, prevalence_cd
        Share of patients with atrial fibrillation, and with a conduction disturbance (in equal parts first degree AV
        block, complete right and complete left bundle branch block). The two are independent of each other.
    af_effect, cd_effect
        Size of the effect on signal and age of the positives: 0 is none (the label is noise), 1 the full disturbance.
    recorder_difference
        Difference of the recorders: 0 makes them equal, 1 leaves them as they are; may exceed 1.
    repeats
        Share of records from the same patient as the record before.
    ningbo
        Share of the patients of CHN without fibrillation whose records come from Ningbo; all others come from
        Chapman-Shaoxing, as in the real data set.

    Raises
    ------
    ConfigError
        A value is out of its range.

    Examples
    --------
    >>> Simulation(prevalence_af=2)
    Traceback (most recent call last):
    ...
    ecglens.errors.ConfigError: simulation: prevalence_af is 2, expected 0 to 1
    """

    prevalence_af: float = 0.25
    prevalence_cd: float = 0.35
    af_effect: float = 1.0
    cd_effect: float = 1.0
    recorder_difference: float = 1.0
    repeats: float = 0.1
    ningbo: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value, most = getattr(self, field.name), 4 if field.name == "recorder_difference" else 1
            if not 0 <= value <= most:
                raise ConfigError(f"simulation: {field.name} is {value}, expected 0 to {most}")


def simulate_all(root: Path, n_records: int, seed: int, simulation: Simulation | None = None) -> None:
    """Write all four data sets, each into the folder below `root` that has its name.

    Parameters
    ----------
    root, n_records, seed, simulation
        As for `simulate`; `n_records` is the number in each data set.
    """
    for layout in WRITERS:
        simulate(root / layout, layout, n_records, seed, simulation)


def simulate(
    root: Path,
    layout: str,
    n_records: int,
    seed: int,
    simulation: Simulation | None = None,
    recorder: Recorder | None = None,
) -> None:
    """Write one simulated data set in the published layout. The same arguments give the same bytes.

    Parameters
    ----------
    root
        New or empty folder.
    layout
        ``"ptb-xl"``, ``"code-15"``, ``"georgia"`` or ``"chn"``.
    n_records
        Number of records. A smaller number with the same seed gives the first of a larger one.
    seed
        Random seed; data sets of different layouts are independent.
    simulation
        Prevalences and effects.
    recorder
        Device to use instead of that of the layout in `RECORDERS`, without `recorder_difference`.

    Raises
    ------
    ConfigError
        Unknown layout, or a value out of its range.
    DatasetError
        The root holds files already.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> root = Path(mkdtemp())
    >>> simulate(root, "georgia", n_records=2, seed=0)
    >>> sorted(path.name for path in root.glob("training/georgia/g1/*"))
    ['E00001.hea', 'E00001.mat', 'E00002.hea', 'E00002.mat', 'RECORDS']
    """
    simulation = simulation or Simulation()
    _check(layout, n_records, seed, recorder)
    if simulation.ningbo and layout == "chn" and n_records > LAST_OF_CHAPMAN:
        raise ConfigError(f"simulation: with two sites chn holds {LAST_OF_CHAPMAN} records at most, not {n_records}")
    if root.exists() and any(root.iterdir()):
        raise DatasetError(f"{root}: holds files already; simulate into a new folder")
    root.mkdir(parents=True, exist_ok=True)
    recorder = recorder or RECORDERS[layout].apart(simulation.recorder_difference)
    mark = {
        "version": __version__,
        "layout": layout,
        "n_records": n_records,
        "seed": seed,
        "simulation": asdict(simulation),
        "recorder": asdict(recorder),
    }
    (root / SIMULATED_MARK).write_text(json.dumps(mark, indent=1) + "\n", encoding="utf-8")
    WRITERS[layout](root, simulated_records(layout, n_records, seed, simulation, recorder), n_records, recorder)


def simulated_records(
    layout: str, n_records: int, seed: int, simulation: Simulation, recorder: Recorder
) -> Iterator[SimulatedRecord]:
    """Draw the records of a data set one by one; parameters as for `simulate`.

    Examples
    --------
    >>> record = next(simulated_records("chn", 1, 0, Simulation(prevalence_af=1), RECORDERS["chn"]))
    >>> record.findings[0], record.signal.shape
    ('AF', (12, 5000))
    """
    cohort = _generator(seed, layout, 0)
    start = cohort.random(2)
    new = cohort.random(n_records) >= simulation.repeats
    new[:1] = True
    for number, patient in enumerate(np.cumsum(new).tolist(), start=1):
        # A Kronecker sequence: the two labels are as independent as random ones, but their counts are nearly exact.
        af, cd = (start + patient * np.array([0.7548776662, 0.5698402910])) % 1
        yield _record(number, patient, float(af), float(cd), (seed, layout), simulation, recorder)


def _record(
    number: int,
    patient: int,
    af: float,
    cd: float,
    source: tuple[int, str],
    simulation: Simulation,
    recorder: Recorder,
) -> SimulatedRecord:
    """Draw one record; `af` and `cd` are the patient's ranks between 0 and 1, positive below the prevalence."""
    person, own = _generator(*source, 1, patient), _generator(*source, 2, number)
    has_af, has_cd = af < simulation.prevalence_af, cd < simulation.prevalence_cd
    fibrillation, block = simulation.af_effect * has_af, simulation.cd_effect * has_cd
    # Without P waves there is no PR interval, so that fibrillation leaves the bundle branch blocks only.
    kinds = [kind for kind in CONDUCTION if kind != "1AVB" or not fibrillation]
    kind = kinds[int(cd / simulation.prevalence_cd * len(kinds))] if has_cd else None
    age = person.normal(55 + 12 * fibrillation + 6 * block, 14)
    sex = "FM"[person.integers(2)]
    leads, rate = draw_leads(draw_heart(person, kind, block, fibrillation), recorder.fs, recorder.seconds, own)
    in_ningbo = source[1] == "chn" and not has_af and _generator(*source, 3, patient).random() < simulation.ningbo
    rhythm = "AF" if has_af else "SB" if rate < 50 else "ST" if rate > 100 else "SR"
    return SimulatedRecord(
        number=number + LAST_OF_CHAPMAN * in_ningbo,
        patient=patient,
        age=round(float(np.clip(age, 18, 89))),
        sex=sex,
        findings=(rhythm, kind) if kind else (rhythm,),
        signal=digitise(leads, recorder, own),
    )


def _generator(seed: int, layout: str, *stream: int) -> Generator:
    return np.random.default_rng([seed, *layout.encode(), *stream])


def _check(layout: str, n_records: int, seed: int, recorder: Recorder | None) -> None:
    if layout not in WRITERS:
        raise ConfigError(f"unknown layout {layout!r}. Known: {', '.join(WRITERS)}.")
    if n_records < 1 or seed < 0:
        raise ConfigError(f"n_records is {n_records} and seed {seed}; expected at least 1 and at least 0")
    if recorder is None:
        return
    if recorder.fs != RECORDERS[layout].fs:
        raise ConfigError(f"recorder: fs is {recorder.fs} Hz, files of {layout} hold {RECORDERS[layout].fs} Hz")
    if layout == "code-15" and recorder.fs * recorder.seconds > CODE15_SAMPLES:
        raise ConfigError(f"recorder: seconds is {recorder.seconds}, code-15 holds {CODE15_SAMPLES} samples at most")
