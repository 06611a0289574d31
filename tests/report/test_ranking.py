from dataclasses import replace

import pandas as pd

from ecglens.report import summarise
from ecglens.report.formats import make_tables


def test_blocks_left_out_of_the_ranks_are_told(results) -> None:
    row = pd.DataFrame([{"statistic": "blocks left out", "value": 2, "n": 8, "status": "done", "reason": ""}])
    tables = make_tables(summarise(replace(results, comparison=pd.concat([results.comparison, row]))))
    (table,) = (table for table in tables if table.title.startswith("Encoders by average rank"))
    assert "2 more are left out of ranks and test: an encoder has no score there." in dict(table.terms)["differences"]


def test_replicates_left_out_are_told(results) -> None:
    row = pd.DataFrame([{"statistic": "replicates left out", "value": 40, "n": 1000, "status": "done", "reason": ""}])
    tables = make_tables(summarise(replace(results, comparison=pd.concat([results.comparison, row]))))
    (table,) = (table for table in tables if table.title.startswith("Encoders by average rank"))
    assert "(4% of replicates without a score are left out)" in table.caption
