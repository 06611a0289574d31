"""Comparison, attribution and overlap of a small study, computed again from the values behind them."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ecglens.study import load_results, run_study

N_FOLDS, REPEATS, TOP = 6, 2, 8


@pytest.fixture(scope="module")
def finished(data_of, study_of, tmp_path_factory):
    root = tmp_path_factory.mktemp("lenses")
    data = data_of(root / "data", ("ptb-xl", "georgia", "chn"), 90, prevalence_af=0.5)
    study = study_of(
        data,
        encoders=["signal-features", {"name": "random-conv", "dim": 64}],
        sizes={"small": 30, "large": 60},
        folds=N_FOLDS,
        repeats=REPEATS,
        draws=2,
        probes=["logistic-regression", "xgboost"],
        shuffled="all",
        attribution={"top_k": TOP, "cutoffs": [4, 16], "seeds": 2, "halves": 3},
    )
    return run_study(study, root / "run"), root / "run"


@pytest.fixture(scope="module")
def results(finished):
    assert finished[0].failures.empty
    return finished[0]


def raw(out, stage: str) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(path) for path in (out / "results" / stage).iterdir()], ignore_index=True)


def nested_folds(results, encoder: str, dataset: str, labels: str = "true") -> pd.DataFrame:
    """F1, n_train and n_test of every fold at the largest size, by the probe that the other folds choose."""
    query = "encoder == @encoder and dataset == @dataset and labels == @labels and size == 'large'"
    folds = results.probe.query(query).pivot_table(index=["probe", "fold"], columns="metric", values="value")
    f1 = folds["f1"].unstack("probe")  # noqa: PD010 - one column
    chosen = []
    for fold in f1.index:
        others = f1[(f1.index // N_FOLDS == fold // N_FOLDS) & (f1.index != fold)]
        chosen.append((others.mean().idxmax(), fold))
    return folds.loc[chosen].droplevel("probe")


def test_small_sizes_train_on_less_and_are_tested_on_the_same(results) -> None:
    rows = results.probe[(results.probe["metric"].isin(["n_train", "n_test"])) & (results.probe["labels"] == "true")]
    mean = rows.groupby(["size", "metric"])["value"].mean()
    assert mean["small", "n_test"] == mean["large", "n_test"] == pytest.approx(60 / N_FOLDS)
    assert mean["small", "n_train"] == pytest.approx(30 * (1 - 1 / N_FOLDS), rel=0.1)
    assert set(results.probe.loc[results.probe["size"] == "small", "draw"]) == {0, 1}


def test_scores_are_those_of_the_stored_predictions(finished, results) -> None:
    predictions = raw(finished[1], "prediction")
    keys = ["encoder", "dataset", "task", "size", "labels", "probe", "draw", "fold"]
    hit = predictions.assign(said=predictions["probability"] > 0.5)
    both = (hit["said"] & (hit["label"] == 1)).groupby([hit[key] for key in keys]).sum()
    total = (hit["said"].astype(int) + hit["label"]).groupby([hit[key] for key in keys]).sum()
    expected = (2 * both / total).rename("expected")
    f1 = results.probe[results.probe["metric"] == "f1"].set_index(keys)["value"]
    joined = pd.concat([f1, expected], axis=1)
    assert len(joined) == len(f1) == len(expected)
    np.testing.assert_allclose(joined["value"], joined["expected"])


def test_pairs_are_the_corrected_paired_test_on_the_same_folds(results) -> None:
    pairs = results.comparison[results.comparison["statistic"] == "pair"]
    assert len(pairs) == 3
    n = N_FOLDS * REPEATS
    for row in pairs.itertuples():
        a, b = (nested_folds(results, encoder, row.dataset) for encoder in (row.encoder, row.other))
        difference = a["f1"] - b["f1"]
        assert len(difference) == row.n == n
        scale = np.sqrt((1 / n + a["n_test"].mean() / a["n_train"].mean()) * difference.var())
        assert row.value == pytest.approx(difference.mean())
        assert row.p_value == pytest.approx(2 * stats.t.sf(abs(difference.mean()) / scale, n - 1))
        assert row.p_holm == pytest.approx(row.p_value)  # one pair in a data set


def test_ranks_are_averages_over_data_sets(results) -> None:
    scores = results.comparison[results.comparison["statistic"] == "score"]
    wide = scores.pivot_table(index="dataset", columns="encoder", values="value")
    expected = wide.rank(axis=1, ascending=False).mean()
    ranks = results.comparison[results.comparison["statistic"] == "rank"].set_index("encoder")
    for encoder, rank in expected.items():
        assert ranks.loc[encoder, "value"] == pytest.approx(rank)
        assert ranks.loc[encoder, "low"] <= rank <= ranks.loc[encoder, "high"]


def test_planted_effects_stand_above_shuffled_labels(results) -> None:
    chance = results.comparison[results.comparison["statistic"] == "against shuffled labels"].set_index("encoder")
    assert (chance.loc["signal-features", "value"] > 0.2).all()
    assert (chance["p_holm"] >= chance["p_value"]).all()


def test_importance_is_the_mean_of_its_repetitions(finished, results) -> None:
    keys = ["encoder", "dataset", "task", "size", "labels", "probe", "feature"]
    by_fold = raw(finished[1], "replicate").query("kind == 'fold'")
    assert set(by_fold["part"]) == set(range(N_FOLDS))
    weighted = (by_fold["value"] * by_fold["n"]).groupby([by_fold[key] for key in keys]).sum()
    expected = weighted / by_fold.groupby(keys)["n"].sum()
    found = results.attribution.set_index(keys)["value"]
    np.testing.assert_allclose(found.loc[expected.index], expected, rtol=1e-9)


def top(values: pd.Series, k: int) -> set[int]:
    return set(values[values > 0].nlargest(k).index)


@pytest.mark.parametrize("k", [4, TOP, 16])
def test_overlap_of_every_pair_is_what_the_tops_share(results, k: int) -> None:
    rows = results.overlap[(results.overlap["unit"] == "feature") & (results.overlap["k"] == k)]
    share = rows[rows["metric"] == "share"].set_index(["encoder", "labels", "probe", "dataset", "other"])["value"]
    assert len(share) == 2 * 2 * 2 * 3  # encoders, labels, probes, pairs
    for place, part in results.attribution.groupby(["encoder", "labels", "probe"]):
        tops = {name: top(one.set_index("feature")["value"], k) for name, one in part.groupby("dataset")}
        for a, b in combinations(tops, 2):
            pair = (a, b) if (*place, a, b) in share.index else (b, a)
            assert share[(*place, *pair)] == pytest.approx(len(tops[a] & tops[b]) / k)


def test_importance_under_shuffled_labels_is_that_of_models_that_learnt_them(finished, results) -> None:
    shuffled, true = (results.attribution[results.attribution["labels"] == name] for name in ("shuffled", "true"))
    key = ["encoder", "dataset", "probe"]
    assert len(shuffled.groupby(key).size()) == 2 * 3 * 2
    both = shuffled.merge(true, on=[*key, "feature"], suffixes=("", "_true"))
    assert len(both) == len(shuffled)
    # Planted features matter under true labels alone; on noise a linear model's coefficients grow, too.
    features = both[(both["encoder"] == "signal-features") & (both["probe"] == "xgboost")].groupby(key)
    largest = features[["value", "value_true"]].max()
    assert (largest["value_true"] > largest["value"]).all()


def test_shuffled_labels_have_a_score_and_a_rank_of_their_own(results) -> None:
    rows = results.comparison.set_index("statistic")
    chance, scores = rows.loc[["shuffled labels"]], rows.loc["score"]
    assert len(chance) == 3
    for row in chance.itertuples():
        encoders = list(scores.loc[scores["dataset"] == row.dataset, "encoder"])
        assert len(encoders) == 2
        means = [nested_folds(results, encoder, row.dataset, "shuffled")["f1"].mean() for encoder in encoders]
        assert row.value == pytest.approx(np.mean(means))
        assert row.low < row.value < row.high


def test_growth_over_fits_is_followed_at_the_size_that_the_report_names(results) -> None:
    growth = results.overlap[results.overlap["metric"] == "growth_jaccard"]
    assert set(growth["k"]) == {TOP}
    assert set(growth["count"]) == {1, 2}  # 6 folds of a probe without a seed make two groups of 2


@pytest.mark.parametrize("labels", ["true", "shuffled"])
def test_the_ceiling_is_what_halves_of_one_data_set_share(finished, results, labels) -> None:
    halves = raw(finished[1], "replicate")
    halves = halves.query("kind == 'half' and probe == 'xgboost' and encoder == 'random-conv' and labels == @labels")
    assert halves["dataset"].nunique() == 3
    shares, tops = {}, {}
    for dataset, part in halves.groupby("dataset"):
        wide = part.pivot_table(index=["repeat", "part"], columns="feature", values="value")
        tops[dataset] = [top(half, TOP) for _, half in wide.iterrows()]
        shares[dataset] = [len(a & b) / TOP for a, b in zip(tops[dataset][::2], tops[dataset][1::2], strict=True)]
    own = results.overlap[
        (results.overlap["encoder"] == "random-conv")
        & (results.overlap["labels"] == labels)
        & (results.overlap["probe"] == "xgboost")
        & (results.overlap["unit"] == "feature")
        & (results.overlap["k"] == TOP)
    ]
    inside = own[own["metric"] == "reliability_share"]
    for dataset, part in inside.groupby("dataset"):
        assert part.sort_values("repeat")["value"].tolist() == pytest.approx(shares[dataset])
    for row in own[own["metric"] == "ceiling"].itertuples():
        expected = np.sqrt(np.mean(shares[row.dataset]) * np.mean(shares[row.other]))
        assert row.value == pytest.approx(expected)
    for row in own[own["metric"] == "halves"].itertuples():
        expected = np.mean([len(a & b) / TOP for a in tops[row.dataset] for b in tops[row.other]])
        assert row.value == pytest.approx(expected)


def test_engines_agree(data_of, study_of, tmp_path) -> None:
    """On scores, on the features that matter, and on what two data sets share of them."""
    data = data_of(tmp_path / "data", ("georgia", "chn"), 90, prevalence_af=0.5)
    settings = {"encoders": ["signal-features"], "sizes": {"large": 60}, "folds": N_FOLDS, "shuffled": "all"}
    settings |= {"probes": ["logistic-regression", "decision-tree", "random-forest", "xgboost", "mlp"], "draws": 3}
    scores, importance, share, ceiling = {}, {}, {}, {}
    for engine in ("fast", "reference"):
        study = study_of(data, **settings, engine=engine, attribution={"top_k": 20, "halves": 1, "seeds": 2})
        found = run_study(study, tmp_path / engine)
        assert found.failures.empty
        rows = found.probe[found.probe["metric"].isin(["auroc", "f1"])]
        scores[engine] = rows.groupby(["metric", "labels", "dataset", "probe"])["value"].mean()
        importance[engine] = found.attribution.set_index(["probe", "labels", "dataset", "feature"])["value"]
        rows = found.overlap[(found.overlap["k"] == 20) & (found.overlap["unit"] == "feature")]
        share[engine], ceiling[engine] = (
            rows[rows["metric"] == metric].set_index(["labels", "probe"])["value"] for metric in ("share", "ceiling")
        )
    for labels, tolerance in (("true", 0.05), ("shuffled", 0.1)):
        of_fast, of_reference = (scores[engine].xs(labels, level="labels") for engine in ("fast", "reference"))
        np.testing.assert_allclose(of_fast, of_reference, atol=tolerance)
    np.testing.assert_allclose(share["fast"], share["reference"], atol=0.1)
    np.testing.assert_allclose(ceiling["fast"], ceiling["reference"], atol=0.15)
    both = pd.concat(importance, axis=1).xs("true", level="labels")
    both = both.drop(index="decision-tree")  # it chooses among features that part alike
    for _, part in both.groupby(["probe", "dataset"]):
        used = part[(part > 0).any(axis=1)]
        assert len(used) == 1 or used.corr().iloc[0, 1] > 0.85


def test_a_folder_read_for_one_stage_leaves_the_others_empty(finished) -> None:
    found = load_results(finished[1], stages=("probe",))
    assert len(found.probe) > 0
    assert found.overlap.empty
