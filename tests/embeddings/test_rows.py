import numpy as np
import pytest

from ecglens.embeddings.rows import LEFT_OUT, Reasons, RowChecksums, to_defect, to_line
from ecglens.records import Defect

MATRIX = np.arange(6, dtype=np.float32).reshape(2, 3)


def test_a_checksum_ties_a_row_to_its_store_its_record_and_its_values() -> None:
    first = RowChecksums("store").of_embeddings(["a", "b"], MATRIX)
    assert first.dtype == np.uint64
    np.testing.assert_array_equal(first, RowChecksums("store").of_embeddings(["a", "b"], MATRIX))
    others = [
        RowChecksums("other").of_embeddings(["a", "b"], MATRIX),
        RowChecksums("store").of_embeddings(["b", "a"], MATRIX),
        RowChecksums("store").of_embeddings(["a", "b"], -MATRIX - 1),
        RowChecksums("store").of_reasons(["a", "b"], [row.tobytes() for row in MATRIX]),
    ]
    assert all((first != other).all() for other in others)


@pytest.mark.parametrize("record", ["a", "\udcff", "ä\n"])
def test_a_line_says_the_same_when_it_is_read(record) -> None:
    defect = Defect(record, "recipe", 'too "short"')
    assert to_defect(to_line(3, defect)) == defect
    assert to_line(3, defect).count(b"\n") == 1


def test_of_several_lines_of_a_row_the_last_counts_and_broken_ones_do_not(tmp_path) -> None:
    reasons = Reasons(tmp_path / "defects.jsonl")
    assert reasons.read() == {}
    lines = [to_line(row, Defect("a", reason, "")) for row, reason in ((0, "old"), (1, "other"), (0, "new"))]
    reasons.add(lines)
    with reasons.path.open("ab") as file:
        file.write(b'{"row": 5, "rec')
    assert {row: to_defect(line).reason for row, line in reasons.read().items()} == {0: "new", 1: "other"}
    reasons.keep(lines[1:])
    assert reasons.path.read_bytes() == b"".join(lines[1:])


def test_only_rows_with_an_undamaged_reason_are_left_out() -> None:
    ids, checksums = np.array(["a", "b", "c"]), RowChecksums("store")
    lines = {row: to_line(row, Defect(ids[row], "recipe", "")) for row in range(2)}
    sound = np.array([*checksums.of_reasons(ids[:2], lines.values()), 0], dtype=np.uint64)
    states = np.full(3, LEFT_OUT, dtype=np.uint8)
    assert checksums.left_out(ids, states, sound, lines) == [0, 1]
    assert checksums.left_out(ids, states, sound, {**lines, 0: to_line(0, Defect("a", "other", ""))}) == [1]
