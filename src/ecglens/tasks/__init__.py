"""Tasks: binary labels, defined by the codes of each vocabulary."""

from ecglens.tasks.catalogue import TASKS, VOCABULARIES, describe, get_task, meanings
from ecglens.tasks.task import RULE, Codes, Task, labels

__all__ = ["RULE", "TASKS", "VOCABULARIES", "Codes", "Task", "describe", "get_task", "labels", "meanings"]
