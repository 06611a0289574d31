"""Sites are a level of their own: planted ones are found, others are not; without sites nothing is asked."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from ecglens.geometry import GeometryPlan, measure_geometry
from ecglens.geometry.levels import ask_sites

PLAN = GeometryPlan(repeats=4, seeds=2, n_init=2, permutations=99, bootstraps=20, spaces=("embedding",))
N = 240
SOURCES = np.repeat(["chn", "georgia"], N // 2)
SITES = np.where(SOURCES == "chn", np.tile(["Chapman", "Ningbo"], N // 2), "")
LABELS = np.repeat(np.tile([0, 1], N // 4), 2)
PATIENTS = np.arange(N)


def measure(x, sites=SITES, labels=LABELS, plan=PLAN):
    return measure_geometry(x, {"af": labels} if labels is not None else {}, SOURCES, PATIENTS, plan, sites=sites)


def value_of(table, level, stratum, metric="knn_rescaled", counts="equal"):
    return table.query("level == @level and stratum == @stratum and metric == @metric and counts == @counts").iloc[0]


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(7).normal(size=(N, 6))


def test_a_planted_site_is_found_inside_its_data_set(noise) -> None:
    table = measure(noise + 6 * (SITES == "Ningbo")[:, None])
    for level, stratum in (("site", "all"), ("site-within-source", "chn")):
        row = value_of(table, level, stratum)
        assert row["p_value"] <= 0.01
        assert (row["status"], row["n_classes"]) == ("done", 3 if stratum == "all" else 2)
    assert value_of(table, "site-within-source", "chn")["value"] > 0.95
    assert set(table.loc[table["level"] == "site-within-source", "stratum"]) == {"chn"}


def test_raw_purity_of_sites_is_that_of_scikit_learn(noise) -> None:
    x = noise + (SITES == "Ningbo")[:, None]
    inside = x[SOURCES == "chn"]
    for level, stratum, points, site in (
        ("site-within-source", "chn", inside, SITES[SOURCES == "chn"]),
        ("site", "all", x, np.char.add(SOURCES, SITES)),
    ):
        nearest = NearestNeighbors(n_neighbors=10).fit(points).kneighbors(return_distance=False)
        expected = (site[nearest] == site[:, None]).mean()
        assert value_of(measure(x), level, stratum, "knn_raw", "natural")["value"] == pytest.approx(expected)


def test_a_site_that_shows_only_as_its_data_set_is_at_chance_within(noise) -> None:
    table = measure(noise + 6 * (SOURCES == "chn")[:, None])
    assert abs(value_of(table, "site-within-source", "chn")["value"]) < 0.1
    assert value_of(table, "site", "all")["value"] > 0.4


def test_sites_that_mean_nothing_are_rarely_found() -> None:
    rng = np.random.default_rng(3)
    plan = GeometryPlan(metrics=("knn_purity",), repeats=2, permutations=99, bootstraps=0, sources=False)
    ps = [
        value_of(measure(rng.normal(size=(N, 6)), labels=LABELS, plan=plan), "site-within-source", "chn")["p_value"]
        for _ in range(40)
    ]
    assert np.sum(np.array(ps) <= 0.05) <= 6


def test_other_numbers_do_not_depend_on_sites(noise) -> None:
    without, table = measure(noise, sites=None), measure(noise)
    rest = table[~table["level"].str.startswith("site")].reset_index(drop=True)
    assert rest.drop(columns="repeats").equals(without.drop(columns="repeats"))
    assert not without["level"].str.startswith("site").any()


def test_without_a_task_sites_are_asked_about_too(noise) -> None:
    table = measure(noise + 6 * (SITES == "Ningbo")[:, None], labels=None)
    assert value_of(table, "site-within-source", "chn")["value"] > 0.95


def test_a_site_needs_records_of_every_label_and_the_others_are_left_out() -> None:
    sites = np.array(["a"] * 30 + ["b"] * 30 + ["c"] * 30 + ["tiny"] * 12)
    labels = np.r_[np.tile([0, 1], 30), np.zeros(30, dtype=int), np.tile([0, 1], 6)]
    sources = np.full(len(sites), "chn")
    for asked in ask_sites(sources, sites, labels):
        assert [name.removeprefix("chn/") for name in asked.names] == ["a", "b"]
        np.testing.assert_array_equal(asked.members, np.arange(60))
    assert ask_sites(sources, sites)[0].names == ("chn/a", "chn/b", "chn/c", "chn/tiny")
    assert ask_sites(sources, np.where(sites == "a", "a", "b"), np.where(sites == "a", 0, 1)) == []
    assert ask_sites(sources, np.full(len(sites), ""), labels) == []


def test_names_of_data_sets_of_any_length_keep_their_sites() -> None:
    sources = np.array(["x", "x" * 5] * 60)
    sites = np.where(sources == "x", np.repeat(["a long name of a site", "b"], 60), "")
    assert ask_sites(sources, sites)[0].names == ("x/a long name of a site", "x/b", "xxxxx")
