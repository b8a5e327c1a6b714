"""One answer against its gold."""

from datetime import date

import pytest

from vigie.assistant.answers import Answer, Citation, Confidence, Method, Statement
from vigie.evals.dataset import Item, Span
from vigie.evals.judging import judged_answer, judged_failure, judged_passages
from vigie.evals.systems import Passage
from vigie.ingest.documents import Kind

ITEM = Item(
    id="q",
    question="Combien ?",
    relevant=frozenset({"doc"}),
    answers=("418",),
    spans=(Span("doc", "le fonds avait aidé 418 associations"),),
)
REFUSED = Item(id="r", question="Où ?", relevant=frozenset(), distance="near")


def answer(text: str, quote: str, method: Method = Method.EXTRACTIVE) -> Answer:
    citation = Citation(
        number=1,
        document_id="id",
        chunk_id="chunk",
        start=0,
        end=len(quote),
        quote=quote,
        title="Bilan",
        kind=Kind.REPORT,
        publisher=None,
        published=date(2022, 12, 31),
        modified=None,
        place=None,
        heading_path=(),
        url=None,
    )
    said = method is not Method.ABSTENTION
    return Answer(
        question="Combien ?",
        language="fr",
        method=method,
        text=text,
        statements=(Statement(text, (1,)),) if said else (),
        citations=(citation,) if said else (),
        consulted=(),
        confidence=Confidence.HIGH,
        notice="",
        seconds=0.1,
    )


def test_a_right_answer_gets_full_marks() -> None:
    quote = "Fin 2022, le fonds avait aidé 418 associations."
    assert judged_answer(ITEM, answer(quote, quote), ["doc"], [True]) == {
        "failed": 0,
        "citation_exactness": 1,
        "statements": 1,
        "statements_cited": 1,
        "false_refusals": 0,
        "answered": 1,
        "answer_recall": 1,
        "span_recall": 1,
        "citation_precision": 1,
    }


def test_an_answer_from_elsewhere_loses_its_marks() -> None:
    found = judged_answer(ITEM, answer("Il y en a 12.", "Il y en a 12."), ["else"], [False])
    assert found["answer_recall"] == found["span_recall"] == 0
    assert found["citation_precision"] == found["citation_exactness"] == 0


def test_a_refusal_that_names_the_answer_holds_none() -> None:
    said = answer("Rien sur 418.", "", Method.ABSTENTION)
    found = judged_answer(ITEM, said, [], [])
    assert (found["answered"], found["false_refusals"], found["answer_recall"]) == (0, 1, 0)
    assert "citation_precision" not in found
    assert judged_answer(REFUSED, said, [], [])["refused_near"] == 1


def test_an_error_is_neither_an_answer_nor_a_right_refusal() -> None:
    assert judged_failure(REFUSED) == {"failed": 1, "refused_near": 0}
    found = judged_failure(ITEM)
    assert (found["failed"], found["answered"], found["span_recall"]) == (1, 0, 0)


@pytest.mark.parametrize(("place", "held"), [(4, 1.0), (5, 0.0)])
def test_the_answer_is_in_reach_within_five_passages(place: int, held: float) -> None:
    passages = [Passage("other", "Rien ici.")] * 7
    passages[place] = Passage("doc", "En tout, 418 associations.")
    assert judged_passages(ITEM, passages) == {"passage@5": held}
    assert judged_passages(REFUSED, passages) == {}
