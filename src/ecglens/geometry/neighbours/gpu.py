"""Candidates of the neighbour search, from matrix products on a PyTorch device."""

from __future__ import annotations

import numpy as np
import torch

from ecglens.devices import check_device
from ecglens.geometry.arrays import blocks
from ecglens.geometry.neighbours.lists import Candidates, Ints, Progress, no_candidates
from ecglens.geometry.neighbours.matrix import Rows

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
) -> tuple[Candidates, Candidates]:
    """The `k` nearest by float32 products, inside the own part and across parts; see `ecglens.geometry.search.search`.

    The embeddings have to fit the device's memory in float32. Reduced precision of products (TF32) has to be off, as it
    is unless a program turns it on.
    """
    check_device(device)
    n = len(group)
    X = torch.empty((n, rows.X.shape[1]), dtype=torch.float32, device=device)
    for piece in blocks(n):
        X[piece] = torch.from_numpy(rows.take(piece).astype(np.float32)).to(device)
    norms = (X * X).sum(dim=1)
    groups, parts = torch.from_numpy(group).to(device), torch.from_numpy(part).to(device)
    lists = no_candidates(n, min(k, n) if inside else 0), no_candidates(n, min(k, n) if across else 0)
    for _, _, own in lists:
        own[:] = norms.cpu().numpy()
    pieces = list(blocks(n, max(1, ENTRIES // n)))
    for done, piece in enumerate(pieces, 1):
        squared = norms[piece, None] + norms - 2 * (X[piece] @ X.T)
        squared[groups[piece, None] == groups] = torch.inf
        same = parts[piece, None] == parts
        for (keys, ids, _), other in zip(lists, (~same, same), strict=True):
            nearest = torch.topk(squared.masked_fill(other, torch.inf), keys.shape[1], largest=False)
            keys[piece] = nearest.values.cpu().numpy()
            ids[piece] = torch.where(nearest.values.isinf(), -1, nearest.indices).cpu().numpy()
        if progress is not None:
            progress(done, len(pieces))
    return lists
