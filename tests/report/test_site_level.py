"""The site stands in the tables of separability as a level of its own, if a data set has several."""

from dataclasses import replace

import pandas as pd
from ecglens.report.separability_tables import separability_tables

SITE_COLUMNS = ("site kNN", "chance: site")


def with_sites(summary):
    """The rows of the data set level once more, as those of sites."""
    table = summary.separability
    rows = table[(table["level"] == "source") & (table["stratum"] == "all")]
    inside = rows.assign(level="site-within-source", stratum="simulated-chn")
    return replace(summary, separability=pd.concat([table, rows.assign(level="site"), inside], ignore_index=True))


def test_tables_have_columns_and_rows_for_sites(summary) -> None:
    for table in separability_tables(with_sites(summary)):
        assert all(len(row) == len(table.columns) for row in table.rows)
        if "Diagnosis or source" in table.title or "knows of the source" in table.title:
            assert table.columns[-2:] == SITE_COLUMNS
            assert dict(table.terms)["site"].startswith("the same for the parts of data sets")
        if "within data sets" in table.title:
            places = {(row[1].text, row[2].text) for row in table.rows}
            assert {("site", "all data sets"), ("site within a data set", "simulated-chn")} <= places


def test_the_site_has_the_numbers_of_its_own_level(summary) -> None:
    lead = separability_tables(with_sites(summary))[0]
    for row in lead.rows:
        cells = dict(zip(lead.columns, row, strict=True))
        assert cells["site kNN"].text == cells["data set kNN"].text
        assert cells["chance: site"].text == cells["chance: data set"].text


def test_without_sites_there_is_no_column_for_them(summary) -> None:
    for table in separability_tables(summary):
        assert not set(SITE_COLUMNS) & set(table.columns)
        assert "the same for the parts" not in str(table.terms)
