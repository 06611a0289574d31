"""The report: results as plain data first, then terminal tables, CSV, Markdown, LaTeX, figures and one HTML file."""

from ecglens.report.formats import print_tables, render
from ecglens.report.html import write_report
from ecglens.report.summary import Summary, summarise

__all__ = ["Summary", "print_tables", "render", "summarise", "write_report"]
