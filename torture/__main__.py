"""Run the tools, each in a process of its own and within its share of the time; exit code 1 on a fault.

python -m torture --seed 1 --budget 540     # all of them
python -m torture faults --budget 120       # one
"""

import argparse
import os
import sys
from multiprocessing import get_context

from torture.common import run_tool

SHARES = {"kill": 8, "faults": 8, "headers": 3, "tables": 3, "studies": 4, "determinism": 1}
"""Weights of the tools in the budget. Determinism compares a fixed number of runs, and may take longer."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
ENVIRONMENT = dict.fromkeys(THREADS, "1") | {"NUMBA_THREADING_LAYER": "workqueue"}
"""Processes with threads cannot be forked safely."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m torture", description="Try to break ecglens.")
    parser.add_argument("tool", nargs="?", choices=SHARES, help="one tool; by default all")
    parser.add_argument("--seed", type=int, default=1, help="of all randomness")
    parser.add_argument("--budget", type=float, default=540, help="seconds, about")
    chosen = parser.parse_args()
    tools = [chosen.tool] if chosen.tool else list(SHARES)
    second = chosen.budget / sum(SHARES[tool] for tool in tools)
    os.environ |= ENVIRONMENT  # spawned processes see it from their first import on
    codes = []
    for tool in tools:
        process = get_context("spawn").Process(target=run_tool, args=(tool, chosen.seed, SHARES[tool] * second))
        process.start()
        process.join()
        codes.append(process.exitcode)
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
