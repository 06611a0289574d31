"""Signatures: named patterns in the numbers of other lenses."""

from ecglens.lens import Lens
from ecglens.lenses.signatures.sections import signature_sections
from ecglens.lenses.signatures.summary import read_signatures
from ecglens.lenses.thresholds import Thresholds

LENS = Lens(
    name="signatures",
    settings={"thresholds": Thresholds},
    needs=("scores", "overlap", "separability"),
    summarise=read_signatures,
    sections=signature_sections,
)
