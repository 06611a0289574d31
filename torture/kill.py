"""SIGKILL a tiny study at random moments, run it again until it ends; nothing may differ from an undisturbed run.

Half of the kills come at a random time, half just before a random write, rename, removal or new folder. Then the
parent, or one of two workers, is killed alone: no process may stay behind.
"""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

from ecglens.study import load_study, run_study
from torture.common import DONE, Tally, content, descendants, differences, start, wait, write_study

ALONE = 0.4
"""Share of the time for kills of the parent or of a worker alone."""
PATIENCE = 10.0
"""Seconds after which a worker without a parent counts as left behind."""
CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate")


def torture(tally: Tally, seed: int, end: float, folder: Path) -> None:
    rng, study, log = random.Random(seed), write_study(folder), folder / "log"
    run_study(load_study(study), folder / "right")  # here, so that children find everything loaded and compiled
    right, began = content(folder / "right"), time.monotonic()
    code = wait(start(study, folder / "second", log))
    whole = time.monotonic() - began
    report(tally, folder / "second", right, code, log, "an undisturbed run")
    kill_runs(tally, rng, end - ALONE * (end - time.monotonic()), study, right, log, whole)
    kill_alone(tally, rng, end, study, right, log)


def report(tally: Tally, out: Path, right: dict[str, str], code: int, log: Path, what: str) -> None:
    tally.count("finished")
    if code != DONE:
        tally.fault(f"{what} ended with {code}: {log.read_text()[-1500:]}")
    elif wrong := differences(out, right):
        tally.fault(f"after {what}: {'; '.join(wrong[:5])}")


def kill_runs(
    tally: Tally, rng: random.Random, end: float, study: Path, right: dict[str, str], log: Path, whole: float
) -> None:
    number = kills = 0
    while time.monotonic() < end or kills:
        out = study.parent / f"killed{number}"
        late = time.monotonic() >= end  # let the last one end
        at_write = rng.random() < 0.5
        hook = killer(out, rng.randint(1, 90)) if at_write and not late else None
        pid = start(study, out, log, hook)
        if not at_write and not late:
            time.sleep(rng.uniform(0, whole * (0.5 if kills else 1)))
            os.killpg(pid, signal.SIGKILL)  # its own group: a child that has ended is a zombie and takes it
        code = wait(pid)
        if code == -signal.SIGKILL:
            tally.count("kills")
            kills += 1
            found = content(out) if out.exists() else {}
            torn = [
                name for name in found if name.startswith(("results", "samples")) and found[name] != right.get(name)
            ]
            if torn:
                tally.fault(f"after a kill: {torn[0]} is no file of an undisturbed run")
            continue
        report(tally, out, right, code, log, f"{kills} kills")
        number, kills = number + 1, 0


def killer(out: Path, at: int) -> Callable[[str, tuple], None]:
    """An audit hook that ends the process just before its change number `at` below a folder."""
    root, left = str(out), [at]

    def hook(name: str, args: tuple) -> None:
        writes = name == "open" and (args[2] or 0) & (os.O_WRONLY | os.O_RDWR)
        if (writes or name in CHANGES) and str(args[0]).startswith(root):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

    return hook


def kill_alone(tally: Tally, rng: random.Random, end: float, study: Path, right: dict[str, str], log: Path) -> None:
    number = 0
    while number < 2 or time.monotonic() < end:
        victim, out = ("parent", "worker")[number % 2], study.parent / f"alone{number}"
        number += 1
        pid = start(study, out, log, workers=2)
        while not (kin := descendants(pid)) and os.waitpid(pid, os.WNOHANG) == (0, 0):
            time.sleep(0.05)
        time.sleep(rng.uniform(0, 8))
        kin |= descendants(pid)
        alive = sorted(descendants(pid))
        if victim == "worker" and alive:
            os.kill(rng.choice(alive), signal.SIGKILL)
        if victim == "parent":
            os.kill(pid, signal.SIGKILL)
        tally.count(f"{victim}s killed alone")
        code = wait(pid)
        left, patience = kin & running(), time.monotonic() + PATIENCE
        while left and time.monotonic() < patience:
            time.sleep(0.2)
            left = kin & running()
        if left:
            tally.fault(f"{len(left)} processes live on after a {victim} was killed")
            for other in left:
                os.kill(other, signal.SIGKILL)
        if victim == "parent":
            code = wait(start(study, out, log))
        report(tally, out, right, code, log, f"a killed {victim}")


def running() -> set[int]:
    return descendants(0) | descendants(1)
