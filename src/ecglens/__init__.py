"""ecglens: are the embeddings of an ECG model clinically aligned and portable, or do they encode the source?

Names are imported when they are first used, so that ``import ecglens`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ecglens._version import __version__

_PUBLIC = {
    "open_dataset": "ecglens.datasets",
    "load_encoder": "ecglens.encoders",
    "EncoderCard": "ecglens.encoders",
    "Batch": "ecglens.encoders",
    "Recipe": "ecglens.signals",
    "extract": "ecglens.embeddings",
    "load_embeddings": "ecglens.embeddings",
    "get_task": "ecglens.tasks",
    "measure_geometry": "ecglens.geometry",
    "Study": "ecglens.study",
    "load_study": "ecglens.study",
    "run_study": "ecglens.study",
    "load_results": "ecglens.study",
    "summarise": "ecglens.report",
    "EcgLensError": "ecglens.errors",
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'ecglens' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return __all__
