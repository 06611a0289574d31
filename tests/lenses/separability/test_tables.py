"""Tables of separability: the order of encoders, what is marked, and sites as a level of their own."""

import pandas as pd
import pytest
from tests.made_up.small import column, texts_of
from tests.made_up.small_separability import geometry, natural, row, separability_summary

from ecglens.lenses.separability.rows import GeometryRow
from ecglens.lenses.separability.tables import SITE_COLUMNS, separability_tables
from ecglens.report.table import Table
from ecglens.study.results import cannot_fill_frame

NULL = {"null_low": 0.01, "null_high": 0.05, "p_value": 0.005}
ROWS = [
    row(encoder, level, metric, value, **({} if level == "alignment" else NULL))
    for encoder, values in (("conv", (-0.4, 0.2, 0.6)), ("features", (0.3, 0.4, 0.1)))
    for (level, metric), value in zip(
        (("alignment", "knn_index"), ("label", "knn_rescaled"), ("source", "knn_rescaled")), values, strict=True
    )
]
SITES = [
    row("conv", "site", "knn_rescaled", 0.55, **NULL),
    row("conv", "site-within-source", "knn_rescaled", 0.15, stratum="here", **NULL),
]


def tables(*rows: dict, **changes) -> dict[str, Table]:
    return {table.title.split(":")[0]: table for table in separability_tables(separability_summary(*rows, **changes))}


def test_encoders_are_by_alignment_and_the_highest_label_is_marked() -> None:
    raw = [natural("conv", "label", "knn_raw", 0.7), natural("conv", "source", "knn_raw", 0.8)]
    table = tables(*ROWS, *raw)["Diagnosis or source"]
    assert texts_of(table) == [
        ["features", "0.30 [0.20, 0.40]", "0.40 [0.30, 0.50]", "0.10 [0.00, 0.20]", "0.05 (p 0.005)", "0.05 (p 0.005)",
         "–", "–"],
        ["conv", "-0.40 [-0.50, -0.30]", "0.20 [0.10, 0.30]", "0.60 [0.50, 0.70]", "0.05 (p 0.005)", "0.05 (p 0.005)",
         "0.70 [0.60, 0.80] (0.05)", "0.80 [0.70, 0.90] (0.05)"],
    ]  # fmt: skip
    assert [[cell.strong for cell in line] for line in table.rows] == [
        [name == "label kNN" for name in table.columns], [False] * len(table.columns),
    ]  # fmt: skip


def test_a_gap_has_its_word_and_reason() -> None:
    gap = cannot_fill_frame(GeometryRow, {"encoder": "conv", "task": "af"}, "left out all 9 records")
    stage = pd.concat([geometry(*ROWS[3:]), gap], ignore_index=True)
    table = tables(geometry=stage)["Diagnosis or source"]
    assert texts_of(table)[1][:4] == ["conv", "cannot fill", "cannot fill", "cannot fill"]
    assert table.notes == ("left out all 9 records",)


@pytest.mark.parametrize(
    ("metric", "end"), [("source_classifier", "0.05"), ("ilisi", "0.01"), ("pc_regression_source", "0.05")]
)
def test_the_side_of_the_null_that_structure_passes_stands_beside_a_number(metric, end) -> None:
    mixing = natural("conv", "mixing", metric, 0.5, task="")
    table = tables(*ROWS, mixing)["Source predictability"]
    (shown,) = [cell.text for cell in table.rows[0] if "0.50" in cell.text]
    assert shown == f"0.50 [0.40, 0.60] ({end})"


def test_the_source_alone_has_every_encoder_or_no_row() -> None:
    both = [row("features", "source", "knn_rescaled", 0.3, task="", **NULL)]
    both.append(row("features", "source", "ari", 0.2, task="", space="embedding"))
    table = tables(*ROWS, *both)["Source predictability"]
    assert [line[:5] for line in texts_of(table)] == [
        ["conv", "–", "–", "–", "–"],
        ["features", "0.30 [0.20, 0.40]", "0.05 (p 0.005)", "0.20 [0.10, 0.30]", "–"],
    ]
    assert tables(*ROWS)["Source predictability"].rows == ()


