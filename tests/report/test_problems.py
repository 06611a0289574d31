"""What failed, or could not be computed at all, stands above everything else in the report."""

from dataclasses import replace

from ecglens.report import summarise
from ecglens.report.html import render_html


def test_failures_stand_above_the_findings(results, summary) -> None:
    banner = f'role="alert">{len(results.failures)} cell'
    page = render_html(summary)
    assert banner in page[: page.index("What stands out</h2>")]
    whole = render_html(summarise(replace(results, failures=results.failures.iloc[:0])))
    assert 'role="alert"' not in whole


def test_a_run_without_any_score_says_why(results) -> None:
    cells = results.probe.assign(status="cannot-fill", reason="needs 4 negatives, has 0")
    (first, *_) = summarise(replace(results, probe=cells)).problems
    assert first == "No score could be computed. The most frequent reason: needs 4 negatives, has 0"
