"""Which cells overlap asks for: who is explained, on which samples, and what is compared."""

from collections import Counter

import pandas as pd
import pytest
from tests.made_up.lens_run import DATA, make_run

from ecglens.lenses.overlap.cells import attribution_cells, foresee_overlap, overlap_cells
from ecglens.lenses.overlap.compare import AT_CHANCE
from ecglens.lenses.scores.rows import ProbeRow
from ecglens.study.results import cell_frame, write_frame

F1 = {("conv", "decision-tree"): (0.9, 0.7), ("conv", "logistic-regression"): (0.6, 0.7),
      ("noise", "decision-tree"): (0.4, 0.5), ("noise", "logistic-regression"): (0.6, 0.5)}  # fmt: skip


@pytest.fixture
def scored(tmp_path):
    """A run whose scores are known: F1 by encoder and probe on CHN and Georgia."""

    def make(**changes):
        state = make_run(tmp_path, **{"lenses": ["overlap"]} | changes)
        rows = [
            {"encoder": encoder, "dataset": dataset, "task": "af", "size": "small", "labels": "true",
             "probe": probe, "metric": "f1", "value": value, "draw": 0, "repeat": 0, "fold": 0}
            for (encoder, probe), values in F1.items()
            for dataset, value in zip(DATA, values, strict=True)
        ]  # fmt: skip
        write_frame(
            tmp_path / "results" / "probe" / "a.parquet", cell_frame(ProbeRow, {}, pd.DataFrame(rows)), ProbeRow
        )
        state.cells["probe"] = ["results/probe/a.parquet"]
        return state

    return make


def explained(state, *, besides=()) -> set[tuple[str, ...]]:
    """Make the files that attribution would write; `besides` are left out."""
    cells = list(attribution_cells(state))
    for cell in cells:
        key = tuple(cell.key.values())
        path = state.out / "results" / "attribution" / f"{'__'.join(key)}.parquet"
        state.made["attribution", *key] = path
        replicate = path.parents[1] / "replicate" / path.name
        if key not in besides:
            replicate.parent.mkdir(parents=True, exist_ok=True)
            replicate.touch()
    return {tuple(cell.key.values()) for cell in cells}


def test_every_probe_is_explained_on_every_data_set_at_the_common_size(scored) -> None:
    state = scored(shuffled="none")
    cells = list(attribution_cells(state))
    assert {tuple(cell.key.values()) for cell in cells} == {
        (encoder, dataset, "af", "small", "true", probe) for encoder, probe in F1 for dataset in DATA
    }
    assert len(cells) == foresee_overlap(state)["attribution cells"] == 8
    for cell in cells:
        assert cell.settings["probe"]["entry"]["name"] == cell.key["probe"]
        assert cell.sample == state.sample_files[f"{cell.key['dataset']}__af__small__true"]


def test_the_best_probe_alone_can_be_explained(scored) -> None:
    state = scored(shuffled="none", attribution={"probes": "best"})
    cells = list(attribution_cells(state))
    assert {(c.key["encoder"], c.key["probe"]) for c in cells} == {
        ("conv", "decision-tree"), ("noise", "logistic-regression"),
    }  # fmt: skip
    assert len(cells) == foresee_overlap(state)["attribution cells"] == 4


def test_labels_are_permuted_for_encoders_that_are_scored_on_shuffled_labels(scored) -> None:
    state = scored(shuffled=["noise"], attribution={"permutations": 3})
    cells = list(attribution_cells(state))
    moved = Counter((c.key["encoder"], c.key["labels"], c.settings["permutations"]) for c in cells)
    assert moved == {("conv", "true", 0): 4, ("noise", "true", 3): 4, ("noise", "shuffled", 0): 4}
    assert len(cells) == foresee_overlap(state)["attribution cells"]


def test_all_data_sets_are_compared_from_the_one_with_the_highest_score(scored) -> None:
    state = scored(shuffled=["noise"])
    explained(state)
    cells = {tuple(cell.key.values()): cell for cell in overlap_cells(state)}
    assert set(cells) == {
        (e, "af", "small", labels, p) for e, p in F1 for labels in (("true", "shuffled") if e == "noise" else ("true",))
    }
    for (encoder, _, _, labels, probe), cell in cells.items():
        best = DATA[int(F1[encoder, probe][1] > F1[encoder, probe][0])]
        assert cell.settings["reference"] == best
        assert cell.sample == state.sample_files[f"{best}__af__small__{labels}"]
        chance = [name + AT_CHANCE for name in DATA] if (encoder, labels) == ("noise", "true") else []
        assert list(cell.inputs) == [*DATA, *chance]
        for name, path in cell.inputs.items():
            under = "shuffled" if name.endswith(AT_CHANCE) else labels
            expected = f"{encoder}__{name.removesuffix(AT_CHANCE)}__af__small__{under}__{probe}.parquet"
            assert path == state.out / "results" / "replicate" / expected


def test_a_cell_without_its_reference_is_not_compared_and_one_without_another_is(scored) -> None:
    state = scored(shuffled="none", probes=["decision-tree", "logistic-regression"])
    explained(state, besides=[("conv", "chn", "af", "small", "true", "decision-tree"),
                              ("conv", "chn", "af", "small", "true", "logistic-regression")])  # fmt: skip
    cells = {(c.key["encoder"], c.key["probe"]): c for c in overlap_cells(state)}
    assert ("conv", "decision-tree") not in cells, "its reference is CHN"
    assert list(cells["conv", "logistic-regression"].inputs) == ["georgia"]


def test_the_size_of_the_report_is_among_the_cut_offs(scored) -> None:
    state = scored(shuffled="none", attribution={"cutoffs": [4, 1, 4], "top_k": 2})
    explained(state)
    for cell in overlap_cells(state):
        assert cell.settings["cutoffs"] == [1, 2, 4]
        assert cell.settings["top_k"] == 2


def test_nothing_is_explained_where_no_size_is_filled(scored) -> None:
    state = scored(sizes={"huge": 5000})
    assert list(attribution_cells(state)) == list(overlap_cells(state)) == []
    assert foresee_overlap(state) == {"attribution cells": 0}
