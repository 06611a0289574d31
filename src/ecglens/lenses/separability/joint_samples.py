"""Joint samples: the records of all data sets on which separability is measured."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ecglens.lenses.separability.settings import GeometrySettings
from ecglens.sampling import derive_seed
from ecglens.study.draws import TRUE
from ecglens.study.run_state import RunState
from ecglens.study.sites import labelled, with_sites

EVERYTHING = ""
"""Name of the joint sample with the records of all tasks."""


def joint_samples(state: RunState) -> dict[str, pd.DataFrame]:
    """Joint samples by task, and `EVERYTHING`."""
    samples = {task: joint_sample(state, task) for task in state.tasks}
    return samples | {EVERYTHING: unite(samples)}


def joint_sample(state: RunState, task: str) -> pd.DataFrame:
    """Joint sample of all data sets for one task.

    A data set gives its sample of the common size; one that fills no size gives all its labelled records, up to the
    study's ``geometry.max_records``, at natural prevalence. One for whose vocabulary the task has no codes gives none.

    Returns
    -------
    pd.DataFrame
        Columns record_id, patient_id (unique over data sets), label, dataset, drawn (the size, or ``natural``);
        sorted by data set and record. Where a data set names sites, the column site, too.
    """
    study, cards, size = state.study, state.cards, state.common_sizes[task]
    parts = []
    for dataset, table in state.tables.items():
        place = (dataset, task, size, TRUE)
        sample = next((s for s in state.samples if (s.dataset, s.task, s.size, s.labels) == place), None)
        if sample and not sample.reason:
            part = sample.members[["record_id", "patient_id", "label"]].assign(drawn=size)
        else:
            known, _ = labelled(table, study.task(task), cards[dataset].vocabulary, study.negatives)
            most = study.settings(GeometrySettings).max_records
            part = known.sample(min(len(known), most), random_state=derive_seed(study.seed, "pool", dataset, task))
            part = part.sort_index().assign(drawn="natural")
        # Two copies of a data set hold the same patients: under the publisher's name they are never neighbours.
        parts.append(part.assign(dataset=dataset, patient_id=cards[dataset].name + "/" + part["patient_id"]))
    return with_sites(_ordered(pd.concat(parts, ignore_index=True)), state.tables)


def unite(samples: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Records of all tasks, each once: columns record_id, patient_id, dataset and, if known, site."""
    together = pd.concat(samples.values(), ignore_index=True).drop(columns=["label", "drawn"])
    return _ordered(together.drop_duplicates(["record_id", "dataset"]))


def _ordered(sample: pd.DataFrame) -> pd.DataFrame:
    """Sort records independently of the order in the study, because subsamples and ties depend on their order."""
    return sample.sort_values(["dataset", "record_id"], ignore_index=True)
