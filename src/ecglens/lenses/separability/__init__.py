"""Separability: do neighbours and clusters of an embedding follow the label, or the source?"""

from ecglens.lens import Lens, Stage
from ecglens.lenses.separability.cells import check_geometry, foresee_geometry, geometry_cells
from ecglens.lenses.separability.compute import measure_joint_sample
from ecglens.lenses.separability.joint_samples import joint_samples
from ecglens.lenses.separability.rows import GeometryRow, NeighbourhoodRow, ProjectionRow, ResampleRow
from ecglens.lenses.separability.sections import separability_sections
from ecglens.lenses.separability.settings import GeometrySettings, ProjectionSettings
from ecglens.lenses.separability.summary import read_separability

LENS = Lens(
    name="separability",
    settings={"geometry": GeometrySettings, "projection": ProjectionSettings},
    stages=(
        Stage(
            name="geometry",
            row=GeometryRow,
            cells=geometry_cells,
            compute=measure_joint_sample,
            beside={"projection": ProjectionRow},
            raw={"resample": ResampleRow, "neighbourhood": NeighbourhoodRow},
        ),
    ),
    check=check_geometry,
    records=joint_samples,
    foresee=foresee_geometry,
    summarise=read_separability,
    sections=separability_sections,
)
