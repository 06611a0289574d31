"""Facts about an encoder, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ecglens.records import LEADS

Exposure = Literal["seen", "selection", "unknown", "not seen"]
"""How far an encoder may know a data set: only ``"not seen"`` is clean."""


@dataclass(frozen=True)
class EncoderCard:
    """What a user, a table or a report needs to know of an encoder.

    Parameters
    ----------
    name
        Short name, as study files use it.
    dim
        Width of a token and of the pooled embedding.
    summary
        One sentence: what it is.
    leads
        Leads it sees, in the order in which it sees them.
    fs
        Sampling rate it sees, in Hz; ``None`` where it takes any.
    seconds
        Length of the window it sees; ``None`` where it takes any.
    tokens
        What one token stands for.
    has_cls
        Whether token 0 is a class token, so that ``cls`` pooling exists.
    n_parameters
        Trained parameters that the embedding depends on; 0 where nothing is trained.
    architecture, objective
        Families, such as ``"transformer"`` and ``"masked"``.
    pretraining
        Names of the data sets it was trained on; ``None`` is unknown, and unknown is never clean.
    selection
        Names of the data sets whose labels decided which checkpoint was published.
    paper, weights, licence
        Where it comes from and under which terms.
    notes
        What a user has to know, such as sources that disagree.
    """

    name: str
    dim: int
    summary: str = ""
    leads: tuple[str, ...] = LEADS
    fs: float | None = None
    seconds: float | None = None
    tokens: str = "one per window"
    has_cls: bool = False
    n_parameters: int | None = None
    architecture: str = "unknown"
    objective: str = "unknown"
    pretraining: frozenset[str] | None = None
    selection: frozenset[str] = frozenset()
    paper: str = ""
    weights: str = ""
    licence: str = ""
    notes: tuple[str, ...] = ()

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> EncoderCard:
        """A card from plain data, such as JSON, where sets and tuples have become lists.

        Examples
        --------
        >>> EncoderCard.from_facts({"name": "mine", "dim": 512, "pretraining": ["ptb-xl"]}).exposure("ptb-xl")
        'seen'
        """
        restored: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()
        }
        for name in ("pretraining", "selection"):
            if restored.get(name) is not None:
                restored[name] = frozenset(restored[name])
        return cls(**restored)

    def exposure(self, dataset: str) -> Exposure:
        """How far the encoder may know a data set.

        Parameters
        ----------
        dataset
            Short name, such as ``"ptb-xl"``.

        Examples
        --------
        >>> card = EncoderCard("mine", dim=512, pretraining=frozenset({"ptb-xl"}))
        >>> card.exposure("ptb-xl"), card.exposure("georgia")
        ('seen', 'not seen')
        >>> EncoderCard("theirs", dim=512).exposure("ptb-xl")
        'unknown'
        """
        if dataset in (self.pretraining or ()):
            return "seen"
        if dataset in self.selection:
            return "selection"
        return "unknown" if self.pretraining is None else "not seen"
