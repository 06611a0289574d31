"""What a metric from outside is given at each level, and what its description holds."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from sklearn.metrics import silhouette_score

from ecglens.errors import CannotFillError
from ecglens.geometry import GeometryMetric, GeometryPlan, Part, find_neighbours, measure_geometry

N = 60
RNG = np.random.default_rng(0)
LABELS, SOURCES, PATIENTS = np.arange(N) % 2, np.repeat(["a", "b", "c"], N // 3), np.arange(N) // 2
X = RNG.normal(size=(N, 4)) + 2.0 * LABELS[:, None]
CODES = np.repeat([0, 1, 2], N // 3)
WORDS = {"name": "mine", "title": "mine", "symbol": "mine"}


def measured(measure, levels=("label", "source"), **settings):
    """Rows of a metric, by level and stratum, and the parts that it was asked about first."""
    asked = []

    def listen(part: Part) -> float:
        asked.append(part)
        return measure(part)

    metric = GeometryMetric(**WORDS, low=-1, measure=listen, levels=levels)
    plan = GeometryPlan((metric,), **({"repeats": 0, "permutations": 0, "bootstraps": 0, "sources": False} | settings))
    table = measure_geometry(X, {"af": LABELS}, SOURCES, PATIENTS, plan)
    rows = table[table["metric"] == "mine"].set_index(["level", "stratum"])
    return rows, dict(zip(rows.index, asked, strict=False))


@pytest.mark.parametrize(
    ("level", "stratum", "kept", "codes", "within", "n_classes"),
    [
        ("label", "all", np.arange(N), LABELS, CODES, 2),
        ("source", "all", np.arange(N), CODES, LABELS, 3),
        ("label-within-source", "b", np.arange(20, 40), LABELS[20:40], np.zeros(20), 2),
        ("source-within-label", "1", np.arange(1, N, 2), CODES[1::2], np.zeros(N // 2), 3),
    ],
)
def test_a_part_holds_the_records_and_classes_of_its_level(level, stratum, kept, codes, within, n_classes):
    _, asked = measured(lambda part: 0.5, (level,))
    part = asked[level, stratum]
    np.testing.assert_array_equal(part.coordinates, X[kept])
    np.testing.assert_array_equal(part.codes, codes)
    np.testing.assert_array_equal(part.within, within)
    np.testing.assert_array_equal(part.patients, PATIENTS[kept])
    assert part.n_classes == n_classes


def test_a_value_is_that_of_the_function_on_the_same_records():
    rows, _ = measured(lambda part: silhouette_score(part.coordinates, part.codes))
    assert rows.loc[("label", "all"), "value"] == pytest.approx(silhouette_score(X, LABELS))
    assert rows.loc[("source", "all"), "value"] == pytest.approx(silhouette_score(X, SOURCES))


def test_under_cosine_distance_embeddings_have_norm_1():
    _, asked = measured(lambda part: 0.5, metric="cosine")
    directions = X / np.linalg.norm(X, axis=1, keepdims=True)
    np.testing.assert_allclose(asked["label", "all"].coordinates, directions)


def test_neighbours_are_those_of_the_part_alone_and_of_other_patients():
    _, asked = measured(lambda part: float(part.neighbours.k > 0), ("label-within-source",), k=4)
    nearest = find_neighbours(X[20:40], 4, PATIENTS[20:40])
    np.testing.assert_array_equal(asked["label-within-source", "b"].neighbours.indices, nearest.indices)


def test_neighbours_are_searched_only_if_they_are_asked_for():
    few = {"levels": ("label-within-source",), "k": 19}  # 20 records, two of each patient
    rows, asked = measured(lambda part: 0.5, **few)
    assert set(rows["status"]) == {"done"}
    with pytest.raises(CannotFillError, match="19 neighbours need 19 records"):
        asked["label-within-source", "b"].neighbours  # noqa: B018
    rows, _ = measured(lambda part: part.neighbours.k, **few)
    assert set(rows["status"]) == {"cannot-fill"}


def test_a_part_and_a_description_stay_as_they_are():
    _, asked = measured(lambda part: 0.5)
    with pytest.raises(FrozenInstanceError):
        asked["label", "all"].codes = CODES
    metric = GeometryMetric(**WORDS)
    with pytest.raises(FrozenInstanceError):
        metric.levels = ()
    assert replace(metric, better="lower").falls
    assert not metric.falls


def test_a_description_is_given_by_name_and_measured_at_both_levels_by_default():
    with pytest.raises(TypeError):
        GeometryMetric("mine", "mine", "mine")
    assert GeometryMetric(**WORDS).levels == ("label", "source")
    rows, _ = measured(lambda part: 0.5)
    assert set(rows.index) == {("label", "all"), ("source", "all")}
