"""Readers of a sound table whose signals all have a fault."""

import numpy as np
from tests.datasets.sound_reader import Sound, ecg


class ElevenLeads(Sound):
    def signal(self, i):
        return ecg(i)[:11]


class Transposed(Sound):
    def signal(self, i):
        return ecg(i).T


class Microvolts(Sound):
    def signal(self, i):
        return ecg(i) * 1000


class FlatLeads(Sound):
    def signal(self, i):
        return ecg(i) * (np.arange(12) < 6)[:, None].astype(np.float32)


class NotANumber(Sound):
    def signal(self, i):
        return np.where(np.arange(2500) == 7, np.float32(np.nan), ecg(i))


class SwappedLeads(Sound):
    def signal(self, i):
        return ecg(i)[[1, 0, *range(2, 12)]]


class ChestFirst(Sound):
    def signal(self, i):
        return ecg(i)[[*range(6, 12), *range(6)]]


class Doubles(Sound):
    def signal(self, i):
        return ecg(i).astype(float)


class Masked(Sound):
    def signal(self, i):
        return np.ma.masked_greater(ecg(i), 0.5)


class OtherLength(Sound):
    def signal(self, i):
        return ecg(i)[:, :2000]


class ReadGivesNothing(Sound):
    def signal(self, i):
        return None
