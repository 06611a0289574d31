from ecglens.errors import did_you_mean, printable


def test_nothing_that_a_terminal_obeys_is_left() -> None:
    controls = [chr(code) for code in [*range(32), *range(127, 160), 0x2028, 0x202E, 0xD800]]
    shown = printable("".join(controls), most=200)
    assert shown.isascii()
    assert shown.isprintable()
    assert printable("Größe 心電図 [/b]") == "Größe 心電図 [/b]"


def test_long_text_is_cut() -> None:
    assert printable("a" * 100_000) == "a" * 80 + "…"
    assert printable(10**100, most=5) == "10000…"


def test_the_closest_legal_word_is_proposed() -> None:
    assert did_you_mean("encoder", ["encoders", "data"]) == " Did you mean 'encoders'?"
    assert did_you_mean("x" * 100_000, ["encoders"]) == ""
    assert did_you_mean(5, ["encoders"]) == ""
