"""Hits of a question over a real index: facets applied, refused, given up, and several questions."""

from dataclasses import replace
from datetime import date

import pytest

from vigie.assistant.questions import understand
from vigie.assistant.retrieval import Retrieved, Retriever
from vigie.index.hits import Filters
from vigie.ingest.documents import Audience, Document, Kind

TODAY = date(2026, 11, 24)


def document(name: str, text: str, **more: object) -> Document:
    values = {"source": "essai", "location": name, "text": text, "title": name} | more
    return Document(**{"kind": Kind.ARTICLE, **values})  # type: ignore[arg-type]


BODY = "Les bénévoles du littoral sont {} cette saison, selon le décompte des associations."
ARTICLE = document(
    "Décompte", BODY.format("900"), publisher="La Gazette", published=date(2020, 5, 4)
)
OLD = document(
    "Bilan des bénévoles 2020",
    BODY.format("700"),
    kind=Kind.REPORT,
    publisher="Observatoire Estran",
    published=date(2021, 2, 1),
)
NEW = document(
    "Bilan des bénévoles",
    BODY.format("800"),
    kind=Kind.REPORT,
    publisher="Observatoire Estran",
    published=date(2026, 10, 1),
)
SECRET = document("Note", BODY.format("10"), audience=Audience.STAFF, publisher="Cellule Ressac")
ELSEWHERE = document("Soupe", "La soupe de poireaux demande trois pommes de terre et du sel.")
DOCUMENTS = (ARTICLE, OLD, NEW, SECRET, ELSEWHERE)


@pytest.fixture
def retriever(make_world):
    world = make_world(*DOCUMENTS)
    return Retriever(world.index, world.catalogue, lambda: TODAY)


def found(retriever: Retriever, question: str, **more: object) -> Retrieved:
    return retriever.retrieve(understand(question), Audience.PUBLIC, **more)


def titles(retrieved: Retrieved) -> list[str]:
    return [hit.title for hit in retrieved.hits]


def ids(retrieved: Retrieved) -> dict[str, str]:
    return {facet.id: facet.effect.value for facet in retrieved.facets}


def test_the_report_of_a_year_is_the_only_one_read(retriever) -> None:
    retrieved = found(retriever, "Que dit le rapport de 2020 sur les bénévoles du littoral ?")
    assert titles(retrieved) == [OLD.title]
    assert ids(retrieved) == {"kind:report": "filter", "date:2020-01-01..2020-12-31": "filter"}


def test_a_refused_facet_is_not_applied(retriever) -> None:
    question = "Que dit le rapport de 2020 sur les bénévoles du littoral ?"
    refused = frozenset({"date:2020-01-01..2020-12-31"})
    retrieved = found(retriever, question, refused=refused)
    assert set(titles(retrieved)) == {OLD.title, NEW.title}
    assert ids(retrieved) == {"kind:report": "filter"}


def test_a_filter_that_leaves_nothing_is_given_up_and_not_shown(retriever) -> None:
    retrieved = found(retriever, "Que dit le rapport de 2009 sur les bénévoles du littoral ?")
    assert "date:2009-01-01..2009-12-31" not in ids(retrieved)
    assert {OLD.title, NEW.title} <= set(titles(retrieved))


def test_a_filter_that_leaves_only_other_matters_is_given_up(make_world) -> None:
    soup = replace(ELSEWHERE, kind=Kind.REPORT, publisher="Observatoire Estran")
    world = make_world(ARTICLE, soup)
    retriever = Retriever(world.index, world.catalogue, lambda: TODAY)
    question = "Que dit l’étude d’Estran sur les bénévoles du littoral cette saison ?"
    retrieved = found(retriever, question)
    assert titles(retrieved)[0] == ARTICLE.title
    assert "filter" not in ids(retrieved).values()


def test_a_publisher_that_the_caller_may_not_see_is_no_facet(retriever) -> None:
    question = understand("Combien de bénévoles du littoral selon l’article de la Cellule Ressac ?")
    shown = retriever.retrieve(question, Audience.PUBLIC)
    assert not [facet for facet in shown.facets if facet.id.startswith("publisher:")]
    assert SECRET.title not in titles(shown)
    known = retriever.retrieve(question, Audience.STAFF)
    assert "publisher:cellule-ressac" in ids(known)
    assert SECRET.title in titles(known)


def test_the_newest_come_first_only_when_asked(retriever) -> None:
    latest = found(retriever, "Quels sont les derniers chiffres des bénévoles du littoral ?")
    assert "recent" in ids(latest)
    assert titles(latest).index(NEW.title) < titles(latest).index(OLD.title)
    assert "recent" not in ids(found(retriever, "Combien de bénévoles sur le littoral ?"))


def test_a_boost_loses_nothing(retriever) -> None:
    question = "Combien de bénévoles sur le littoral selon l’Observatoire Estran ?"
    plain = found(retriever, question, refused=frozenset({"publisher:observatoire-estran"}))
    raised = found(retriever, question)
    assert ids(raised) == {"publisher:observatoire-estran": "boost"}
    assert set(titles(raised)) == set(titles(plain))
    assert titles(raised)[0] in (OLD.title, NEW.title)


def test_the_filters_of_the_caller_have_the_last_word(retriever) -> None:
    question = "Que dit le rapport de 2020 sur les bénévoles du littoral ?"
    retrieved = found(retriever, question, filters=Filters(kinds=(Kind.ARTICLE,)))
    assert all(hit.kind is Kind.ARTICLE for hit in retrieved.hits)
    assert "kind:report" not in ids(retrieved)


def test_both_questions_of_a_message_are_searched(retriever) -> None:
    question = understand(
        "Combien de bénévoles sur le littoral ? Comment fait-on la soupe de poireaux ?"
    )
    assert len(question.questions) == 2
    retrieved = retriever.retrieve(question, Audience.PUBLIC, limit=4)
    assert ELSEWHERE.title in titles(retrieved)[:2]
    assert {OLD.title, NEW.title, ARTICLE.title} & set(titles(retrieved)[:2])
    assert len({hit.chunk_id for hit in retrieved.hits}) == len(retrieved.hits)
