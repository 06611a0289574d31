"""Feature overlap: does a probe rely on the same features in every data set?"""

from ecglens.lens import Lens, Stage
from ecglens.lenses.overlap.attribution import explain_sample
from ecglens.lenses.overlap.cells import attribution_cells, foresee_overlap, overlap_cells
from ecglens.lenses.overlap.compare import compare_datasets
from ecglens.lenses.overlap.rows import AttributionRow, OverlapRow, ReplicateRow
from ecglens.lenses.overlap.sections import overlap_sections
from ecglens.lenses.overlap.settings import AttributionSettings
from ecglens.lenses.overlap.summary import read_overlap

LENS = Lens(
    name="overlap",
    settings={"attribution": AttributionSettings},
    needs=("scores",),
    stages=(
        Stage(
            name="attribution",
            row=AttributionRow,
            cells=attribution_cells,
            compute=explain_sample,
            raw={"replicate": ReplicateRow},
        ),
        Stage(name="overlap", row=OverlapRow, cells=overlap_cells, compute=compare_datasets),
    ),
    foresee=foresee_overlap,
    summarise=read_overlap,
    sections=overlap_sections,
)
