"""Scores: do embeddings encode the label, and which encoder is better?"""

from ecglens.lens import Lens, Stage
from ecglens.lenses.scores.cells import comparison_cells, probe_cells
from ecglens.lenses.scores.comparison import compare_encoders
from ecglens.lenses.scores.foresee import foresee_scores
from ecglens.lenses.scores.probe import compute_scores
from ecglens.lenses.scores.rows import ComparisonRow, PredictionRow, ProbeRow
from ecglens.lenses.scores.sections import score_sections
from ecglens.lenses.scores.summary import read_scores

LENS = Lens(
    name="scores",
    stages=(
        Stage(name="probe", row=ProbeRow, cells=probe_cells, compute=compute_scores, raw={"prediction": PredictionRow}),
        Stage(name="comparison", row=ComparisonRow, cells=comparison_cells, compute=compare_encoders),
    ),
    foresee=foresee_scores,
    summarise=read_scores,
    sections=score_sections,
)
