"""The candidates of the neighbour search from products on a torch device."""

from __future__ import annotations

import numpy as np
import torch

from ecglens.geometry.rows import Rows, blocks
from ecglens.geometry.search import Candidates, Ints, Progress

ENTRIES = 2**28
"""Distances held at a time: 1 GB on the device."""


def candidates_on(
    device: str,
    rows: Rows,
    k: int,
    group: Ints,
    part: Ints,
    *,
    inside: bool,
    across: bool,
    progress: Progress | None = None,
) -> tuple[Candidates | None, Candidates | None]:
    """The `k` nearest by float32 products, inside the own part and across parts; see `ecglens.geometry.search.search`.

    The embeddings have to fit the device's memory in float32. Reduced precision of products (TF32) has to be off, as it
    is unless a program turns it on.
    """
    n = len(group)
    X = torch.empty((n, rows.X.shape[1]), dtype=torch.float32, device=device)
    for piece in blocks(n):
        X[piece] = torch.from_numpy(rows.take(piece).astype(np.float32)).to(device)
    norms = (X * X).sum(dim=1)
    groups, parts = torch.from_numpy(group).to(device), torch.from_numpy(part).to(device)
    lists = tuple(
        (np.empty((n, k), dtype=np.float32), np.empty((n, k), dtype=np.int64), norms.cpu().numpy().astype(np.float64))
        if wanted
        else None
        for wanted in (inside, across)
    )
    pieces = list(blocks(n, max(1, ENTRIES // n)))
    for done, piece in enumerate(pieces, 1):
        squared = norms[piece, None] + norms - 2 * (X[piece] @ X.T)
        squared[groups[piece, None] == groups] = torch.inf
        same = parts[piece, None] == parts
        for found, other in zip(lists, (~same, same), strict=True):
            if found is not None:
                nearest = torch.topk(squared.masked_fill(other, torch.inf), min(k, n), largest=False)
                found[0][piece] = nearest.values.cpu().numpy()
                found[1][piece] = torch.where(nearest.values.isinf(), -1, nearest.indices).cpu().numpy()
        if progress is not None:
            progress(done, len(pieces))
    return lists[0], lists[1]
