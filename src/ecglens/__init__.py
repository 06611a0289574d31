"""Benchmark of ECG foundation models: are their embeddings clinically aligned, or do they encode the source?

Names are imported when they are first used, so ``import ecglens`` is fast; ``__init__.pyi`` lists them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
