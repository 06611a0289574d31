import re
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest

from ecglens.report import summarise, write_report
from ecglens.report.html import LISTED_DEFECTS, render_html

VOID = {"meta", "img", "br", "hr", "link", "input"}


class Page(HTMLParser):
    """Collects what a browser would see: balanced tags, attributes, ids, text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def text(summary) -> str:
    return render_html(summary)


@pytest.fixture(scope="module")
def page(text) -> Page:
    return Page(text)


def test_the_page_needs_nothing_but_itself(text, page) -> None:
    sources = [value for name, value in page.attributes if name in {"src", "href", "srcset", "action", "data"}]
    assert sources
    assert all(value.startswith(("#", "data:image/")) for value in sources)
    assert not {"script", "link", "iframe", "object", "form"} & set(page.tags)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL).group(1)
    assert "url(" not in style
    assert "@import" not in style
    assert "&" not in style


def test_every_link_of_the_contents_has_its_target(page) -> None:
    targets = {value for name, value in page.attributes if name == "id"}
    links = [value for name, value in page.attributes if name == "href"]
    assert len(links) == 8
    assert {link.removeprefix("#") for link in links} == targets


def test_text_from_files_is_text(text, page) -> None:
    assert "<script" not in text
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in text
    shown = "".join(page.text)
    assert "<script>alert('x')</script>" in shown
    assert "A small <study>" in shown
    assert "A note & a sign." in shown
    assert "ValueError: no <beats> found" in shown


def test_what_was_left_out_is_listed_up_to_a_limit_and_always_counted(text) -> None:
    assert f"simulated-ptb-xl: 251 records left out, the first {LISTED_DEFECTS} listed" in text
    assert ">r198<" in text
    assert ">r199<" not in text
    assert "simulated-chn: 1 record left out<"


def test_the_page_says_what_it_has_to_say(page) -> None:
    shown = " ".join("".join(page.text).split())
    for expected in (
        "Numbers on simulated records say nothing about patients.",
        "follows the source label kNN",
        "could show a label kNN of",
        "a draw of 1000 records (equal) needs 500 positives, has 301. Use a smaller size.",
        "of 3 features is all of them",
        "geometry failed: ValueError: all rows are equal",
        "Resample(fs=100) -> ZScore(over='lead')",
        "A code counts where it is present, whatever its likelihood",
        "0a1b",
    ):
        assert expected in shown
    assert page.tags.count("img") == 19


def test_notes_of_real_data_sets_are_shown(results) -> None:
    facts = results.records["simulated-chn"]
    study = dict(results.study) | {"datasets": [{"name": "chn"}]}
    records = {"chn": facts | {"summary": facts["summary"] | {"simulated": False}}}
    shown = render_html(
        summarise(replace(results, study=study, records=records, projection=results.projection.iloc[:0]))
    )
    assert "A trap of the real files." in shown
    assert "no code for atrial fibrillation at all" in shown
    assert "simulated" not in shown.split("<main>")[0]


def test_a_run_that_has_not_begun_has_a_report(results, tmp_path) -> None:
    empty = {name: getattr(results, name).iloc[:0] for name in
             ("defects", "samples", "joint_samples", "probe", "comparison", "attribution", "overlap", "geometry", "projection",
              "failures")}  # fmt: skip
    path = write_report(replace(results, records={}, **empty), tmp_path / "report.html")
    text = path.read_text(encoding="utf-8")
    Page(text)
    assert "not computed" in text
    assert "No further pattern was found among those that could be judged." in text


def test_a_traceback_holds_nothing_that_a_terminal_would_obey(results) -> None:
    error = "Traceback\n  File x\nRuntimeError: \x1b]0;T\x07gone"
    failures = pd.DataFrame([("embed", "x", error)], columns=["stage", "cell", "error"])
    text = render_html(summarise(replace(results, failures=failures)))
    assert "\x1b" not in text
    assert "Traceback\n  File x\nRuntimeError: \\x1b]0;T\\x07gone" in text


def test_an_old_report_is_replaced_whole(results, tmp_path) -> None:
    path = tmp_path / "new folder" / "report.html"
    write_report(results, path)
    first = path.read_bytes()
    failures = pd.DataFrame([("embed", "x", "OSError: gone")], columns=["stage", "cell", "error"])
    write_report(replace(results, failures=failures), path)
    assert path.read_bytes() != first
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]
