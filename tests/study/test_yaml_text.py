"""Whatever a text holds, it is read or refused with its line, and soon."""

import time

import pytest

from ecglens.errors import ConfigError
from ecglens.study.yaml_text import MOST_LEVELS, MOST_VALUES, parse_yaml, read_yaml


def doubled(levels: int, times: int) -> str:
    """Anchors whose expansion holds ``times ** levels`` values."""
    first = "a0: &a0 [x, x]\n"
    return first + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * times)}]\n" for n in range(1, levels))


def test_plain_values() -> None:
    text = "a: [1, 0x10, 1.5, .inf, yes, null, x]\nb: {c: 2026-01-01}\nbase: &base {d: 1}\nmore: {<<: *base, e: 2}\n"
    assert parse_yaml(text, "here").data == {
        "a": [1, 16, 1.5, float("inf"), True, None, "x"],
        "b": {"c": "2026-01-01"},
        "base": {"d": 1},
        "more": {"d": 1, "e": 2},
    }
    assert parse_yaml("", "here").data is None


def test_every_value_has_its_line() -> None:
    read = parse_yaml("a:\n  - x\n  - {b: 1,\n     c: 2}\n", "here")
    assert read.line(("a",)) == 1
    assert read.line(("a", 0)) == 2
    assert read.line(("a", 1, "c")) == 4
    assert read.line(("a", 1, "nowhere", 3)) == 3
    assert read.line(("nowhere",)) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nx: !!int abc", "here:2: 'abc' cannot be read as int"),
        ("x: !!float abc", "'abc' cannot be read as float"),
        ("x: !!bool perhaps", "'perhaps' cannot be read as bool"),
        ("x: !!int [1]", "here:1: expected a scalar node"),
        ("x: 0x_", "'0x_' cannot be read as int"),
        ("x: " + "9" * 5000, "here:1: '9{80}…' cannot be read as int"),
        ("x: !!timestamp 2026-13-45", "here:1: the tag '.*' has no meaning here"),
        ("x: !!binary '*'", "the tag '.*' has no meaning here"),
        ("x: !!python/name:os.system", "the tag '.*' has no meaning here"),
        ("x: " + "[" * 3000 + "]" * 3000, f"nested more than {MOST_LEVELS} levels"),
        ("x: " + "{a: " * 2000 + "1" + "}" * 2000, f"nested more than {MOST_LEVELS} levels"),
        ("a: 1\nx: a\0b", "here:2: the character 0x0 is not allowed here"),
        ('x: "\\ud800"', "cannot be read as str"),
        ("a: 1\n? [a, b]\n: c", "here:2: a list or mapping cannot be the name"),
        ("a: 1\na: 2", "here:2: 'a' is given twice"),
        ("&a [*a]", "here:1: this alias is inside its own anchor"),
        ("a: 1\nb: *nothing", "here:2: found undefined alias"),
        (doubled(9, 9), f"more than {MOST_VALUES:,} values"),
        (doubled(30, 2), f"more than {MOST_VALUES:,} values"),
        (doubled(100, 1), f"nested more than {MOST_LEVELS} levels"),
        ("x: [" + "a, " * 20_000 + "]", f"more than {MOST_VALUES:,} values"),
        ("x: " + "a" * 300_000, "longer than 200,000 characters"),
        ("a: 1\n---\nb: 2", "here:2: but found another document"),
        ("<<: 5", "expected a mapping or list of mappings"),
        ("name: [", "here:1: "),
    ],
)
def test_what_cannot_be_read_is_refused_soon_with_its_line(text: str, message: str) -> None:
    begun = time.process_time()
    with pytest.raises(ConfigError, match=message) as caught:
        parse_yaml(text, "here")
    assert time.process_time() - begun < 1
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("name", ["no-such.yaml", ".", "a\0b", "a" * 300])
def test_what_is_no_file_is_named(tmp_path, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot read the study file"):
        read_yaml(tmp_path / name)


def test_bytes_that_are_not_utf_8_are_refused(tmp_path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"name: \xff")
    with pytest.raises(ConfigError, match="utf-8"):
        read_yaml(tmp_path / "a.yaml")
    (tmp_path / "b.yaml").write_bytes(b"\xef\xbb\xbfname: x")
    assert read_yaml(tmp_path / "b.yaml").data == {"name": "x"}
