"""Studies: the composition of data sets, encoders and lenses."""

from ecglens.study.config import Study
from ecglens.study.results import Results, load_results
from ecglens.study.run import run_study
from ecglens.study.study_file import load_study

__all__ = ["Results", "Study", "load_results", "load_study", "run_study"]
