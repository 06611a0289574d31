"""Options are held against the signature of what takes them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pytest

from ecglens.errors import ConfigError
from ecglens.options import OptionError, check_options


def net(
    weights: str | Path | None = None,
    *,
    dim: int = 8,
    rate: float = 0.5,
    scale: bool = False,
    mode: Literal["fast", "slow"] = "fast",
    leads: Sequence[str] = (),
    sizes: list[int] | None = None,
    extra: Mapping[str, Any] | None = None,
    deep: Annotated[int, "layers"] = 1,
    custom: np.ndarray | None = None,
    anything=None,
) -> None: ...


@pytest.mark.parametrize(
    "options",
    [
        {"weights": "a.pt", "dim": 16, "rate": 1, "scale": True, "mode": "slow", "leads": ["I"], "sizes": [1]},
        {"weights": None, "rate": 0.5, "extra": {"a": 1}, "deep": 2, "custom": np.zeros(2), "anything": [{}]},
        {"dim": np.int64(3), "weights": Path("a.pt")},
    ],
)
def test_what_fits(options: dict) -> None:
    check_options("net", net, options)


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("dim", "x", "dim: found 'x', expected a whole number"),
        ("dim", True, "found true, expected a whole number"),
        ("dim", 1.5, "found 1.5, expected a whole number"),
        ("dim", 10**30, "expected a whole number"),
        ("dim", None, "found null, expected a whole number"),
        ("rate", float("nan"), "found nan, expected a number"),
        ("rate", 10**400, "expected a number"),
        ("rate", "0.5", "found '0.5', expected a number"),
        ("scale", 1, "found 1, expected true or false"),
        ("scale", "yes", "expected true or false"),
        ("mode", "fasst", r"expected 'fast' or 'slow'\. Did you mean 'fast'\?"),
        ("mode", ["fast"], "found \\['fast'\\], expected"),
        ("leads", [1], "expected a list of text"),
        ("sizes", ["x"], "expected a list of a whole number or null"),
        ("weights", 5, "found 5, expected text or a path or null"),
        ("extra", [], "expected a mapping or null"),
        ("deep", "x", "expected a whole number"),
        ("dimm", 3, r"unknown option 'dimm'\. Did you mean 'dim'\? Options: weights, dim, "),
        ("\x1b[31m", 3, r"unknown option '\\x1b\[31m'"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(option: str, value: Any, message: str) -> None:
    with pytest.raises(OptionError, match=message) as caught:
        check_options("net", net, {option: value})
    assert caught.value.option == option
    assert len(str(caught.value)) < 500


def test_what_is_missing_and_what_takes_no_options() -> None:
    with pytest.raises(ConfigError, match="the option 'weights' is missing"):
        check_options("net", lambda weights: None, {})
    check_options("net", lambda root: None, {}, positional=1)
    check_options("net", lambda **others: None, {"any": 5})
    for thing in (5, dict, "text"):
        with pytest.raises(ConfigError, match="neither a Python class nor a Python function"):
            check_options("net", thing, {})


def test_annotations_that_cannot_be_resolved_are_not_held_against_anybody() -> None:
    def strange(a: "NotDefined" = 1) -> None: ...  # noqa: F821

    check_options("net", strange, {"a": "x"})
