"""Facts about an encoder, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ecglens.records import LEADS

Exposure = Literal["seen", "selection", "unknown", "not seen"]
"""What pretraining saw of a data set: only ``"not seen"`` is clean."""


@dataclass(frozen=True)
class EncoderCard:
    """Facts about an encoder, for users, tables and reports.

    Parameters
    ----------
    name
        Short name, as in study files.
    dim
        Width of a token and of the pooled embedding.
    summary
        Description in one sentence.
    leads
        Leads of the input, in their order.
    fs
        Sampling rate of the input in Hz; ``None`` if any is accepted.
    seconds
        Length of the input window in seconds; ``None`` if any is accepted.
    tokens
        Part of the record that one token covers.
    has_cls
        Whether token 0 is a class token, so that ``cls`` pooling exists.
    n_parameters
        Number of trained parameters that the embedding depends on; 0 if nothing is trained.
    architecture, objective
        Families, such as ``"transformer"`` and ``"masked"``.
    pretraining
        Names of the data sets in the training data; ``None`` if unknown, which is never shown as clean.
    selection
        Names of the data sets whose labels decided which checkpoint was published.
    paper, weights, licence
        Reference, location of the weights, and their licence.
    notes
        Caveats, such as sources that disagree.
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
        """A card from plain data, such as JSON, in which sets and tuples are lists.

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
        """What the training or the selection of the encoder saw of a data set.

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
