"""Encoder entries with several poolings, which become one encoder per pooling."""

from __future__ import annotations

from typing import Any

from ecglens.study.yaml_text import Loc


def spread_poolings(entries: list[Any]) -> list[tuple[int, Any]]:
    """Entries of encoders and their positions: ``{name: a, pooling: [mean, max]}`` becomes ``a-mean`` and ``a-max``.

    Examples
    --------
    >>> spread_poolings(["b", {"name": "a", "pooling": ["max"]}])
    [(0, 'b'), (1, {'encoder': 'a', 'name': 'a-max', 'pooling': 'max'})]
    """
    spread: list[tuple[int, Any]] = []
    for position, entry in enumerate(entries):
        several = entry.get("pooling") if isinstance(entry, dict) and isinstance(entry.get("name"), str) else None
        if isinstance(several, list) and several and all(isinstance(each, str) for each in several):
            own = {"encoder": entry["name"], **entry}
            spread += [(position, own | {"name": f"{entry['name']}-{each}", "pooling": each}) for each in several]
        else:
            spread.append((position, entry))
    return spread


def written(data: Any, loc: Loc) -> Loc:
    """Position of a study entry in its file, which lists an entry with several poolings once."""
    if loc[0:1] != ("encoders",) or len(loc) < 2:
        return loc
    position, _ = spread_poolings(data["encoders"])[int(loc[1])]
    return (loc[0], position, *loc[2:])
