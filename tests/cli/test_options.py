import pytest

from ecglens.cli.options import read_options
from ecglens.errors import ConfigError


def test_values_are_read_as_yaml() -> None:
    given = ["dim=16", "trim=true", "a=2026-01-01", "pooling=[mean, max]", "weights=a=b.pt", "empty="]
    assert read_options(given) == {
        "dim": 16,
        "trim": True,
        "a": "2026-01-01",
        "pooling": ["mean", "max"],
        "weights": "a=b.pt",
        "empty": None,
    }
    assert read_options(None) == {}


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("dim", "--option 'dim': write KEY=VALUE"),
        ("a=[", "--option a:1: expected the node content"),
        ("a=!!int x", "--option a:1: 'x' cannot be read as int"),
        ("a=!!timestamp 2026-13-45", "--option a:1: the tag"),
        ("\x1b[31m=[", r"--option \\x1b\[31m:1: "),
        ("a=" + "[" * 3000, "nested more than 50 levels"),
        ("a=" + "9" * 5000, "cannot be read as int"),
    ],
)
def test_what_cannot_be_read_is_refused(pair: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_options([pair])


def test_what_the_command_line_gives_already_is_no_option() -> None:
    with pytest.raises(ConfigError, match=r"--option root: .* gives it already"):
        read_options(["fs=100", "root=/data"], taken=("reader", "root"))
