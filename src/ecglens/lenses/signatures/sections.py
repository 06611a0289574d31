"""Sections of the signatures lens in the report."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd

from ecglens.lenses.signatures.rules import FOUND, RULES, UNKNOWN
from ecglens.lenses.signatures.summary import Signatures
from ecglens.lenses.signatures.tables import signature_tables
from ecglens.report.section import Finding, Section, highlights
from ecglens.report.summary import Summary


def signature_sections(summary: Summary) -> list[Section]:
    """Signatures among the highlights."""
    every = summary.of(Signatures).every
    found = {
        rule: [
            f"{each.encoder}, {each.task}: {each.sentence}"
            for each in every
            if (each.rule, each.state) == (rule.name, FOUND)
        ]
        for rule in RULES
    }
    findings = [Finding(rule.name, rule.why, tuple(sentences)) for rule, sentences in found.items() if sentences]
    if not findings:
        judged = " among those that could be judged" if UNKNOWN in {each.state for each in every} else ""
        findings = [Finding("Signatures", f"No pattern was found{judged}.", ())]
    return [
        highlights(
            tables=tuple(signature_tables(summary)),
            findings=tuple(findings),
            frames={"signatures": pd.DataFrame([asdict(signature) for signature in every])},
        )
    ]
