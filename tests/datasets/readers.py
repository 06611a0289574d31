"""Readers with each fault that a reader of one's own may have, and what is said about it."""

from dataclasses import replace

import numpy as np
import pandas as pd
from tests.datasets.faulty_signals import (
    ChestFirst,
    Doubles,
    ElevenLeads,
    FlatLeads,
    Masked,
    Microvolts,
    NotANumber,
    OtherLength,
    ReadGivesNothing,
    SwappedLeads,
    Transposed,
)
from tests.datasets.sound_reader import CARD, N, Sound, ecg

from ecglens.records import Defect
from ecglens.tasks import Task


class MappingCodes(Sound):
    def row(self, i):
        return super().row(i) | {"codes": dict.fromkeys(super().row(i)["codes"], 1.0)}


class NoCodes(Sound):
    def row(self, i):
        return super().row(i) | {"codes": ["nan"] if i % 2 else None}


def changed(name, **values):
    """A reader whose rows all hold these values."""
    return type(name, (Sound,), {"changes": values, "__module__": __name__})


TextCodes = changed("TextCodes", codes="AFIB")
NumberCodes = changed("NumberCodes", codes=[164889003])
PaddedCodes = changed("PaddedCodes", codes=["SR", " AFIB"])
JoinedCodes = changed("JoinedCodes", codes=["SR;AFIB"])
NanPatients = changed("NanPatients", patient_id="nan")
WildRate = changed("WildRate", fs=40000)
SexWords = changed("SexWords", sex="female")
OnePatient = changed("OnePatient", patient_id="p")


class UnnamedIndex(Sound):
    def table(self):
        return super().table().rename_axis(None)


class NumberedIndex(Sound):
    def table(self):
        return super().table().reset_index(drop=True).rename_axis("record_id")


class RepeatedIds(Sound):
    def row(self, i):
        return super().row(i) | {"record_id": f"r{i // 2}"}


class NoPatients(Sound):
    def table(self):
        return super().table().assign(patient_id=pd.NA)


class NumberPatients(Sound):
    def table(self):
        return super().table().assign(patient_id=np.arange(N) / 2)


class NoColumn(Sound):
    def table(self):
        return super().table().drop(columns="codes")


class TextRate(Sound):
    def table(self):
        return super().table().assign(fs="250")


class BareFrame(Sound):
    def index(self):
        return self.table()


class IndexRaises(Sound):
    def row(self, i):
        return {}["age"]


class ReadRaises(Sound):
    def signal(self, i):
        return {}["signal"]


class TooFew(Sound):
    def read(self, ids):
        return super().read(ids)[:-1]


class OtherOrder(Sound):
    def read(self, ids):
        return super().read(sorted(ids))


class Forgetful(Sound):
    """Gives other signals each time it is asked."""

    asked = 0

    def signal(self, i):
        self.asked += 1
        return ecg(i) + np.float32(self.asked)


class OneBuffer(Sound):
    """Writes every answer into the same memory."""

    buffer = np.zeros((N, 12, 2500), np.float32)

    def signal(self, i):
        return ecg(i)

    def read(self, ids):
        found = super().read(ids)
        if any(isinstance(each, Defect) for each in found):
            return found
        self.buffer[: len(ids)] = found
        return list(self.buffer[: len(ids)])


class UnknownRaises(Sound):
    def no_such(self, name):
        raise KeyError(name)


class AnyRoot(Sound):
    def __init__(self, root, name="mine"):
        self.root, self.name = root, name


class NoName(Sound):
    name = "mine"

    def __init__(self, root):
        super().__init__(root)


class OwnVocabulary(Sound):
    card = replace(CARD, vocabulary="mine")


TASK = Task("mine", "a task of one's own", positive={"mine": frozenset({"AFIB"}), "scp-ecg": frozenset({"SR"})})


class OneRaises(Sound):
    """One record of many is at fault."""

    def signal(self, i):
        return ecg(i) if i != 7 else {}["signal"]


class OneFlat(Sound):
    def signal(self, i):
        return ecg(i) if i != 7 else ecg(i) * 0


REFUSED = {
    MappingCodes: "codes of record 'r0' are a mapping",
    TextCodes: "codes of record 'r0' are a text",
    NumberCodes: "a list that holds of type int",
    PaddedCodes: "blanks around a code",
    UnnamedIndex: "the index is named None",
    NumberedIndex: "record_id of record 0 is 0",
    NoPatients: "no record has one",
    NanPatients: "no record has one",
    NumberPatients: "patient_id of record 'r0' is 0.0",
    NoColumn: "no codes",
    TextRate: "fs of record 'r0' is '250'",
    SexWords: "sex of record 'r0' is 'female'",
    BareFrame: "a bare DataFrame",
    IndexRaises: "KeyError: 'age'",
    ReadRaises: "read() raised for every record",
    TooFew: "results for",
}
"""Faults of the whole reader, with a part of the message."""

LEFT_OUT = {
    JoinedCodes: "unlabelled",
    NoCodes: "unlabelled",
    WildRate: "fs",
    ElevenLeads: "missing-lead",
    Transposed: "missing-lead",
    Microvolts: "amplitude",
    FlatLeads: "flat-lead",
    NotANumber: "nan",
    SwappedLeads: "lead-order",
    ChestFirst: "lead-order",
    Doubles: "dtype",
    Masked: "dtype",
    OtherLength: "length",
    ReadGivesNothing: "dtype",
}
"""Faults of every record, with the reason."""
