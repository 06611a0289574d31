"""Statistics of folds, encoders and ranks, on plain arrays: intervals, tests, ranks and their bootstrap."""

from ecglens.stats.bootstrap import Block, RankIntervals, rank_intervals
from ecglens.stats.comparisons import ALPHA, PairedTest, corrected_t_test, holm
from ecglens.stats.intervals import Interval, corrected_interval
from ecglens.stats.nested import choose_on_other_folds
from ecglens.stats.power import smallest_detectable
from ecglens.stats.practical import Practical, practical_equivalence
from ecglens.stats.ranks import Friedman, cliques, critical_difference, friedman, place_among
from ecglens.stats.shortcuts import Prediction, predict_label

__all__ = [
    "ALPHA",
    "Block",
    "Friedman",
    "Interval",
    "PairedTest",
    "Practical",
    "Prediction",
    "RankIntervals",
    "choose_on_other_folds",
    "cliques",
    "corrected_interval",
    "corrected_t_test",
    "critical_difference",
    "friedman",
    "holm",
    "place_among",
    "practical_equivalence",
    "predict_label",
    "rank_intervals",
    "smallest_detectable",
]
