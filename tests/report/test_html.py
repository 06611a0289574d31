"""The page is self-contained, balanced, and shows text as text."""

import re
from html.parser import HTMLParser

import matplotlib as mpl
import pandas as pd
import pytest
from tests.made_up.engine import HOSTILE, engine_summary

from ecglens.report import write_report
from ecglens.report.html import LISTED_DEFECTS, render_html

VOID = {"meta", "img", "br", "hr", "link", "input"}
FAILED = [("probe", "conv__here", "Traceback\n  File x\nValueError: no <beats> found\x1b]0;T\x07")]
DEFECTS = [("here", HOSTILE, "truncated", f"file & {HOSTILE}", "")] + [
    ("here", f"r{number}", "nan", "lead V1", "conv") for number in range(LISTED_DEFECTS)
]
CHANGES = {
    "failures": pd.DataFrame(FAILED, columns=["stage", "cell", "error"]),
    "defects": pd.DataFrame(
        [*DEFECTS, ("there", "r7", "nan", "", "")], columns=["dataset", "record_id", "reason", "detail", "encoder"]
    ),
    "provenance": {"encoders": {"conv": {"recipe": "ZScore(over='lead')"}}, "study": "0a1b"},
}


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
def text() -> str:
    return render_html(engine_summary({"name": "A small <study>"}, **CHANGES))


@pytest.fixture(scope="module")
def page(text) -> Page:
    return Page(text)


def shown(page: Page) -> str:
    return " ".join("".join(page.text).split())


def test_the_page_needs_nothing_but_itself(text, page) -> None:
    sources = [value for name, value in page.attributes if name in {"src", "href", "srcset", "action", "data"}]
    assert page.tags.count("img") == 1
    assert all(value.startswith(("#", "data:image/")) for value in sources)
    assert not {"script", "link", "iframe", "object", "form"} & set(page.tags)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL).group(1)
    assert not {"url(", "@import", "&"} & {sign for sign in ("url(", "@import", "&") if sign in style}


def test_every_section_is_in_the_contents(page) -> None:
    targets = [value for name, value in page.attributes if name == "id"]
    links = [value for name, value in page.attributes if name == "href"]
    assert [link.removeprefix("#") for link in links] == targets
    assert targets == ["findings", "numbers", "left-out", "notes", "provenance"]


def test_text_from_files_is_text(text, page) -> None:
    assert "<script" not in text
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in text
    assert "\x1b" not in text
    for expected in (HOSTILE, "A small <study>", "A note & a sign.", "ValueError: no <beats> found\\x1b]0;T\\x07"):
        assert expected in shown(page)


def test_what_was_left_out_is_listed_up_to_a_limit_and_always_counted(text) -> None:
    assert f"here: {LISTED_DEFECTS + 1} records left out, the first {LISTED_DEFECTS} listed" in text
    assert f">r{LISTED_DEFECTS - 2}<" in text
    assert f">r{LISTED_DEFECTS - 1}<" not in text
    assert "there: 1 record left out<" in text
    assert ">every encoder<" in text
    assert ">conv</td>" in text


def test_problems_stand_above_everything(text) -> None:
    first = text[: text.index("<main>")]
    assert first.count('role="alert"') == 2
    assert "1 cell or probe failed" in first
    assert "Nothing worked." in first


def test_tables_for_a_closer_look_are_folded_and_empty_ones_left_out(text) -> None:
    open_parts = re.sub(r"<details.*?</details>", "", text, flags=re.DOTALL)
    assert "<strong>Numbers.</strong>" in open_parts
    assert "Closer look" not in open_parts
    assert "Said above" not in open_parts
    assert "<summary>Closer look</summary>" in text
    assert "Nothing.</strong>" not in text


def test_marks_notes_and_legends_are_shown(text) -> None:
    assert '<td class="strong">0.70 [0.60, 0.80]</td>' in text
    assert '<td class="quiet">cannot fill<sup>b</sup></td>' in text
    assert "<li><sup>b</sup> needs 500 positives, has 301</li>" in text
    assert "<b>value</b>: 2 TP &amp; more" in text


def test_findings_figures_and_provenance_are_shown(page) -> None:
    for expected in ("Found?", "What was asked.", "conv: yes.", "From 0 to 1.", "ZScore(over='lead')", "0a1b"):
        assert expected in shown(page)


def test_simulated_records_have_a_banner() -> None:
    assert "say nothing about patients" not in render_html(engine_summary()).split("<main>")[0]
    study = {"datasets": [{"name": "simulated-chn"}, {"name": "here"}]}
    banner = " ".join(render_html(engine_summary(study)).split("<main>")[0].split())
    assert "Some records are simulated: simulated-chn." in banner


def test_an_old_report_is_replaced_whole(tmp_path) -> None:
    path = tmp_path / "new folder" / "report.html"
    for name in ("One study", "Another study"):
        written = write_report(engine_summary({"name": name}).results, path)
        assert written == path
        assert name in path.read_text(encoding="utf-8")
    assert "One study" not in path.read_text(encoding="utf-8")
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]


def test_drawing_leaves_the_settings_of_matplotlib_alone() -> None:
    before = dict(mpl.rcParams)
    render_html(engine_summary())
    assert dict(mpl.rcParams) == before
