"""ecglens: are the embeddings of an ECG model clinically aligned and portable, or do they encode the source?

Names are imported when they are first used, so that ``import ecglens`` costs nothing; ``__init__.pyi`` lists them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
