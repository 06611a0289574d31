"""Records: usable and excluded records, samples, and shortcuts."""

from ecglens.lens import Lens, Stage
from ecglens.lenses.records.cells import foresee_shortcuts, shortcut_cells
from ecglens.lenses.records.rows import ShortcutRow
from ecglens.lenses.records.sections import record_sections
from ecglens.lenses.records.shortcuts import compute_shortcuts
from ecglens.lenses.records.summary import read_records

LENS = Lens(
    name="records",
    stages=(Stage(name="shortcuts", row=ShortcutRow, cells=shortcut_cells, compute=compute_shortcuts),),
    foresee=foresee_shortcuts,
    summarise=read_records,
    sections=record_sections,
)
