"""Signatures stand out under the name of their rule, or it is said that none was found."""

import pytest
from tests.made_up.small import summary_of

from ecglens.lenses.signatures.rules import RULES, Signature
from ecglens.lenses.signatures.sections import signature_sections
from ecglens.lenses.signatures.summary import Signatures


def section(*states: str):
    every = tuple(
        Signature(f"e{number}", "af", RULES[number % 2].name, state, f"why {number}")
        for number, state in enumerate(states)
    )
    (found,) = signature_sections(summary_of(Signatures(every)))
    return found


def test_a_rule_lists_the_encoders_that_it_was_found_in() -> None:
    found = section("found", "not found", "found", "found", "cannot be judged")
    assert [(finding.title, finding.about, finding.sentences) for finding in found.findings] == [
        (RULES[0].name, RULES[0].why, ("e0, af: why 0", "e2, af: why 2")),
        (RULES[1].name, RULES[1].why, ("e3, af: why 3",)),
    ]
    assert len(found.frames["signatures"]) == 5
    assert len(found.tables) == 3


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (("not found",), "No pattern was found."),
        (("not found", "cannot be judged"), "No pattern was found among those that could be judged."),
    ],
)
def test_without_any_it_is_said_how_many_could_be_judged(states, said) -> None:
    (finding,) = section(*states).findings
    assert (finding.about, finding.sentences) == (said, ())
