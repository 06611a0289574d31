"""Mutants of a study file: accepted, or refused before any work with a message of sane length; never a traceback."""

import random
import time
import warnings
from pathlib import Path

import yaml

from ecglens.errors import EcgLensError
from ecglens.study import load_study
from ecglens.study.plan import dry_run
from torture.common import TINY, Tally, limits, place_of, write_study
from torture.mutants import change, change_data

WHOLE = TINY | {
    "datasets": ["georgia", {"name": "again", "reader": "georgia", "root": "data/georgia"}],
    "encoders": ["signal-features", {"name": "conv", "encoder": "random-conv", "dim": 16, "pooling": ["mean", "max"]}],
    "sizes": {"T": 12, "all": None},
    "balance": "equal",
    "engine": "fast",
    "probes": ["mlp", {"name": "svm", "estimator": "sklearn.svm.SVC", "params": {"C": 1.0}, "scale": True}],
    "thresholds": {"label_high": 0.4},
}
ALIASES = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 30))
TEXTS = (
    "", "5", "- a", "x: 2026-13-45", "x: !!int abc", "x: !!bool x", "x: !!timestamp abc", "x: " + "9" * 5000,
    "x: " + "[" * 3000 + "]" * 3000, "x: !!python/object/apply:os.system ['true']", ALIASES + "name: *a29", "<<: 5",
    "datasets: [" + "georgia, " * 20_000 + "]", "? " + "k" * 100_000 + "\n: 1", "name: \"\\ud800\"", "x: *nothing",
)  # fmt: skip
LONGEST = 5000
"""Characters of a message."""


def torture(tally: Tally, seed: int, end: float, folder: Path) -> None:
    warnings.simplefilter("ignore")
    rng, path = random.Random(seed), write_study(folder)
    todo = list(TEXTS)
    while todo or time.monotonic() < end:
        if todo:
            content = todo.pop().encode()
        else:
            data = WHOLE
            for _ in range(rng.choice([1, 1, 1, 2, 3])):
                data = change_data(rng, data)
            text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
            content = change(rng, text) if rng.random() < 0.2 else text.encode("utf-8", "surrogatepass")
        path.write_bytes(content)
        judge(tally, path, content)


def judge(tally: Tally, path: Path, content: bytes) -> None:
    tally.count("study files")
    try:
        with limits():
            dry_run(load_study(path))
    except EcgLensError as error:
        tally.count("refused")
        if len(str(error)) > LONGEST:
            tally.fault(f"a message of {len(str(error))} characters: {content[:300]!r}")
    except BaseException as error:
        tally.fault(f"{place_of(error)}: {shown(content)}")
        if isinstance(error, KeyboardInterrupt):
            raise


def shown(content: bytes) -> str:
    """The whole file where it is short, so that a fault can be tried again."""
    return content.decode(errors="backslashreplace")[:2500]
