"""Tables of signatures: findings and definitions."""

from __future__ import annotations

from ecglens.lenses.signatures.rules import FOUND, RULES, UNKNOWN, Rule
from ecglens.lenses.signatures.summary import Signatures
from ecglens.lenses.thresholds import Thresholds
from ecglens.report.summary import Summary
from ecglens.report.table import Cell, Table, texts


def signature_tables(summary: Summary) -> list[Table]:
    """Tables of found signatures, undecided ones, and definitions."""
    caption = "Patterns with thresholds, which are conventions and not tests."
    found = _with_state(summary, FOUND, "Signatures", caption, details=False)
    unknown = _with_state(summary, UNKNOWN, "Signatures that cannot be judged", "", details=True)
    return [found, unknown, _rules(summary)]


def _with_state(summary: Summary, state: str, title: str, caption: str, *, details: bool) -> Table:
    chosen = [
        texts(each.encoder, each.task, Cell(each.rule, strong=state == FOUND), each.sentence)
        for each in summary.of(Signatures).every
        if each.state == state
    ]
    columns = ("encoder", "task", "signature", "finding")
    return Table(title, columns, tuple(chosen), caption, n_names=4, details=details, folded=True)


def _rules(summary: Summary) -> Table:
    found = [
        texts(rule.name, _conditions(rule, summary.settings("thresholds", Thresholds)), rule.why) for rule in RULES
    ]
    caption = "A study can set every threshold. kNN is computed at equal class and data set counts."
    columns = ("signature", "conditions", "meaning")
    return Table("Definitions of signatures", columns, tuple(found), caption, n_names=3, details=True)


def _conditions(rule: Rule, thresholds: Thresholds) -> Cell:
    """Conditions, with the reasons of their thresholds as notes."""
    limits = dict.fromkeys(limit for _, _, limit in rule.conditions)
    notes = [f"{getattr(thresholds, limit):g}: {_reason(thresholds, limit)}" for limit in limits]
    return Cell(rule.describe(thresholds), tuple(notes))


def _reason(thresholds: Thresholds, limit: str) -> str:
    field = Thresholds.model_fields[limit]
    changed = getattr(thresholds, limit) != field.default
    return f"set by the study instead of {field.default:g}" if changed else str(field.description)
