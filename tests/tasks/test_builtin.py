"""Built-in tasks and vocabularies by import path."""

import pytest

from ecglens.tasks import TASKS, VOCABULARIES, builtin, get_task, meanings


def test_every_registered_name_is_an_attribute():
    assert set(dir(builtin)) == {*TASKS.builtins, *VOCABULARIES.builtins}
    assert get_task("ecglens.tasks.builtin:cd-core") == get_task("cd-core")
    assert builtin.__getattr__("snomed-ct") == meanings("snomed-ct")
    with pytest.raises(AttributeError, match="no attribute 'cd-corr'"):
        builtin.__getattr__("cd-corr")
