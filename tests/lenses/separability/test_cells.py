"""Which cells separability asks for: one per encoder and task with a picture, and one over all records."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from ecglens.errors import ConfigError
from ecglens.lenses.separability.cells import check_geometry, foresee_geometry, geometry_cells
from ecglens.study import Study

SETTINGS = {
    "name": "x",
    "datasets": ["ptb-xl", "georgia"],
    "encoders": ["age-sex", "random-conv"],
    "tasks": ["af", "cd"],
}


def asked(**geometry) -> SimpleNamespace:
    """A run whose joint samples are known: only ptb-xl has records for `cd`."""
    study = Study.model_validate(SETTINGS | {"geometry": geometry, "projection": {"n_neighbors": 9}})
    names = {"af": ["georgia", "ptb-xl"], "cd": ["ptb-xl"], "": ["georgia", "ptb-xl"]}
    samples = {task: pd.DataFrame({"dataset": datasets}) for task, datasets in names.items()}
    return SimpleNamespace(
        study=study,
        tasks=study.task_names,
        cards={"ptb-xl": None, "georgia": None},
        joint_samples={"separability": samples},
        joint_files=lambda _: {task: Path(f"{task or 'all'}.parquet") for task in samples},
    )


def test_a_cell_per_encoder_and_task_and_one_over_all_records() -> None:
    cells = {tuple(cell.key.values()): cell for cell in geometry_cells(asked())}
    assert set(cells) == {(e, *t) for e in ("age-sex", "random-conv") for t in (("af",), ("cd",), ())}
    assert foresee_geometry(asked()) == {"geometry cells": len(cells)}
    for key, cell in cells.items():
        assert cell.sample == Path(f"{key[1] if len(key) > 1 else 'all'}.parquet")
        assert cell.datasets == (("ptb-xl",) if key[1:] == ("cd",) else ("ptb-xl", "georgia"))


def test_sources_alone_are_measured_over_all_records_and_pictures_are_drawn_of_tasks() -> None:
    for cell in geometry_cells(asked(k=7)):
        of_a_task = "task" in cell.key
        assert cell.settings["plan"]["k"] == 7
        assert ("umap" in cell.settings) == of_a_task
        assert cell.settings["plan"].get("sources", True) == (not of_a_task)
        if of_a_task:
            assert cell.settings["umap"]["n_neighbors"] == 9


def test_the_device_is_no_setting_of_a_number() -> None:
    with_device, without = (list(geometry_cells(asked(**changes))) for changes in ({"device": "cpu"}, {}))
    assert {cell.device for cell in with_device} == {"cpu"}
    assert {cell.device for cell in without} == {None}
    assert [cell.settings for cell in with_device] == [cell.settings for cell in without]


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"geometry\.device: device 'abacus' is not available"):
        check_geometry(asked(device="abacus").study)
    check_geometry(asked(device="cpu").study)
