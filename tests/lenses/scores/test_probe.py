"""A probe that fails does not affect the others."""

from ecglens.study import run_study

BAGGING = {"name": "bag", "estimator": "sklearn.ensemble.BaggingClassifier", "params": {"max_features": 20}}


def test_a_probe_that_fails_takes_no_other_with_it(data, study_of, tmp_path) -> None:
    encoders = ["age-sex", {"name": "random-conv", "dim": 32}]
    found = run_study(study_of(data, encoders=encoders, probes=["decision-tree", BAGGING]), tmp_path)
    done = found.probe[found.probe["status"] == "done"]
    assert set(map(tuple, done[["encoder", "probe"]].drop_duplicates().to_numpy())) == {
        ("age-sex", "decision-tree"),
        ("random-conv", "decision-tree"),
        ("random-conv", "bag"),
    }
    failed = found.failures[found.failures["stage"] == "probe"]
    assert len(failed) > 0
    assert failed["cell"].str.match(r"age-sex__.*__bag$").all()
    assert failed["error"].str.contains("ValueError: max_features must be <= n_features").all()
    ranks = found.comparison[found.comparison["statistic"] == "rank"]
    assert ranks["value"].notna().all()
    assert set(ranks["encoder"]) == {"age-sex", "random-conv"}