def test_clusters_are_shown_on_equal_counts_and_in_every_space() -> None:
    ari = [
        row("conv", "alignment", "ari_index", -0.1),
        row("conv", "label", "ari", 0.2, space="embedding", **NULL),
        natural("conv", "label", "ari", 0.3, space="umap"),
        natural("conv", "source", "ari", 0.4, space="pca"),
        natural("conv", "label", "ari", 0.9, space="umap", stratum="other"),
        natural("conv", "mixing", "bras", 0.6),
        natural("conv", "mixing", "pc_regression_label", 0.7),
    ]
    table = tables(*ROWS, *ari)["Clusters and mixing"]
    shown = dict(zip(table.columns, texts_of(table)[1], strict=True))
    assert shown["encoder"] == "conv"
    assert shown["alignment"] == "-0.10 [-0.20, 0.00]"
    assert shown["label ARI"] == "0.20 [0.10, 0.30]"
    assert shown["chance: label"] == "0.05 (p 0.005)"
    assert shown["UMAP plane: label"] == "0.30 [0.20, 0.40] (0.05)"
    assert shown["PCA plane: source"] == "0.40 [0.30, 0.50] (0.05)"
    assert texts_of(table)[1][-2:] == ["0.60 [0.50, 0.70] (0.01)", "0.70 [0.60, 0.80] (0.05)"]  # BRAS falls
    assert list(shown.values()).count("–") == len(table.columns) - 8


def test_strata_have_names_and_their_own_numbers() -> None:
    strata = [
        row("conv", "source-within-label", "knn_rescaled", 0.3, stratum="1", **NULL),
        natural("conv", "source-within-label", "knn_raw", 0.6, stratum="1", n=640),
        natural("conv", "source-within-label", "ari", 0.2, stratum="1", p_value=0.01),
        row("conv", "label-within-source", "knn_rescaled", 0.1, stratum="here"),
    ]
    table = tables(*ROWS, *strata)["Separability within data sets, within labels, and across data sets"]
    assert texts_of(table) == [
        ["conv", "source within a label", "positives", "0.30 [0.20, 0.40]", "0.05 (p 0.005)",
         "0.60 [0.50, 0.70] (0.05)", "0.20 [0.10, 0.30]", "0.05 (p 0.010)", "640"],
        ["conv", "label within a source", "here", "0.10 [0.00, 0.20]", "–", "–", "–", "–", "600"],
    ]  # fmt: skip


def test_sites_have_columns_of_their_own() -> None:
    found = tables(*ROWS, *SITES, SITES[0] | {"task": "", "value": 0.35})
    shown = {"Diagnosis or source": "0.55 [0.45, 0.65]", "Source predictability": "0.35 [0.45, 0.65]"}
    for title, value in shown.items():
        table = found[title]
        assert table.columns[-2:] == SITE_COLUMNS
        assert dict(table.terms)["site"].startswith("the same for sites")
        own = next(line for line in table.rows if line[0].text == "conv")
        assert [cell.text for cell in own[-2:]] == [value, "0.05 (p 0.005)"]
    strata = texts_of(found["Separability within data sets, within labels, and across data sets"])
    assert {(line[1], line[2]) for line in strata} == {
        ("site", "all data sets"), ("site within a source", "here"),
    }  # fmt: skip


def test_without_sites_there_is_no_column_for_them() -> None:
    for table in tables(*ROWS).values():
        assert not set(SITE_COLUMNS) & set(table.columns)
        assert "the same for sites" not in str(table.terms)


def test_every_row_is_as_wide_as_its_table() -> None:
    for table in tables(*ROWS, *SITES).values():
        assert all(len(line) == len(table.columns) for line in table.rows)
        assert column(table, "encoder") or not table.rows
