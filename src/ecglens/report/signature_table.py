"""The table of failure signatures."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ecglens.report.frames import groups, rows
from ecglens.report.signatures import FOUND, RULES
from ecglens.report.summary import Summary
from ecglens.report.tables import Cell, Table, texts


def signature_table(summary: Summary) -> Table:
    """Every rule for every encoder and task."""
    states = groups(pd.DataFrame(summary.signatures), ["encoder", "task"])
    found = [texts(encoder, task, *map(_signature_cell, rows(part))) for (encoder, task), part in states]
    columns = ("encoder", "task", *(rule.name for rule in RULES))
    caption = "Patterns with fixed thresholds, which are conventions and not tests."
    return Table("signatures", "Failure signatures", columns, tuple(found), caption, n_names=2)


def _signature_cell(signature: Any) -> Cell:
    notes = (signature.sentence,) if signature.sentence else ()
    return Cell(signature.state, notes, strong=signature.state == FOUND, quiet=signature.state != FOUND)
