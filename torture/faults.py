"""Spoil what a finished run stored, take its room or its rights: computed again as it was, or refused in one line."""

import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ecglens.study import load_results, load_study, run_study
from torture.common import DONE, FAILED_CELLS, REFUSED, Tally, content, differences, start, wait, write_study

SPOILS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "emptied": lambda _content, _rng: b"",
    "cut short": lambda content, rng: content[: rng.randrange(len(content))],
    "extended": lambda content, _rng: content + bytes(64),
    "zeroed": lambda content, _rng: bytes(len(content)),
    "replaced": lambda _content, _rng: b"not what it was\n" * 9,
    "one bit flipped": lambda content, rng: flipped(content, rng.randrange(8 * len(content))),
}
SPOILT_AT_ONCE = 3
ROOM = (40, 900)
"""Sizes of the small disks, in KiB; the folder of the tiny study takes about 800."""


def torture(tally: Tally, seed: int, end: float, folder: Path) -> None:
    rng, study, log = random.Random(seed), write_study(folder), folder / "log"
    run_study(load_study(study), folder / "right")
    places(tally, study, folder / "right", log)
    room_until = time.monotonic() + (end - time.monotonic()) / 3
    while time.monotonic() < room_until and full_disk(tally, rng, study, folder / "right", log):
        pass
    while time.monotonic() < end or not tally.counts["spoilt files"]:
        spoil(tally, rng, study, folder / "right", log)


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def spoil(tally: Tally, rng: random.Random, study: Path, right: Path, log: Path) -> None:
    """A few files at a time; the results are read before and after the next run."""
    out = study.parent / "spoilt"
    shutil.copytree(right, out)
    spoilt = []
    for name in rng.sample(sorted(content(right)), SPOILT_AT_ONCE):
        path, how = out / name, rng.choice([*SPOILS, "removed"])
        changed = b"" if how == "removed" else SPOILS[how](path.read_bytes(), rng)
        path.unlink() if how == "removed" else path.write_bytes(changed)
        spoilt.append(f"{name} {how}")
        tally.count("spoilt files")
    code = wait(start(study, out, log))
    if code != DONE:
        tally.fault(f"a run with {', '.join(spoilt)} ended with {code}: {log.read_text()[-1500:]}")
    elif wrong := differences(out, content(right)):
        tally.fault(f"after a run with {', '.join(spoilt)}: {'; '.join(wrong[:5])}")
    shutil.rmtree(out)


def places(tally: Tally, study: Path, right: Path, log: Path) -> None:
    """Run folders that cannot be written to."""
    folder = study.parent
    (folder / "file").touch()
    for out in (folder / "file", folder / "file" / "below", folder / "data" / "georgia" / "run", Path("/dev/null/run")):
        refused(tally, study, out, log)
    locked = folder / "locked"
    shutil.copytree(right, locked)
    with read_only(locked):
        refused(tally, study, locked, log)
        refused(tally, study, locked / "below", log)
        if load_results(locked).probe.empty:
            tally.fault("a folder that cannot be written to cannot be read")


def refused(tally: Tally, study: Path, out: Path, log: Path) -> None:
    tally.count("places")
    code = wait(start(study, out, log))
    if code != REFUSED or log.read_text().count("\n") > 1:
        tally.fault(f"--out {out} ended with {code}, not refused in one line: {log.read_text()[-1500:]}")


def full_disk(tally: Tally, rng: random.Random, study: Path, right: Path, log: Path) -> bool:
    """A disk that is too small, then large enough; false where none can be mounted."""
    out = study.parent / "disk"
    kib = rng.randint(*ROOM)
    with disk(out, kib) as mounted:
        if not mounted:
            print("faults: full disks were not tried, mounting a small one needs root on Linux", flush=True)
            return False
        tally.count("small disks")
        code = wait(start(study, out / "run", log))
        if code not in (DONE, FAILED_CELLS, REFUSED) or (code == REFUSED and log.read_text().count("\n") > 1):
            tally.fault(f"a disk of {kib} KiB ended the run with {code}: {log.read_text()[-1500:]}")
        subprocess.run(["mount", "-o", "remount,size=64M", out], check=True)
        code = wait(start(study, out / "run", log))
        if code != DONE:
            tally.fault(f"a disk of {kib} KiB that got room ended the run with {code}: {log.read_text()[-1500:]}")
        elif wrong := differences(out / "run", content(right)):
            tally.fault(f"after a disk of {kib} KiB: {'; '.join(wrong[:5])}")
    return True


@contextmanager
def disk(place: Path, kib: int) -> Iterator[bool]:
    """A small disk in memory; yields whether it could be mounted."""
    place.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", place]
    mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", place], check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """By the mode, or for root by a mount."""
    if os.geteuid():
        folder.chmod(0o555)
    else:
        subprocess.run(["mount", "--bind", folder, folder], check=True)
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
    try:
        yield
    finally:
        if os.geteuid():
            folder.chmod(0o755)
        else:
            subprocess.run(["umount", folder], check=True)
