"""Attribution of one sample: importance on held-out records, with every replicate in long form."""

from unittest.mock import patch

import numpy as np
import pytest
from tests.made_up.lens_run import DIM, MadeUp, make_run

from ecglens.attribution import Importance, measure_importance
from ecglens.lenses.overlap.attribution import FOLD, HALF, PERMUTED, _replicate_rows, explain_sample
from ecglens.probes import PROBES
from ecglens.study.cell import CellTask
from ecglens.study.fields import ProbeEntry
from ecglens.study.probe_settings import probe_settings

RNG = np.random.default_rng(3)
FOUND = Importance(RNG.random((2, 3, DIM)), np.array([5, 6, 4]), RNG.random((2, 2, DIM)), permuted=RNG.random((3, DIM)))


@pytest.fixture
def explain(tmp_path):
    """Explains one size of CHN with one probe; returns frames, task and sample."""

    def explained(probe: str, size: str = "tiny", **changes):
        state = make_run(tmp_path, lenses=["scores"], repeats=2)
        (sample,) = (s for s in state.samples if (s.dataset, s.size, s.labels) == ("chn", size, "true"))
        file = state.sample_file(sample.slug, sample.records)
        key = {"encoder": "conv", "dataset": "chn", "task": "af", "size": size, "labels": "true", "probe": probe}
        entry = ProbeEntry(name=probe)
        asked = {"probe": probe_settings(entry), "seeds": 1, "halves": 0, "permutations": 0, "engine": "fast"}
        task = CellTask(key, {"chn": ""}, {}, file, {}, asked | changes, seed=7)
        with patch.object(CellTask, "open_embeddings", lambda task, name: MadeUp(task.key["encoder"], name)):
            return explain_sample(task), task, sample.tested

    return explained


def test_it_explains_the_first_fits_of_the_first_cross_validation(explain) -> None:
    frames, task, sample = explain("logistic-regression")
    x, _ = MadeUp("conv", "chn").take(list(sample["record_id"]))
    y, folds = sample["label"].to_numpy(), sample["fold"].to_numpy()
    assert 0 < sample["draw_0"].sum() == 12 < len(sample)
    probe = PROBES.load("logistic-regression")
    expected = measure_importance(
        x, y, folds, probe, seed=task.derived_seed("probe"), train=sample["draw_0"].to_numpy()
    )
    rows = frames["attribution"]
    np.testing.assert_array_equal(rows["value"], expected.mean)
    np.testing.assert_array_equal(rows["sd"], expected.sd)
    assert set(rows["additivity_error"]) == {expected.additivity_error}
    assert rows["additivity_error"].max() < 1e-6
    others = measure_importance(x, y, folds, probe, seed=task.derived_seed("probe"), train=sample["draw_1"].to_numpy())
    assert not np.allclose(rows["value"], others.mean)


def test_the_feature_that_tells_the_label_matters_most(explain) -> None:
    frames, *_ = explain("logistic-regression")
    assert frames["attribution"].set_index("feature")["value"].idxmax() == 0


@pytest.mark.parametrize(("probe", "n"), [("logistic-regression", 1), ("decision-tree", 3)])
def test_repetitions_are_as_many_as_the_study_asks(explain, probe, n) -> None:
    """A probe without a seed is fitted once."""
    frames, *_ = explain(probe, "small", seeds=3, halves=2, permutations=2)
    counts = frames["replicate"].query("feature == 0").groupby("kind")["repeat"].nunique().to_dict()
    assert counts == {FOLD: n, HALF: 2, PERMUTED: 2}


def test_the_long_form_holds_every_value_at_its_place() -> None:
    rows = _replicate_rows(FOUND).set_index(["kind", "repeat", "part", "feature"])
    assert len(rows) == FOUND.by_fold.size + FOUND.halves.size + FOUND.permuted.size
    assert rows.index.is_unique
    for kind, values in ((FOLD, FOUND.by_fold), (HALF, FOUND.halves), (PERMUTED, FOUND.permuted[:, None])):
        for place, value in np.ndenumerate(values):
            assert rows.loc[(kind, *place), "value"] == value


def test_only_folds_have_a_number_of_held_out_records() -> None:
    rows = _replicate_rows(FOUND)
    folds = rows[rows["kind"] == FOLD]
    assert folds["n"].tolist() == [FOUND.n_held_out[part] for part in folds["part"]]
    assert set(rows.loc[rows["kind"] != FOLD, "n"]) == {0}
    without = _replicate_rows(Importance(FOUND.by_fold, FOUND.n_held_out, np.empty((0, 2, DIM))))
    assert set(without["kind"]) == {FOLD}
    assert without["n"].dtype.kind == "i"
