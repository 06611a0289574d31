"""SNOMED CT codes in the comment Dx of headers of the PhysioNet/CinC Challenge.

A damaged code, or two without a separator, must not count as another diagnosis, because the record would become a
negative. Therefore every entry must have the form and the check digit of a SNOMED CT concept (Verhoeff, Error detecting
decimal codes, 1969).
"""

from __future__ import annotations

import re
from functools import lru_cache

from ecglens.datasets.fields import UNKNOWN

# Of the international edition (partition 00), or of a national one (partition 10), which has seven digits more.
_CONCEPT = re.compile(r"[1-9][0-9]{2,6}00[0-9]|[1-9][0-9]{7,14}10[0-9]")
_PERMUTATION = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def snomed_codes(text: str) -> list[str]:
    """Codes of a list, each once, in their order; separators are commas, semicolons, bars and blanks.

    Raises
    ------
    ValueError
        An entry is not a code; the message holds it. A word for "unknown" counts as no entry if it is the only one.

    Examples
    --------
    >>> snomed_codes("164889003, 426783006.0,164889003")
    ['164889003', '426783006']
    >>> snomed_codes("Unknown")
    []
    """
    if text.strip().lower() in UNKNOWN:
        return []
    entries = re.split(r"[\s,;|]+", re.sub(r"[\[\](){}'\"]", " ", text))
    codes = {entry: re.sub(r"\.0*$", "", entry) for entry in entries if entry}
    for entry, code in codes.items():
        if not is_concept(code):
            raise ValueError(entry)
    return list(dict.fromkeys(codes.values()))


@lru_cache(maxsize=4096)
def is_concept(code: str) -> bool:
    """Whether a code has the form and the check digit of a SNOMED CT concept.

    Examples
    --------
    >>> is_concept("164889003"), is_concept("164889008"), is_concept("164889003426783006")
    (True, False, False)
    """
    if not _CONCEPT.fullmatch(code):
        return False
    check = 0
    for place, sign in enumerate(reversed(code)):
        digit = int(sign)
        for _ in range(place % 8):
            digit = _PERMUTATION[digit]
        check = _dihedral(check, digit)
    return check == 0


def _dihedral(a: int, b: int) -> int:
    """Product in the group of the symmetries of a pentagon: 0 to 4 turn it, 5 to 9 reflect it."""
    turn = (a + b if a < 5 else a - b) % 5
    return turn + 5 * ((a < 5) != (b < 5))
