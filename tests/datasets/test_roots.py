"""A folder is recognised by the cards of all registered readers, of this package and of others."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ecglens.datasets import open_dataset
from ecglens.datasets.georgia import CARD, Georgia
from ecglens.datasets.roots import check_root, recognise_root
from ecglens.datasets.simulated import simulate
from ecglens.errors import DatasetError

OUTSIDE = """
from dataclasses import dataclass, field
from pathlib import Path

from ecglens.datasets import DatasetCard, Index
from ecglens.datasets.roots import check_root
from ecglens.records import Defect, record_table

CARD = DatasetCard(
    name="outside", title="Outside", version="1", licence="", url="", citation="", country="", vocabulary="scp-ecg",
    expected_records=None, expected_patients=None, has_patient_ids=True, layout="outside.csv", marks=("outside.csv",),
)


@dataclass
class Outside:
    root: Path
    name: str = "outside"
    card: DatasetCard = field(default=CARD, init=False)

    def __post_init__(self):
        check_root(self.root, self.card)

    def index(self):
        names = (self.root / "outside.csv").read_text().split()
        return Index(record_table({"record_id": name, "fs": 500, "codes": []} for name in names), ())

    def read(self, ids):
        return [Defect(record_id, "missing-file", "none") for record_id in ids]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "outside.csv").write_text("a b")
    return tmp_path / "data"


def test_an_outside_data_set_is_one_file_and_an_entry_point(install, root) -> None:
    install(OUTSIDE, "outside = outside:Outside")
    assert open_dataset("outside", root).index().records.index.tolist() == ["a", "b"]
    assert open_dataset("outside:Outside", root, name="copy").name == "copy"


def test_an_outside_data_set_is_recognised_like_a_built_in(install, root) -> None:
    with pytest.raises(DatasetError, match=r"does not hold it\. Expected: training"):
        Georgia(root)
    install(OUTSIDE, "outside = outside:Outside")
    assert recognise_root(root) == ["outside"]
    with pytest.raises(DatasetError, match=r"Georgia.* does not hold it\. It looks like outside\. Expected: training"):
        Georgia(root)


def test_an_outside_data_set_recognises_the_built_in_ones(install, tmp_path) -> None:
    install(OUTSIDE, "outside = outside:Outside")
    simulate(tmp_path / "georgia", "georgia", 2, 0)
    for reader in ("outside", "outside:Outside"):
        with pytest.raises(DatasetError, match=r"Outside: .* It looks like georgia\. Expected: outside\.csv"):
            open_dataset(reader, tmp_path / "georgia")


@pytest.mark.parametrize("code", ["import no_such_module", "class Outside: card = {'marks': ('*',)}", "Outside = 1"])
def test_an_outside_reader_that_is_broken_disturbs_no_other(install, root, code) -> None:
    install(code, "outside = outside:Outside")
    assert recognise_root(root) == []


def test_a_card_without_marks_takes_any_folder_that_is_not_empty(root, tmp_path) -> None:
    check_root(root, replace(CARD, marks=()))
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="is empty"):
        check_root(tmp_path / "empty", replace(CARD, marks=()))


def test_readers_are_imported_only_if_a_root_does_not_match(tmp_path) -> None:
    simulate(tmp_path / "georgia", "georgia", 2, 0)
    code = (
        "import sys; from pathlib import Path; from ecglens.datasets.georgia import Georgia\n"
        f"Georgia(Path({str(tmp_path / 'georgia')!r})); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "ecglens.datasets.georgia" in loaded
    assert not {"ecglens.datasets.code15", "ecglens.datasets.ptbxl", "h5py"} & {*loaded}
