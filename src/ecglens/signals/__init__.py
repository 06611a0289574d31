"""Signal steps and recipes: pure functions on ``[n, leads, samples]``."""

from ecglens.signals.amplitude import MinMax, NanToZero, ZScore
from ecglens.signals.filters import Butterworth, FIRBandpass, MedianBaseline, Notch
from ecglens.signals.recipe import Recipe, Step
from ecglens.signals.steps import Resample, SelectLeads
from ecglens.signals.windows import Crop, Pad, Windows

__all__ = [
    "Butterworth",
    "Crop",
    "FIRBandpass",
    "MedianBaseline",
    "MinMax",
    "NanToZero",
    "Notch",
    "Pad",
    "Recipe",
    "Resample",
    "SelectLeads",
    "Step",
    "Windows",
    "ZScore",
]
