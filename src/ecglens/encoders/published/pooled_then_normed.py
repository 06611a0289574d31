"""Published encoders that apply the last layer norm after pooling."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from ecglens.encoders.published.base import PublishedEncoder


class PooledThenNormed(PublishedEncoder):
    """Encoder that pools the tokens of the last block and then applies the layer norm."""

    norm: ClassVar[str] = "norm"
    """The layer norm, by its name in the network."""

    def pool(self, tokens: NDArray[np.float32], pooling: str = "mean") -> NDArray[np.float32]:
        """Tokens ``[n, tokens, dim]`` to embeddings ``[n, dim]``."""
        pooled = torch.from_numpy(super().pool(tokens, pooling))
        norm = self.network.get_submodule(self.norm)
        with torch.inference_mode():
            embedding: NDArray[np.float32] = norm(pooled.to(next(norm.parameters()))).float().cpu().numpy()
        return embedding
