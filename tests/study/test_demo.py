"""The study of the demo, which is not run here."""

from pathlib import Path

import pytest

from ecglens.datasets import DATASETS
from ecglens.encoders import ENCODERS
from ecglens.errors import StoreError
from ecglens.study import demo
from ecglens.study.demo import LAYOUTS, RECORDS, demo_study, run_demo

STUDY = demo_study(Path("somewhere"))


def test_its_data_sets_are_simulated_layouts_read_by_the_readers_of_real_ones() -> None:
    assert [(entry.reader, entry.root) for entry in STUDY.datasets] == [(n, Path("somewhere") / n) for n in LAYOUTS]
    assert set(LAYOUTS) <= set(DATASETS.builtins)
    assert all(entry.name.startswith("simulated-") for entry in STUDY.datasets)


def test_its_encoders_need_no_weights() -> None:
    loaded = [ENCODERS.load(entry.encoder or entry.name) for entry in STUDY.encoders]
    assert not [factory for factory in loaded if hasattr(factory, "weights") or "weights" in str(factory)]
    assert set(STUDY.shuffled_encoders) < {entry.name for entry in STUDY.encoders}


def test_it_asks_every_lens_and_has_enough_records_for_its_size() -> None:
    assert STUDY.lenses == ()
    assert max(STUDY.sizes.values()) < RECORDS
    assert (STUDY.draws, len(STUDY.sizes)) == (1, 1)


def test_data_are_simulated_once_and_again_after_an_interruption(tmp_path, monkeypatch) -> None:
    made = []

    def simulate_all(data, n, seed, simulation) -> None:
        made.append(sorted(path.name for path in data.iterdir()) if data.exists() else [])
        data.mkdir(parents=True, exist_ok=True)
        (data / "half").touch()
        if len(made) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(demo, "simulate_all", simulate_all)
    monkeypatch.setattr(demo, "run_study", lambda study, out, **_: (study.datasets[0].root, out))
    with pytest.raises(KeyboardInterrupt):
        run_demo(tmp_path / "out")
    for _ in range(2):
        assert run_demo(tmp_path / "out") == (tmp_path / "out" / "data" / LAYOUTS[0], tmp_path / "out")
    assert made == [[], []], "what was left is removed, and what is complete is kept"


def test_a_folder_of_other_files_is_refused_and_left_as_it_is(tmp_path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(StoreError, match=r"contains 'letter\.txt' but no run"):
        run_demo(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
