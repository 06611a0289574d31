"""What is read from a user's own files, and what is refused with the file and the remedy."""

import numpy as np
import pytest

from ecglens.errors import ConfigError
from ecglens.matrix_files import read_column, read_labelled, read_labels, read_matrix


def test_files_become_data_sets(tmp_path) -> None:
    for name in ("one", "two"):
        np.save(tmp_path / f"{name}.npy", np.eye(3, dtype=np.float32))
    (tmp_path / "labels.txt").write_text("0\n1\n1\n")
    np.save(tmp_path / "patients.npy", np.array(["a", "a", "b"]))
    matrices = [tmp_path / "one.npy", tmp_path / "two.npy"]
    found = read_labelled(matrices, [tmp_path / "labels.txt"] * 2, [tmp_path / "patients.npy"] * 2)
    assert list(found) == ["one", "two"]
    assert found["one"].y.tolist() == [0, 1, 1]
    assert found["two"].patients.tolist() == ["a", "a", "b"]
    assert read_labelled(matrices, [tmp_path / "labels.txt"] * 2, None)["one"].patients.tolist() == [0, 1, 2]
    with pytest.raises(ConfigError, match=r"2 matrices .* 1 file\(s\) of labels: .*--labels"):
        read_labelled(matrices, [tmp_path / "labels.txt"], None)
    with pytest.raises(ConfigError, match="its own name"):
        read_labelled([matrices[0]] * 2, [tmp_path / "labels.txt"] * 2, None)


def test_what_is_no_matrix_is_refused_and_nothing_in_it_is_run(tmp_path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ConfigError, match=r"x\.npy"):
        read_matrix(path)
    np.save(path, np.zeros(4))
    with pytest.raises(ConfigError, match=r"float64 \(4,\).*\[n, d\]"):
        read_matrix(path)
    np.save(path, np.array([[0.0, 1.0], [np.nan, 2.0]]))
    with pytest.raises(ConfigError, match="the first is row 1"):
        read_matrix(path)
    with pytest.raises(ConfigError, match="no-such"):
        read_matrix(tmp_path / "no-such.npy")


def test_columns_have_a_value_per_row(tmp_path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("0\n1\n2\n")
    with pytest.raises(ConfigError, match=r"row 2 holds '2'"):
        read_labels(path, 3)
    with pytest.raises(ConfigError, match="holds 3 values, the matrix has 5 rows"):
        read_column(path, 5)
    with pytest.raises(ConfigError, match="the matrix has 2 rows"):
        read_column(path, 2)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_column(tmp_path / "no-such.csv", 2)


def npy(path, values):
    np.save(path, values)
    return path


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.ones((3, 2), dtype=complex), "complex numbers.*real numbers"),
        (np.ones((0, 2)), "0 rows and 2 features"),
        (np.ones((3, 0)), "3 rows and 0 features"),
        (np.array([["a", "b"]]), "real numbers"),
        (np.ones((3, 2), dtype=bool), "real numbers"),
    ],
)
def test_matrices_that_hold_no_embeddings_are_refused(tmp_path, values, message) -> None:
    with pytest.raises(ConfigError, match=message):
        read_matrix(npy(tmp_path / "x.npy", values))


def test_files_of_other_kinds_say_what_they_are(tmp_path) -> None:
    np.savez(tmp_path / "x.npz", np.eye(2))
    with pytest.raises(ConfigError, match=r"several arrays \(\.npz\)"):
        read_matrix(tmp_path / "x.npz")
    (tmp_path / "empty.npy").write_bytes(b"")
    (tmp_path / "x.csv").write_text("1,2\n3,4\n")
    for name in ("empty.npy", "x.csv"):
        with pytest.raises(ConfigError, match=r"is not a \.npy file"):
            read_matrix(tmp_path / name)


@pytest.mark.parametrize("shape", ["(-5, 8)", "(10**12, 8)", "(2, 10**30)", "(3,", "(1.5, 2)", "'a'"])
def test_headers_that_lie_about_the_shape_are_refused(tmp_path, shape) -> None:
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}"
    header = header.ljust(117) + "\n"
    path = tmp_path / "x.npy"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + bytes(128))
    with pytest.raises(ConfigError, match=r"x\.npy"):
        read_matrix(path)
    with pytest.raises(ConfigError, match=r"x\.npy"):
        read_column(path, 3)


@pytest.mark.parametrize("values", [np.float16, ">f4", ">f8", np.int8, np.uint64, np.longdouble])
def test_every_type_of_real_number_is_read(tmp_path, values) -> None:
    path = npy(tmp_path / "x.npy", np.arange(6).reshape(3, 2).astype(values))
    assert read_matrix(path).astype(float).tolist() == [[0, 1], [2, 3], [4, 5]]


@pytest.mark.parametrize("text", ["a\nb\na\n", "\ufeffa\nb\na", "a \n b\n\ta\n\n", "a\r\nb\r\na\r\n", "a\rb\ra"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_byte_order_mark_blanks_and_line_ends_make_no_value_of_their_own(tmp_path, text, encoding) -> None:
    path = tmp_path / "sources.txt"
    path.write_bytes(text.removeprefix("\ufeff" if encoding == "utf-16" else "").encode(encoding))
    assert read_column(path, 3).tolist() == ["a", "b", "a"]


@pytest.mark.parametrize("missing", ["", "nan", "NaN", "NA", "None", "<NA>", "null", "  "])
def test_missing_values_are_refused_in_text_and_arrays(tmp_path, missing) -> None:
    path = tmp_path / "patients.txt"
    path.write_text(f"p1\n{missing}\np2\n")
    arrays = [np.array(["p1", missing, "p2"]), np.array([1.0, np.nan, 2.0])]
    for file in (path, *(npy(tmp_path / f"{number}.npy", values) for number, values in enumerate(arrays))):
        with pytest.raises(ConfigError, match="1 of 3 values are missing, the first in row 1"):
            read_column(file, 3)


def test_ids_that_a_float_has_rounded_are_refused(tmp_path) -> None:
    ids = np.array([90071992547409921, 90071992547409923])
    with pytest.raises(ConfigError, match="lost digits"):
        read_column(npy(tmp_path / "float.npy", ids.astype(float)), 2)
    assert len(set(read_column(npy(tmp_path / "int.npy", ids), 2))) == 2


def test_a_column_is_one_value_per_record(tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"a column is \[n\]"):
        read_column(npy(tmp_path / "two.npy", np.zeros((2, 2))), 4)
    assert read_column(npy(tmp_path / "one.npy", np.array([[1], [0]])), 2).tolist() == [1, 0]
    assert read_column(npy(tmp_path / "bytes.npy", np.array([b"a ", b"b"])), 2).tolist() == ["a", "b"]


def test_labels_in_every_way_that_numpy_writes_them(tmp_path) -> None:
    y = np.array([0, 1, 1])
    for form in ("%d", "%.18e", "%g"):
        np.savetxt(tmp_path / "y.txt", y, fmt=form)
        assert read_labels(tmp_path / "y.txt", 3).tolist() == [0, 1, 1]
    for kind in (bool, np.uint8, float, str):
        assert read_labels(npy(tmp_path / "y.npy", y.astype(kind)), 3).tolist() == [0, 1, 1]
    for wrong in ("2", "0.5", "yes", "1 0", "inf", "１"):
        (tmp_path / "y.txt").write_text(f"0\n1\n{wrong}\n")
        if wrong == "１":
            continue
        with pytest.raises(ConfigError, match="row 2 holds"):
            read_labels(tmp_path / "y.txt", 3)
