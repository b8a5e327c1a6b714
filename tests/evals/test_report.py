"""The page of a run: complete, needing nothing else, readable by all."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from vigie.evals.charts import Mark, Words, curves, intervals
from vigie.evals.record import Answered, Asked, Found, Run
from vigie.evals.report import page
from vigie.evals.results import tables
from vigie.evals.tables import Speech, markdown, text
from vigie.evals.targets import Target

MakeAsked = Callable[..., Asked]
MakeRun = Callable[..., Run]
MakeAnswered = Callable[..., Answered]

# Elements without an end tag in HTML.
VOID = {"meta"}
LOADING = {
    "script",
    "link",
    "img",
    "iframe",
    "object",
    "embed",
    "audio",
    "video",
    "source",
    "image",
}


class Reader(HTMLParser):
    """Collects elements, and checks that each is closed where it should be."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    assert not reader.open
    return reader


@pytest.fixture
def run(asked: MakeAsked, answered: MakeAnswered, make_run: MakeRun) -> Run:
    """Two systems, answers, refusals, misses, and a question that would like to be a tag."""
    theirs = Found(("good",), (), {"hit@5": 1.0, "ndcg@10": 1.0})
    ours = Found(("good",), (), {"hit@5": 1.0, "ndcg@10": 1.0})
    times = {"encode": 10.0, "search": 12.0, "hits": 13.0, "first_words": 90.0, "answer": 95.0}
    miss = asked("miss", 0.0, question="<script>alert(1)</script> où ?")
    return make_run(
        [
            asked(
                "fine",
                found={"vigie": ours, "bm25": theirs},
                answer=answered("extractive", 0.8, answered=1.0, answer_recall=1.0),
                times=times,
                cpu={"search": 0.02, "answer": 0.2},
            ),
            asked(
                "miss",
                question=miss.question,
                found=miss.found | {"bm25": theirs},
                answer=answered("abstention", 0.2, answered=0.0, false_refusals=1.0),
                times=times,
            ),
            asked(
                "far",
                relevant=(),
                distance="far",
                found={"vigie": Found(("other",), (), {})},
                answer=answered("extractive", 0.5, refused_far=0.0),
            ),
        ]
    )


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_loads_nothing(run: Run, language: str) -> None:
    html = page(run, language)
    reader = read(html)
    assert not {tag for tag, _ in reader.elements} & LOADING
    assert not re.search(r"https?://|//[a-z]+\.|@import|url\(|javascript:", html)
    for tag, attributes in reader.elements:
        assert not {"src", "srcset", "data", "action"} & attributes.keys(), tag
        assert (attributes.get("href") or "#").startswith("#")
        assert not [name for name in attributes if name.startswith("on")]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_can_be_walked_by_headings_captions_and_plot_descriptions(
    run: Run, language: str
) -> None:
    reader = read(page(run, language))
    assert reader.all("html") == [{"lang": language}]
    assert len(reader.all("h1")) == 1 and len(reader.all("h2")) >= 6
    assert len(reader.all("caption")) == len(reader.all("table")) >= 6
    assert all("scope" in attributes for attributes in reader.all("th"))
    plots = reader.all("svg")
    assert len(plots) >= 4
    assert all(plot["role"] == "img" for plot in plots)
    assert len(reader.all("desc")) == len(plots)
    ids = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = [name for plot in plots for name in (plot["aria-labelledby"] or "").split()]
    targets = [(link["href"] or "").removeprefix("#") for link in reader.all("a")]
    assert set(named + targets) <= set(ids)


def test_questions_and_passages_are_shown_as_text(run: Run) -> None:
    html = page(run, "fr")
    assert "&lt;script&gt;alert(1)" in html
    assert "Autre &lt;document&gt; (other)" in html


def test_the_worst_question_is_shown_with_what_was_found_instead(run: Run) -> None:
    html = page(run, "fr")
    missed = html[html.index('id="misses"') :]
    assert "Bon document (good)" in missed
    assert "Début du passage" in missed
    assert "BM25 français : 1" in missed


def test_a_run_without_answers_has_no_section_about_them(
    asked: MakeAsked, make_run: MakeRun
) -> None:
    html = page(make_run([asked("a")]), "fr")
    assert "section-answers" not in html and "section-abstention" not in html
    assert "section-latency" in html


def test_the_terminal_gets_the_same_numbers(run: Run) -> None:
    shown = {table.key: text(table) for table in tables(run, Speech("fr"))}
    parts = {f"{by}{table}" for by in ("set", "kind") for table in ("", "-systems", "-leads")}
    assert shown.keys() == parts | {"systems", "margins", "answers", "latency", "costs"}
    ours, theirs = shown["systems"].splitlines()[3:5]
    assert ours.startswith("Vigie") and "0,500" in ours
    assert "1,000" in theirs
    assert "−0,500 [−1,000 ; +0,000]" in shown["margins"]
    assert "dans le hasard : hit@5" in shown["margins"]
    assert "ne se distingue pas du hasard sur : BM25 français" in shown["margins"]
    assert "1,20 fois" in shown["latency"]
    assert "0,200 [0,200 ; 0,200]" in shown["costs"]


def test_a_page_says_how_its_intervals_were_drawn_and_how_many_needs_there_are(run: Run) -> None:
    html = page(run, "en")
    assert "10,000 resamples, seed 20260" in html
    assert "2 needs. ±" in html


def test_targets_have_a_section_when_there_are_some(run: Run) -> None:
    html = page(run, "en", [Target("first five", "hit@5", at_least=0.4)])
    assert 'id="section-targets"' in html and "first five" in html
    assert "section-targets" not in page(run, "en")


def test_a_table_can_be_pasted_into_a_page_of_markdown(run: Run) -> None:
    shown = {table.key: markdown(table) for table in tables(run, Speech("en"))}["systems"]
    lines = shown.splitlines()
    assert lines[0].startswith("**Retrieval")
    assert lines[3].startswith("| ---") and lines[4].startswith("| Vigie |")
    assert len({line.count("|") for line in lines[2:6]}) == 1


def test_plots_put_values_where_they_belong() -> None:
    words = Words("key", "Titre", "Description")
    plot = intervals([Mark("a < b", 0.5, 0.25, 0.75)], words, str)
    svg = ElementTree.fromstring(plot.svg)
    dot, bound = svg.find("circle"), svg.find("line[@class='bound s0']")
    assert dot is not None and bound is not None
    ends = float(bound.attrib["x1"]), float(bound.attrib["x2"])
    assert float(dot.attrib["cx"]) == pytest.approx(sum(ends) / 2)
    assert "a &lt; b" in plot.svg
    lines = ElementTree.fromstring(curves({"un": [(0, 0), (1, 1)]}, words, "axe", str, 0.5).svg)
    line = lines.find("polyline")
    assert line is not None
    (x0, y0), (x1, y1) = (map(float, point.split(",")) for point in line.attrib["points"].split())
    assert x0 < x1 and y0 > y1
