import fcntl

import pytest

from ecglens.errors import StoreError
from ecglens.study import run_study


def test_two_runs_in_one_folder_are_refused(data, study_of, tmp_path) -> None:
    with (tmp_path / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(StoreError, match="another process"):
            run_study(study_of(data), tmp_path)
