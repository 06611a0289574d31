"""A metric from outside gets its interval, chance level and p; what it may do wrong stays with its own row."""

import numpy as np
import pytest
from scipy import stats

from ecglens.errors import CannotFillError
from ecglens.geometry import GeometryMetric, GeometryPlan, Part, find_neighbours, knn_purity, measure_geometry

N = 90
RNG = np.random.default_rng(0)
PATIENTS, SOURCES = np.arange(N) // 2, np.repeat(["a", "b", "c"], N // 3)
LABELS = PATIENTS % 2
X = RNG.normal(size=(N, 4)) + 1.0 * LABELS[:, None]
WORDS = {"title": "a metric of mine", "symbol": "mine"}


def metric(measure, **words) -> GeometryMetric:
    return GeometryMetric(**({"name": "mine"} | WORDS | words), measure=measure)


def measure(one, x=X, labels=LABELS, sources=SOURCES, patients=PATIENTS, **settings):
    plan = GeometryPlan((one, "knn_purity"), **({"repeats": 0, "permutations": 99} | settings))
    table = measure_geometry(x, {"af": labels}, sources, patients, plan)
    return table[table["metric"] == "mine"].set_index(["level", "stratum"])


def raw_purity(part: Part) -> float:
    return float((part.codes[part.neighbours.indices] == part.codes[:, None]).mean())


def test_value_and_null_are_those_of_the_built_in_number():
    plan = GeometryPlan((metric(raw_purity), "knn_purity"), repeats=0)
    table = measure_geometry(X, {"af": LABELS}, SOURCES, PATIENTS, plan)
    for level in ("label", "source"):
        mine, built_in = (
            table[(table["level"] == level) & (table["metric"] == name)].iloc[0] for name in ("mine", "knn_raw")
        )
        for column in ("value", "null_mean", "null_low", "null_high", "p_value", "n", "n_classes"):
            assert mine[column] == pytest.approx(built_in[column])
        assert (mine["patient_low"], mine["patient_high"]) == pytest.approx(
            (built_in["patient_low"], built_in["patient_high"]), abs=0.08
        )
    expected = knn_purity(find_neighbours(X, 10, PATIENTS), LABELS, PATIENTS).raw
    assert table[(table["level"] == "label") & (table["metric"] == "mine")]["value"].item() == pytest.approx(expected)


def test_interval_of_a_mean_is_the_t_interval_over_patients():
    values = RNG.random(N)
    order = {tuple(row): value for row, value in zip(X, values, strict=True)}
    mean = metric(lambda part: np.mean([order[tuple(row)] for row in part.coordinates]))
    found = measure(mean, patients=np.arange(N), bootstraps=N, permutations=0).loc["label", "all"]
    expected = stats.t.interval(0.95, N - 1, values.mean(), stats.sem(values))
    assert (found["patient_low"], found["patient_high"]) == pytest.approx(expected)


def test_every_part_that_is_left_holds_all_records_of_a_patient_or_none():
    seen = []
    measure(metric(lambda part: seen.append(part) or 0.5), permutations=3, bootstraps=10)
    held = np.bincount(np.unique(PATIENTS, return_inverse=True)[1])
    assert {len(part.codes) for part in seen} > {N}
    for part in seen:
        counts = np.bincount(part.patients, minlength=len(held))
        assert ((counts == 0) | (counts == held)).all()
        assert len(part.coordinates) == len(part.codes) == len(part.within) == len(part.patients)
        assert (part.patients[part.neighbours.indices] != part.patients[:, None]).all()


def test_permutations_move_classes_inside_the_other_factor():
    seen = []
    measure(metric(lambda part: seen.append(part) or 0.5, levels=("label",)), permutations=5, bootstraps=0)
    whole, *permuted = seen
    assert len(permuted) == 5
    for part in permuted:
        assert (part.codes != whole.codes).any()
        cells, expected = (np.bincount(p.within * 2 + p.codes, minlength=6) for p in (part, whole))
        np.testing.assert_array_equal(cells, expected)


@pytest.mark.parametrize(("better", "significant"), [("higher", True), ("lower", False)])
def test_the_direction_says_on_which_side_structure_is(better, significant):
    apart = X + 50 * LABELS[:, None]
    found = measure(metric(raw_purity, better=better), apart).loc["label", "all"]
    assert (found["p_value"] == 0.01) == significant
    assert (found["p_value"] == 1) != significant


def test_levels_are_those_that_it_names():
    assert set(measure(metric(raw_purity)).index) == {("label", "all"), ("source", "all")}
    found = measure(metric(raw_purity, levels=("label-within-source", "source-within-label")), k=3)
    assert set(found.index) == {
        *(("label-within-source", name) for name in "abc"), *(("source-within-label", name) for name in "01"),
    }  # fmt: skip


def refuse(part: Part) -> float:
    raise CannotFillError("too few beats")


@pytest.mark.parametrize(
    ("function", "status", "said"),
    [
        (refuse, "cannot-fill", "too few beats"),
        (lambda part: np.nan, "cannot-fill", "a metric of mine is not defined for these records"),
        (lambda part: 1 / 0, "failed", "metric 'mine' failed: ZeroDivisionError: division by zero"),
        (lambda part: "many", "failed", "metric 'mine' failed: ValueError: could not convert string to float"),
        (lambda part: 3.5, "failed", "metric 'mine' gave 3.5, its range is 0 to 1"),
    ],
)
def test_what_goes_wrong_is_a_row_with_its_reason_and_leaves_the_others(function, status, said):
    plan = GeometryPlan((metric(function), "knn_purity"), repeats=0, permutations=5, bootstraps=5)
    table = measure_geometry(X, {"af": LABELS}, SOURCES, PATIENTS, plan)
    mine = table[table["metric"] == "mine"]
    assert set(mine["status"]) == {status}
    assert mine["value"].isna().all()
    assert mine["reason"].str.startswith(said).all()
    assert (table[table["metric"] == "knn_raw"]["status"] == "done").all()


def test_a_replicate_that_cannot_be_filled_is_left_out_of_the_interval():
    def measure_whole(part: Part) -> float:
        if len(part.codes) < N - 5:
            raise CannotFillError("too few")
        return float(part.coordinates[:, 0].mean() > 0)

    found = measure(metric(measure_whole), bootstraps=3).loc["label", "all"]
    assert (found["status"], found["value"]) == ("done", 1)
    assert np.isnan(found["patient_low"])


def test_one_class_is_a_reason_and_no_call():
    found = measure(metric(lambda part: 1 / 0), labels=np.zeros(N))
    assert found.loc["label", "all"]["reason"] == "there is one label only: 0.0"
    assert found.loc["source", "all"]["status"] == "failed"
