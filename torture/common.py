"""What the tools share: counts, limits, a tiny study, runs in child processes, comparison of run folders."""

import hashlib
import os
import resource
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from ecglens.datasets.simulated import simulate
from ecglens.errors import EcgLensError
from ecglens.study import load_study, run_study

TINY = {
    "name": "tiny",
    "seed": 7,
    "data": "data",
    "datasets": ["georgia", "chn"],
    "encoders": ["signal-features", "age-sex"],
    "tasks": ["cd"],
    "sizes": ["full"],
    "draws": 1,
    "folds": 2,
    "probes": ["logistic-regression", "decision-tree"],
    "shuffled": "none",
    "attribution": {"top_k": 2, "cutoffs": [1], "seeds": 1, "halves": 1},
    "geometry": {
        "k": 2,
        "seeds": 1,
        "repeats": 1,
        "permutations": 1,
        "bootstraps": 1,
        "max_records": 60,
        "spectral_up_to": 0,
    },
    "projection": {"n_neighbors": 3},
}
DONE, FAILED_CELLS, REFUSED, TRACEBACK = 0, 1, 2, 70
"""How a run in a child process ends."""
KEPT = ("results", "records", "samples", "embeddings", "plan.json", "defects.parquet")
"""What has to be the same, byte by byte, however a run came to its end."""


class Tally:
    """Counts of what was tried; every fault is printed at once."""

    def __init__(self, tool: str) -> None:
        self.tool, self.faults, self.counts = tool, 0, Counter()

    def count(self, what: str) -> None:
        self.counts[what] += 1

    def fault(self, text: str) -> None:
        self.faults += 1
        print(f"FAULT {self.tool}: {text}", flush=True)

    def __str__(self) -> str:
        return f"{self.tool}: " + ", ".join(
            [*(f"{n} {what}" for what, n in self.counts.items()), f"{self.faults} faults"]
        )


def run_tool(tool: str, seed: int, budget: float) -> None:
    """Run a tool and print its line of figures; ends the process with 1 on a fault."""
    started, tally = time.monotonic(), Tally(tool)
    with TemporaryDirectory(prefix="torture-") as folder:
        import_module(f"torture.{tool}").torture(tally, seed, started + budget, Path(folder).resolve())
    print(f"{tally} (seed {seed}, {time.monotonic() - started:.0f} s)", flush=True)
    sys.exit(int(tally.faults > 0))


class TooSlow(BaseException):
    """Code took more than its time. No handler of `Exception` may take it for a fault of a record."""


@contextmanager
def limits(seconds: int = 20, more_memory: int = 2 << 30) -> Iterator[None]:
    """Raise `TooSlow`, or `MemoryError`, in code that takes more."""

    def stop(*_: object) -> None:
        raise TooSlow(f"more than {seconds} s")

    old = resource.getrlimit(resource.RLIMIT_AS)
    status = Path("/proc/self/status")
    if status.exists():
        used = next(line for line in status.read_text().splitlines() if line.startswith("VmSize"))
        resource.setrlimit(resource.RLIMIT_AS, (int(used.split()[1]) * 1024 + more_memory, old[1]))
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        resource.setrlimit(resource.RLIMIT_AS, old)


def place_of(error: BaseException) -> str:
    """Type, message, and the last line of ecglens that an error came through."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "ecglens" in Path(frame.filename).parts]
    where = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}: {str(error)[:120]}{where}"


def write_study(folder: Path, name: str = "study.yaml", **changes: object) -> Path:
    """The tiny study beside simulated data, with changes."""
    for layout in ("georgia", "chn"):
        if not (folder / "data" / layout).exists():
            simulate(folder / "data" / layout, layout, 24, 3)
    (folder / name).write_text(yaml.safe_dump(TINY | changes, sort_keys=False))
    return folder / name


def start(study: Path, out: Path, log: Path, hook: Callable[[str, tuple], None] | None = None, workers: int = 1) -> int:
    """Run a study in a forked child, in a process group of its own; returns its process id."""
    pid = os.fork()
    if pid:
        return pid
    code = TRACEBACK
    try:
        os.setsid()
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        if hook:
            sys.addaudithook(hook)
        code = FAILED_CELLS if len(run_study(load_study(study), out, workers=workers).failures) else DONE
    except EcgLensError as error:
        print(f"{type(error).__name__}: {error}", flush=True)
        code = REFUSED
    except BaseException:  # noqa: BLE001 - the parent reads the log
        traceback.print_exc()
    finally:
        os._exit(code)


def wait(pid: int, patience: float = 300) -> int:
    """Exit code of a child, negative where a signal ended it; one that takes longer than `patience` is killed."""
    until = time.monotonic() + patience
    while (found := os.waitpid(pid, os.WNOHANG)) == (0, 0):
        if time.monotonic() > until:
            os.killpg(pid, signal.SIGKILL)
        time.sleep(0.01)
    return os.waitstatus_to_exitcode(found[1])


def content(out: Path) -> dict[str, str]:
    """Name to digest of every visible file that holds results."""
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        for name in [str(path.relative_to(out))]
        if path.is_file() and name.split("/")[0] in KEPT and "/." not in f"/{name}"
    }


def differences(out: Path, right: dict[str, str]) -> list[str]:
    """How a finished run folder differs from an undisturbed one, strays included."""
    found = content(out)
    strays = [
        str(path.relative_to(out))
        for path in out.rglob("*")
        if path.name != ".lock" and (path.name.startswith(".") or path.suffix in (".part", ".tmp"))
    ]
    return [
        *(f"{name} is lost" for name in right.keys() - found.keys()),
        *(f"{name} should not be there" for name in found.keys() - right.keys()),
        *(f"{name} has other content" for name in found.keys() & right.keys() if found[name] != right[name]),
        *(f"{name} was left behind" for name in strays),
    ]


def descendants(pid: int) -> set[int]:
    """Processes that a process started, and those that they started, zombies left out."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    children = {(int(parent), int(child)) for child, parent, state in rows if not state.startswith("Z")}
    found, new = set(), {pid}
    while new:
        new = {child for parent, child in children if parent in new} - found
        found |= new
    return found
