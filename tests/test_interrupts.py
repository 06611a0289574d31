"""Ctrl-C and SIGTERM in a process of its own: the line, the moment, the exit code."""

import select
import signal
import subprocess
import sys
import time

import pytest

SCRIPT = """
import hashlib, sys, time
from ecglens.interrupts import Interrupted, stops_cleanly

try:
    with stops_cleanly("stopping; and how to go on"):
        print("ready", flush=True)
        WORK
except Interrupted as interrupt:
    print("ended in order", flush=True)
    sys.exit(interrupt.exit_code)
"""
SLEEP = "time.sleep(60)"
ONE_LONG_CALL = "hashlib.pbkdf2_hmac('sha256', b'', b'', 2 * 10**9)"


@pytest.fixture
def start():
    started = []

    def begin(work: str) -> subprocess.Popen:
        words = [sys.executable, "-c", SCRIPT.replace("WORK", work)]
        started.append(subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        assert started[-1].stdout.readline() == "ready\n"
        time.sleep(0.2)
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_work_in_order_and_says_how_to_go_on(start, number, code) -> None:
    process = start(SLEEP)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (out, err.strip(), process.returncode) == ("ended in order\n", "stopping; and how to go on", code)


def test_the_line_comes_at_once_and_a_second_signal_ends_a_call_that_does_not_return(start) -> None:
    process = start(ONE_LONG_CALL)
    process.send_signal(signal.SIGINT)
    assert select.select([process.stderr], [], [], 20)[0]
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=20)
    assert (out, err.strip(), process.returncode) == ("", "stopping; and how to go on", 143)
