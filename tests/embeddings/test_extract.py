"""Extraction against the plainest loop there is, and against kill -9."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from tests.made_up.embeddings import MadeUp, Spread

from ecglens.embeddings import extract, extract_poolings, load_embeddings
from ecglens.embeddings.extract import CHUNK
from ecglens.embeddings.identity import fingerprint
from ecglens.errors import ConfigError


def test_equals_one_record_at_a_time(tmp_path) -> None:
    dataset = MadeUp(CHUNK + 40)
    found = extract(dataset, dataset.index().records, Spread(), tmp_path)
    for name, row in zip(found.record_ids, found.matrix, strict=True):
        windows = np.split(dataset.signals[name], dataset.signals[name].shape[1] // 200, axis=1)
        tokens = [(window.mean(axis=1) + window.std(axis=1)) / 2 for window in windows]
        np.testing.assert_allclose(row, np.mean(tokens, axis=0), rtol=1e-4, atol=1e-6)


def test_a_second_call_computes_nothing(tmp_path) -> None:
    dataset, records = MadeUp(9), MadeUp(9).index().records
    first = extract(dataset, records, Spread(), tmp_path)

    def refuse(ids):
        raise AssertionError("read again")

    dataset.read = refuse
    np.testing.assert_array_equal(extract(dataset, records, Spread(), tmp_path).matrix, first.matrix)


def test_changed_signals_ages_or_options_are_never_served_stale(tmp_path) -> None:
    dataset, records = MadeUp(9), MadeUp(9).index().records
    folders = {
        extract(dataset, records, Spread(), tmp_path).folders,
        extract(dataset, records.assign(signal_digest="other"), Spread(), tmp_path).folders,
        extract(dataset, records.assign(age=51.0), Spread(), tmp_path).folders,
        extract(dataset, records, Spread(), tmp_path, pooling="max").folders,
        extract(dataset, records, Spread(), tmp_path, options={"seed": 1}).folders,
    }
    assert len(folders) == 5
    assert fingerprint(records) != fingerprint(records.iloc[::-1])


class Counting(Spread):
    """Counts the records it has seen."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, batch):
        self.seen += batch.records.index.unique().tolist()
        return super().encode(batch)


def test_several_poolings_are_those_of_several_calls_and_see_every_record_once(tmp_path) -> None:
    dataset, encoder = MadeUp(20), Counting()
    records = dataset.index().records
    together = extract_poolings(dataset, records, encoder, tmp_path / "one", ["mean", "max", "last"], chunk=8)
    assert sorted(encoder.seen) == sorted(set(records.index) - {"r1", "r2"})
    for pooling, found in together.items():
        alone = extract(dataset, records, Spread(), tmp_path / "many", pooling=pooling, chunk=8)
        np.testing.assert_array_equal(found.matrix, alone.matrix)
        assert (found.provenance["pooling"], found.defects) == (pooling, alone.defects)
    assert list(together) == ["mean", "max", "last"]


def test_only_chunks_that_a_pooling_lacks_are_computed(tmp_path) -> None:
    dataset, encoder = MadeUp(24), Counting()
    records = dataset.index().records

    def stop(done: int, _: int) -> None:
        if done == 16:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract(dataset, records, encoder, tmp_path, chunk=8, on_progress=stop)
    extract(dataset, records, encoder, tmp_path, pooling="max", chunk=8)
    encoder.seen.clear()
    extract_poolings(dataset, records, encoder, tmp_path, ["mean", "max"], chunk=8)
    assert sorted(encoder.seen) == sorted(records.index[16:])


def test_an_unknown_pooling_is_refused_before_anything_is_read(tmp_path) -> None:
    dataset = MadeUp(3)
    with pytest.raises(ConfigError, match="no pooling 'cls'"):
        extract_poolings(dataset, dataset.index().records, Spread(), tmp_path, ["mean", "cls"])
    assert not list(tmp_path.iterdir())


def test_the_next_chunk_and_no_other_is_prepared_while_the_encoder_works(tmp_path) -> None:
    dataset = MadeUp(60)
    records = dataset.index().records.iloc[4::3]
    started, at_encode = [], []

    def announced(ids):
        started.append(ids)
        return MadeUp.read(dataset, ids)

    class Waiting(Spread):
        def encode(self, batch):
            deadline = time.monotonic() + 30
            while len(started) < min(len(at_encode) + 2, 4) and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(0.05)  # long enough for a third chunk, if there were one
            at_encode.append(len(started))
            return super().encode(batch)

    dataset.read = announced
    extract(dataset, records, Waiting(), tmp_path, chunk=5)
    assert at_encode == [2, 3, 4, 4]


@pytest.mark.parametrize(
    ("where", "error"),
    [("read", MemoryError), ("read", KeyboardInterrupt), ("encode", OSError), ("encode", KeyboardInterrupt)],
)
def test_an_error_reaches_the_caller_and_leaves_no_thread(tmp_path, where, error) -> None:
    dataset, encoder = MadeUp(24), Spread()
    calls = iter(range(100))
    target = {"read": dataset, "encode": encoder}[where]
    original = getattr(target, where)

    def fail(argument):
        if next(calls) == 1:
            raise error("broken")
        return original(argument)

    setattr(target, where, fail)
    before = threading.active_count()
    with pytest.raises(error, match="broken"):
        extract(dataset, dataset.index().records.iloc[3:], encoder, tmp_path, chunk=8)
    assert threading.active_count() == before


SCRIPT = """
import sys, time
from pathlib import Path
import numpy as np
from ecglens.datasets import open_dataset
from ecglens.embeddings import extract
from ecglens.encoders import EncoderCard, Recipe

class Slow:
    card, recipe = EncoderCard("slow", dim=12), Recipe()

    def encode(self, batch):
        time.sleep(float(sys.argv[3]))
        return (batch.signals - batch.signals.mean()).std(axis=2)[:, None]

dataset = open_dataset("georgia", sys.argv[1])
extract(dataset, dataset.index().records, Slow(), Path(sys.argv[2]), chunk=8)
"""


def test_killed_in_the_middle_and_run_again_gives_the_same_matrix(tmp_path) -> None:
    from ecglens.datasets.simulated import simulate

    simulate(tmp_path / "data", "georgia", 80, 0)
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)

    def command(store: str, seconds: str) -> list[str]:
        return [sys.executable, str(script), str(tmp_path / "data"), str(tmp_path / store), seconds]

    process = subprocess.Popen(command("killed", "0.2"))
    deadline = time.monotonic() + 60
    while _finished(tmp_path / "killed") < 16:
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 0 < _finished(tmp_path / "killed") < 80

    subprocess.run(command("killed", "0"), check=True)
    subprocess.run(command("whole", "0"), check=True)
    (killed,), (whole,) = (list((tmp_path / name).iterdir()) for name in ("killed", "whole"))
    assert killed.name == whole.name
    assert (killed / "matrix.npy").read_bytes() == (whole / "matrix.npy").read_bytes()
    assert len(load_embeddings(killed).record_ids) == 80


def _finished(store: Path) -> int:
    return sum(int(np.count_nonzero(np.load(path, mmap_mode="r"))) for path in store.glob("[!.]*/state.npy"))
