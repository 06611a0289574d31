"""Compiled functions without a folder to keep them in."""

import warnings

import pytest

from ecglens import compiled as module
from ecglens.compiled import compiled


@pytest.fixture
def twice():
    """A function of no file, for which numba finds no folder either."""
    names: dict = {}
    exec(compile("def twice(number):\n    return 2 * number", "<nowhere>", "exec"), names)  # noqa: S102
    return names["twice"]


def test_where_nothing_can_be_kept_functions_are_compiled_with_one_warning(twice) -> None:
    module._warn.cache_clear()
    with pytest.warns(RuntimeWarning, match="NUMBA_CACHE_DIR"):
        assert compiled(twice)(21) == 42
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compiled(error_model="numpy")(twice)(2.5) == 5.0


def test_functions_of_the_package_are_kept_on_disk() -> None:
    from ecglens.splitmix import coin

    assert coin.targetoptions["nogil"]
    assert coin._cache.cache_path
