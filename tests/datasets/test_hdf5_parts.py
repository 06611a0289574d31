"""Parts of CODE-15% with every damage and trick: one bad part loses its own exams only, and reads no other file."""

import csv
import fcntl
import os

import h5py
import numpy as np
import pytest

from ecglens.datasets.code15 import Code15
from ecglens.records import Defect

FLAGS = ("1dAVb", "RBBB", "LBBB", "SB", "ST", "AF")
IDS = np.array([11, 12, 0])


def noise(seed):
    return np.random.default_rng(seed).normal(0, 1, (3, 400, 12)).astype(np.float32)


def write_part(path, exam_ids, tracings):
    with h5py.File(path, "w") as file:
        file["exam_id"], file["tracings"] = exam_ids, tracings


@pytest.fixture
def root(tmp_path):
    """Two parts of two exams; `bad.hdf5` is to be spoilt. A file outside of the root holds the same exams."""
    folder = tmp_path / "root"
    folder.mkdir()
    with (folder / "exams.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["exam_id", "age", "is_male", *FLAGS, "patient_id", "trace_file"])
        for exam, part in ((11, "bad"), (12, "bad"), (21, "good"), (22, "good")):
            writer.writerow([exam, 50, True, *[False] * 6, exam, f"{part}.hdf5"])
    write_part(folder / "good.hdf5", np.array([21, 22, 0]), noise(2))
    write_part(folder / "bad.hdf5", IDS, noise(1))
    write_part(tmp_path / "outside.hdf5", IDS, noise(1))
    noise(1).tofile(tmp_path / "outside.dat")
    return folder


def outcome(root):
    """By exam: the reason why it is left out, or "read"."""
    dataset = Code15(root)
    index = dataset.index()
    found = {defect.record_id: defect.reason for defect in index.defects}
    for exam, signal in zip(index.records.index, dataset.read(list(index.records.index)), strict=True):
        found[exam] = signal.reason if isinstance(signal, Defect) else "read"
    return found


def test_the_fixture_is_readable(root):
    assert outcome(root) == dict.fromkeys(("11", "12", "21", "22"), "read")


def elsewhere(kind):
    def write(file, folder):
        name = "exam_id" if kind.startswith("ids") else "tracings"
        shape, dtype = ((3,), "i8") if name == "exam_id" else ((3, 400, 12), "f4")
        outside = folder.parent / "outside.hdf5"
        if kind.endswith("link"):
            file[name] = h5py.ExternalLink(str(outside), f"/{name}")
        elif kind.endswith("virtual"):
            layout = h5py.VirtualLayout(shape=shape, dtype=dtype)
            layout[...] = h5py.VirtualSource(str(outside), name, shape=shape)
            file.create_virtual_dataset(name, layout)
        elif kind.endswith("group"):
            file["other"] = h5py.ExternalLink(str(outside), "/")
            file[name] = h5py.SoftLink(f"/other/{name}")
        else:
            storage = [(str(folder.parent / "outside.dat"), 0, h5py.h5f.UNLIMITED)]
            file.create_dataset(name, shape, dtype=dtype, external=storage)

    return write


def member(name, make):
    return lambda file, folder: make(file, name)


def promise(shape, chunks):
    return lambda file, folder: file.create_dataset("tracings", shape, "f4", chunks=chunks)


TRICKS = {
    **{kind: elsewhere(kind) for kind in ("link", "virtual", "group", "storage")},
    **{kind: elsewhere(kind) for kind in ("ids link", "ids virtual", "ids storage")},
    "soft link to itself": member("tracings", lambda file, name: file.update({name: h5py.SoftLink("/tracings")})),
    "soft link to nothing": member("exam_id", lambda file, name: file.update({name: h5py.SoftLink("/nowhere")})),
    "group": member("tracings", lambda file, name: file.create_group(name)),
    "ids group": member("exam_id", lambda file, name: file.create_group(name)),
    "ids named type": member("exam_id", lambda file, name: file.update({name: np.dtype("i8")})),
    "ids scalar": member("exam_id", lambda file, name: file.update({name: 11})),
    "ids text": member("exam_id", lambda file, name: file.update({name: ["11", "12", "0"]})),
    "ids complex": member("exam_id", lambda file, name: file.update({name: IDS.astype(complex)})),
    "ids 2^31": member("exam_id", lambda file, name: file.create_dataset(name, (2**31,), "i8", chunks=(10**6,))),
    "scalar": member("tracings", lambda file, name: file.update({name: 1.0})),
    "null": member("tracings", lambda file, name: file.update({name: h5py.Empty("f4")})),
    "two axes": member("tracings", lambda file, name: file.update({name: noise(1)[0]})),
    "complex": member("tracings", lambda file, name: file.update({name: noise(1).astype(complex)})),
    "compound": member("tracings", lambda file, name: file.create_dataset(name, (3, 400, 12), [("a", "f4")])),
    "text": member("tracings", lambda file, name: file.create_dataset(name, (3, 400, 12), h5py.string_dtype())),
    "9 GiB exams": promise((3, 2 * 10**8, 12), (1, 10**5, 12)),
    "9 GiB chunks": promise((60_000, 400, 12), (60_000, 400, 12)),
    "no tracings": member("tracings", lambda file, name: None),
    "no ids": member("exam_id", lambda file, name: None),
}  # fmt: skip


@pytest.mark.parametrize("trick", TRICKS)
def test_tricks_lose_their_own_part_only(root, trick):
    with h5py.File(root / "bad.hdf5", "w") as file:
        TRICKS[trick](file, root)
        for name, values in (("exam_id", IDS), ("tracings", noise(1))):
            if file.get(name, getlink=True) is None and trick not in ("no ids", "no tracings"):
                file[name] = values
    found = outcome(root)
    assert (found["21"], found["22"]) == ("read", "read")
    assert {found["11"], found["12"]} == {"unreadable"}


@pytest.mark.parametrize("content", [b"", b"no HDF5", b"\x89HDF\r\n\x1a\n" + bytes(100)])
def test_what_is_no_hdf5(root, content):
    (root / "bad.hdf5").write_bytes(content)
    assert outcome(root) == {"11": "unreadable", "12": "unreadable", "21": "read", "22": "read"}


def test_a_part_cut_short_and_a_folder_in_its_place(root):
    path = root / "bad.hdf5"
    path.write_bytes(path.read_bytes()[:-3000])
    assert set(outcome(root).values()) == {"unreadable", "read"}
    path.unlink()
    path.mkdir()
    assert set(outcome(root).values()) == {"unreadable", "read"}


def test_a_locked_part_is_a_read_error_and_readable_afterwards(root):
    with (root / "bad.hdf5").open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert outcome(root) == {"11": "read-error", "12": "read-error", "21": "read", "22": "read"}
        late = Code15(root).read(["11", "21", "99"])
        assert [getattr(found, "reason", "read") for found in late] == ["read-error", "read", "missing-file"]
    assert set(outcome(root).values()) == {"read"}


@pytest.mark.parametrize("kind", ["i4", "u8", "f8", ">i4"])
def test_ids_of_other_types_are_the_same_exams(root, kind):
    write_part(root / "bad.hdf5", IDS.astype(kind), noise(1))
    assert set(outcome(root).values()) == {"read"}


@pytest.mark.parametrize("kind", ["f8", "f2", ">f4", "i2"])
def test_values_of_other_types_are_the_same_numbers(root, kind):
    stored = (noise(1) * 4).round().astype(kind)
    write_part(root / "bad.hdf5", IDS, stored)
    np.testing.assert_array_equal(Code15(root).read(["11"])[0], stored[0].T.astype(np.float32) / 2)


def test_long_ids_stay_apart(root):
    ids = [9007199254740992 + number for number in range(4)]
    text = (root / "exams.csv").read_text()
    for exam, new in zip((11, 12, 21, 22), ids, strict=True):
        text = text.replace(f"{exam},50", f"{new},50").replace(f",{exam},", f",{new},")
    (root / "exams.csv").write_text(text)
    write_part(root / "bad.hdf5", np.array(ids[:2]), noise(1)[:2])
    write_part(root / "good.hdf5", np.array(ids[2:]), noise(2)[:2])
    records = Code15(root).index().records
    assert records.index.tolist() == records["patient_id"].tolist() == [str(number) for number in ids]
    assert set(outcome(root).values()) == {"read"}


def test_zeros_at_one_end_only_are_padding_too(root):
    stored = noise(1)
    stored[0, 300:] = 0
    stored[1, :50] = 0
    write_part(root / "bad.hdf5", IDS, stored)
    late, early = Code15(root).read(["11", "12"])
    np.testing.assert_array_equal(late, stored[0, :300].T / 2)
    np.testing.assert_array_equal(early, stored[1, 50:].T / 2)


def test_names_of_parts_that_are_not_utf8_disturb_nothing(root):
    write_part(root / os.fsdecode(b"copy of good \xb8\xb1.hdf5"), IDS, noise(1))
    (root / os.fsdecode(b"\xff.hdf5")).write_bytes(b"no HDF5")
    assert outcome(root) == dict.fromkeys(("11", "12", "21", "22"), "read")
