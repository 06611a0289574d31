"""Rules for record tables: faults of the reader, and records that cannot be used."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from ecglens.checks import Check
from ecglens.datasets.base import Index
from ecglens.datasets.fields import OLDEST, UNKNOWN
from ecglens.datasets.quality import PLAUSIBLE_HZ
from ecglens.errors import printable
from ecglens.records import COLUMNS, Defect, sites

OPTIONAL = ("site",)
"""Columns that a table may lack."""

ONE_CODE = {"snomed-ct": r"[0-9]+", "scp-ecg": r"[^\s;,|]+", "code-15": r"[^\s;,|]+"}
"""Pattern of a code, by vocabulary. Codes are compared as a whole: ``"AFIB;LVH"`` is no code and would be negative."""

Rule = Callable[[pd.DataFrame], Check]

_BUILD = "Build the table with ecglens.records.record_table."


def check_index(index: Any) -> list[Check]:
    """Check the result of `Dataset.index`; the list ends with a wrong type or missing columns."""
    form = [_type(index)]
    if form[0].passed:
        form.append(_columns(index.records))
    if not all(check.passed for check in form):
        return form
    return form + [rule(index.records) for rule in _RULES]


def sort_out(table: pd.DataFrame, vocabulary: str) -> tuple[pd.DataFrame, list[Defect]]:
    """Split a table that passed `check_index` into usable records, in the types of `COLUMNS`, and defects.

    Impossible ages become unknown.

    Examples
    --------
    >>> from ecglens.records import record_table
    >>> rows = [{"record_id": name, "fs": fs, "codes": ["SR"], "age": 300} for name, fs in (("a", 500), ("b", 9e4))]
    >>> kept, defects = sort_out(record_table(rows), "scp-ecg")
    >>> kept["age"].tolist(), defects[0].record_id, defects[0].reason
    ([<NA>], 'b', 'fs')
    """
    table = table.assign(site=sites(table))[list(COLUMNS)].astype(COLUMNS)
    table.index = table.index.astype("string")
    ids, fs = table.index.to_series(), table["fs"].astype("float64")
    listed = f"expected a list of codes of {vocabulary!r}, [] if none was found"
    faults = (
        ("unreadable", "no record_id", _absent(ids), ""),
        ("unreadable", "no patient_id, without which no fold can take it", _absent(table["patient_id"]), ""),
        ("duplicate-id", "the id is already taken", ids.duplicated(), ""),
        ("unlabelled", listed, ~table["codes"].map(partial(_labelled, vocabulary)).astype(bool), "codes"),
        ("fs", "expected a sampling rate of {:g} to {:g} Hz".format(*PLAUSIBLE_HZ), ~fs.between(*PLAUSIBLE_HZ), "fs"),
    )
    defects, usable = [], np.ones(len(table), dtype=bool)
    for reason, what, broken, column in faults:
        for row in np.flatnonzero(usable & broken.to_numpy()).tolist():
            name = f"row {row + 1}" if what == "no record_id" else table.index[row]
            found = f", found {_short(table[column].iloc[row])}" if column else ""
            defects.append(Defect(name, reason, what + found))
        usable &= ~broken.to_numpy()
    age = table["age"].where(table["age"].between(0, OLDEST))
    codes, patients = table["codes"].map(_as_list), table["patient_id"].str.strip()
    return table.assign(age=age, codes=codes, patient_id=patients)[usable], defects


def _type(index: Any) -> Check:
    remedy = "Return ecglens.datasets.Index(records, defects): a DataFrame and a tuple of Defect."
    if not isinstance(index, Index):
        return Check("index", False, f"index() returned {_kind(index)}", remedy)
    records: Any = index.records
    if not isinstance(records, pd.DataFrame):
        return Check("index", False, f"Index.records is {_kind(records)}", remedy)
    defects: Any = index.defects
    if not isinstance(defects, list | tuple):
        return Check("index", False, f"Index.defects is {_kind(defects)}", remedy)
    wrong = [defect for defect in defects if not isinstance(defect, Defect)]
    if wrong:
        return Check("index", False, f"Index.defects holds {_kind(wrong[0])}", remedy)
    return Check("index", True, f"{len(index.records):,} records, {len(index.defects):,} defects")


def _columns(table: pd.DataFrame) -> Check:
    missing = [column for column in COLUMNS if column not in table and column not in OPTIONAL]
    twice = table.columns[table.columns.duplicated()].astype(str)
    others = [str(column) for column in table.columns if column not in COLUMNS]
    if missing or len(twice):
        what = [f"no {', '.join(missing)}"] * bool(missing) + [f"{', '.join(twice)} twice"] * bool(len(twice))
        return Check("columns", False, f"{'; '.join(what)}; has {', '.join(map(str, table.columns))}", _BUILD)
    return Check("columns", True, "all there" + (f"; not used: {', '.join(others)}" if others else ""))


def _record_ids(table: pd.DataFrame) -> Check:
    names = list(table.index.names)
    if names != ["record_id"]:
        return Check("record_id", False, f"the index is named {names[0]!r}", "Name the table's index 'record_id'.")
    return _text("record_id")(table.index.to_frame(name="record_id"))


def _patient_ids(table: pd.DataFrame) -> Check:
    found = _text("patient_id")(table)
    if found.passed and len(table) and _absent(table["patient_id"].astype("string")).all():
        remedy = "Without identifiers repeat the record id, as record_table does, and set has_patient_ids=False."
        return Check("patient_id", False, "no record has one: records of a patient have to share a fold", remedy)
    return found


def _codes(table: pd.DataFrame) -> Check:
    for record_id, codes in table["codes"].items():
        if not _missing(codes) and (wrong := _wrong_codes(codes)):
            remedy = "Give a list of text, one code each: ['AFIB', 'LVH']."
            return Check("codes", False, f"codes of record {record_id!r} are {wrong}: {_short(codes)}", remedy)
    return Check("codes", True, "lists of text")


def _wrong_codes(codes: Any) -> str:
    if not isinstance(codes, list | tuple | np.ndarray):
        return _kind(codes)
    odd = next((code for code in codes if not isinstance(code, str)), "")
    if not isinstance(odd, str):
        return f"a list that holds {_kind(odd)}"
    return "a list with blanks around a code" if any(code != code.strip() for code in codes) else ""


def _sexes(table: pd.DataFrame) -> Check:
    return _values("sex", table["sex"], lambda sex: sex in ("F", "M"), "Map it to 'F' or 'M', or leave it missing.")


def _ages(table: pd.DataFrame) -> Check:
    found = _numbers("age", "Give years as a number, or leave it missing.")(table)
    years = table["age"].dropna()
    wild = int((~years.astype("float64").between(0, OLDEST)).sum()) if found.passed else 0
    return (
        replace(found, detail=f"{found.detail}; {wild:,} outside 0 to {OLDEST:g} count as unknown") if wild else found
    )


def _text(column: str, remedy: str = "Convert it with str().") -> Rule:
    return lambda table: _values(column, table[column], lambda value: isinstance(value, str), remedy)


def _numbers(column: str, remedy: str, whole: bool = False) -> Rule:
    def legal(value: Any) -> bool:
        if isinstance(value, float | np.floating):
            return not whole or float(value).is_integer()
        return isinstance(value, int | np.integer) and not isinstance(value, bool) and abs(int(value)) < 2**63

    return lambda table: _values(column, table[column], legal, remedy)


def _values(column: str, values: pd.Series[Any], legal: Callable[[Any], bool], remedy: str) -> Check:
    """Whether every value is missing or legal."""
    known = values.dropna()
    for record_id, value in known.items():
        if not legal(value):
            return Check(column, False, f"{column} of record {record_id!r} is {_short(value)}", remedy)
    return Check(column, True, f"{len(known):,} of {len(values):,} known")


_RULES: tuple[Rule, ...] = (
    _record_ids,
    _patient_ids,
    _codes,
    _numbers("fs", "Give the sampling rate in Hz as a number."),
    _ages,
    _sexes,
    _numbers("n_samples", "Give a whole number, or leave it missing until a signal is read.", whole=True),
    _numbers("fold", "Give a whole number, or leave it missing.", whole=True),
    _text("path"),
)


def _absent(values: pd.Series[str]) -> pd.Series[bool]:
    return (values.isna() | values.str.strip().str.lower().isin(UNKNOWN)).astype(bool)


def _labelled(vocabulary: str, codes: Any) -> bool:
    form = ONE_CODE.get(vocabulary, r".*")
    return not _missing(codes) and all(
        code.lower() not in UNKNOWN and re.fullmatch(form, code, re.DOTALL) for code in codes
    )


def _as_list(codes: Any) -> list[str]:
    return [] if _missing(codes) else [str(code) for code in codes]


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)


def _kind(value: Any) -> str:
    """What a value is, in words."""
    words = {Mapping: "a mapping", str: "a text", set: "a set", frozenset: "a set", pd.DataFrame: "a bare DataFrame"}
    return next((word for kind, word in words.items() if isinstance(value, kind)), f"of type {type(value).__name__}")


def _short(value: Any) -> str:
    return printable(repr(value), 60)
