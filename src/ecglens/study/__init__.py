"""Studies: the only place that composes data sets, encoders, probes, attribution and geometry."""

from ecglens.study.config import Study
from ecglens.study.results import Results, load_results
from ecglens.study.run import run_study
from ecglens.study.study_file import load_study

__all__ = ["Results", "Study", "load_results", "load_study", "run_study"]
