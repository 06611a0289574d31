"""Executors: jobs run in this process, in local worker processes, or in any other `Executor`."""

from ecglens.study.executors.base import Executor, Job, Outcome
from ecglens.study.executors.execution import execute
from ecglens.study.executors.local import InProcess, LocalProcesses, make_executor

__all__ = ["Executor", "InProcess", "Job", "LocalProcesses", "Outcome", "execute", "make_executor"]
