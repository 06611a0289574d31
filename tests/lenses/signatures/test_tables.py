"""Tables of signatures: where they were found, and how they are defined."""

from tests.made_up.small import small_results, summary_of, texts_of

from ecglens.lenses.signatures.rules import RULES, Signature
from ecglens.lenses.signatures.summary import Signatures
from ecglens.lenses.signatures.tables import signature_tables
from ecglens.report.table import Table

EVERY = tuple(
    Signature(encoder, "af", RULES[0].name, state, sentence)
    for encoder, state, sentence in (
        ("conv", "found", "because"), ("features", "cannot be judged", "not known"), ("age-sex", "not found", ""),
    )
)  # fmt: skip


def tables(**thresholds: float) -> list[Table]:
    return signature_tables(summary_of(Signatures(EVERY), results=small_results({"thresholds": thresholds})))


def test_what_was_found_is_marked_and_what_cannot_be_judged_is_for_a_closer_look() -> None:
    found, unknown, _ = tables()
    assert texts_of(found) == [["conv", "af", RULES[0].name, "because"]]
    assert texts_of(unknown) == [["features", "af", RULES[0].name, "not known"]]
    assert (found.rows[0][2].strong, unknown.rows[0][2].strong) == (True, False)
    assert (found.details, unknown.details, found.folded) == (False, True, True)


def test_every_rule_is_defined_with_the_reason_of_each_threshold() -> None:
    *_, rules = tables()
    assert [row[0] for row in texts_of(rules)] == [rule.name for rule in RULES]
    assert texts_of(rules)[2][1] == ("F1 above shuffled labels ≥ 0.15 and corrected feature overlap < 0.25")
    assert "0.15: Gain in F1 over shuffled labels that counts as fair." in rules.rows[2][1].notes


def test_a_threshold_of_the_study_says_so() -> None:
    *_, rules = tables(label_high=0.7)
    assert "upper end of its interval < 0.7" in texts_of(rules)[0][1]
    assert "0.7: set by the study instead of 0.4" in rules.rows[0][1].notes
