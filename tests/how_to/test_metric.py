"""The metric of docs/how-to/metric.md."""

import runpy

import pytest
import yaml

from ecglens.datasets.simulated import simulate
from ecglens.errors import ConfigError
from ecglens.geometry.metrics import METRICS, load_metric
from ecglens.report import render, summarise
from ecglens.study import Study, run_study


@pytest.fixture
def study_of(tmp_path):
    for layout in ("ptb-xl", "georgia"):
        simulate(tmp_path / layout, layout, 70, 3)
    settings = {
        "name": "strangers",
        "datasets": [
            {"name": f"simulated-{name}", "reader": name, "root": tmp_path / name} for name in ("ptb-xl", "georgia")
        ],
        "encoders": ["age-sex", {"name": "random-conv", "dim": 16}],
        "tasks": ["af"],
        "sizes": {"small": 20},
        "folds": 3,
        "probes": ["logistic-regression"],
        "shuffled": "none",
        "attribution": {"top_k": 1, "halves": 0, "seeds": 1},
    }
    few = {"k": 5, "seeds": 1, "repeats": 2, "permutations": 20, "bootstraps": 10}
    return lambda geometry: Study.model_validate(settings | {"geometry": few | geometry})


def test_the_page_adds_a_metric_to_results_and_report(install, study_of, tmp_path) -> None:
    page = install("metric")
    (asked,) = (yaml.safe_load(text)["geometry"] for text in page.blocks("yaml"))
    results = run_study(study_of(asked), tmp_path / "run")
    mine = results.geometry[results.geometry["metric"] == "compactness"]
    assert set(zip(mine["task"], mine["level"], strict=True)) == {("af", "label"), ("af", "source"), ("", "source")}
    assert (mine["status"] == "done").all()
    assert mine[["value", "patient_low", "patient_high", "null_high", "p_value"]].notna().all(axis=None)
    assert not results.geometry["metric"].isin(["ilisi", "bras", "ami"]).any()
    report = render(summarise(results), "markdown")
    assert "Further metrics" in report
    assert "compactness: source" in report
    assert "share of the variance that lies between classes" in report
    assert "compactness" in render(summarise(results), "csv")


def test_the_page_measures_a_matrix(install) -> None:
    page = install("metric")
    table = runpy.run_path(str(page.site / "measure_it.py"))["table"].set_index("level")
    assert table.loc["label", "value"] > 0.5
    assert table.loc["label", "p_value"] < 0.01
    assert table.loc["source", "p_value"] > 0.01


def test_it_is_found_by_name_and_by_path(install) -> None:
    install("metric")
    assert "compactness" in METRICS.names()
    assert load_metric("compactness") is load_metric("my_metrics:COMPACTNESS")


def test_a_typo_in_a_study_is_an_error_that_names_the_field(install, study_of, tmp_path) -> None:
    install("metric")
    with pytest.raises(
        ConfigError, match=r"geometry.metrics: unknown metric 'compactnes'\. Did you mean 'compactness'\?"
    ):
        run_study(study_of({"metrics": ["compactnes"]}), tmp_path / "run")
