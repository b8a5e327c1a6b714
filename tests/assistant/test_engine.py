"""The path from a question to an answer, over a real index."""

from collections.abc import AsyncGenerator, Sequence
from datetime import date

import pytest

from vigie.assistant.answers import Confidence, Delta, Done, Failed, Found, Method, Searching
from vigie.assistant.conversations import Turn
from vigie.assistant.questions import QUESTION_LIMIT, Question
from vigie.assistant.retrieval import Retrieved
from vigie.assistant.support.check import Passage, Supported
from vigie.index.hits import Filters, Hit
from vigie.ingest.documents import Audience, Document, Kind, Programme
from vigie.ingest.errors import Unavailable


def article(name: str, text: str, **more: object) -> Document:
    values = {"source": "essai", "location": name, "text": text, "title": name} | more
    return Document(**{"kind": Kind.ARTICLE, **values})  # type: ignore[arg-type]


NETWORK = article(
    "Le Réseau Alvéole",
    "Le Réseau Alvéole est un réseau d’associations créé en 2009 à Lille. "
    "Sa présidente est Hélène Marchadier. Il compte 214 membres au 1er janvier 2025.\n\n"
    "Le réseau organise chaque année des webinaires gratuits.",
    published=date(2025, 2, 1),
)
RECIPE = article("La soupe", "La soupe de poireaux se prépare avec trois pommes de terre.")
SECRET = article(
    "Note interne",
    "Le projet Ruche prévoit la fusion du Réseau Alvéole avec une fédération voisine.",
    audience=Audience.STAFF,
    kind=Kind.NOTE,
)


def test_events_come_in_order_and_the_answer_is_cited(make_world):
    events = make_world(NETWORK, RECIPE).events("Combien de membres compte le Réseau Alvéole ?")
    kinds = [type(event) for event in events]
    assert kinds[:2] == [Searching, Found]
    assert kinds[-1] is Done
    assert set(kinds[2:-1]) == {Delta}


def test_the_answer_is_the_sentence_with_its_marker(make_world):
    answer = make_world(NETWORK, RECIPE).ask("Combien de membres compte le Réseau Alvéole ?")
    assert answer.method is Method.EXTRACTIVE
    assert "Il compte 214 membres au 1er janvier 2025. [1]" in answer.text
    assert answer.citations[0].title == "Le Réseau Alvéole"
    assert answer.seconds > 0


def test_a_question_without_source_is_declined_with_leads(make_world):
    answer = make_world(NETWORK, RECIPE).ask("Quelle est la hauteur du mont Blanc ?")
    assert answer.abstained
    assert answer.statements == ()
    assert answer.citations == ()
    assert answer.confidence is Confidence.LOW
    assert "hauteur du mont Blanc" in answer.text


def test_an_abstention_speaks_the_language_of_the_question(make_world):
    answer = make_world(NETWORK).ask("What is the height of Mount Everest?")
    assert answer.abstained
    assert answer.language == "en"
    assert answer.text.startswith("I found no reliable answer")


def test_a_hidden_document_neither_answers_nor_serves_as_a_lead(make_world):
    world = make_world(NETWORK, RECIPE, SECRET)
    seen = world.ask("Que prévoit le projet Ruche ?", Audience.STAFF)
    assert "fusion" in seen.text
    hidden = world.ask("Que prévoit le projet Ruche ?")
    assert hidden.abstained
    assert SECRET.id not in {hit.document_id for hit in hidden.consulted}


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", "question_empty"), (" ?! ", "question_empty"), ("a" * 2001, "question_too_long")],
    ids=["empty", "punctuation", "too long"],
)
def test_bad_input_is_a_failed_event(make_world, typed, code):
    (event,) = make_world(NETWORK).events(typed)
    assert isinstance(event, Failed)
    assert event.code == code


def test_the_longest_question_is_taken(make_world):
    events = make_world(NETWORK).events(("mot " * QUESTION_LIMIT)[: QUESTION_LIMIT - 1])
    assert isinstance(events[-1], Done)


def test_a_follow_up_keeps_the_subject(make_world):
    conversation = [Turn("Qui est la présidente du Réseau Alvéole ?", "Hélène Marchadier.")]
    answer = make_world(NETWORK, RECIPE).ask("Et combien de membres ?", conversation=conversation)
    assert "214 membres" in answer.text
    assert answer.question == "Et combien de membres ?"


def test_abstention_survives_follow_ups(make_world):
    world = make_world(NETWORK, RECIPE)
    first = world.ask("Qui est la présidente du Réseau Alvéole ?")
    conversation = [Turn("Qui est la présidente du Réseau Alvéole ?", first.text)]
    assert world.ask("Et son salaire mensuel ?", conversation=conversation).abstained


def test_filters_set_by_the_user_narrow_the_search(make_world):
    world = make_world(NETWORK, RECIPE)
    reports = Filters(kinds=(Kind.REPORT,))
    assert world.ask("Combien de membres compte le Réseau Alvéole ?", filters=reports).abstained


def test_a_programme_question_lists_records_and_counts_them(make_world):
    answer = make_world(*PROGRAMMES).ask("Quels programmes sont ouverts en Bretagne ?")
    assert answer.method is Method.PROGRAMMES
    assert answer.statements[0].text.startswith("2 programmes correspondent")
    assert [s.text.split(" – ")[0] for s in answer.statements[1:]] == ["Veilleurs", "Premiers pas"]
    assert answer.statements[1].citations == (1,)


def record(name: str, **fields: object) -> Document:
    programme = Programme(name, **fields)  # type: ignore[arg-type]
    text = f"Programme : {name}\nTerritoire : {', '.join(programme.territories)}"
    return article(name, text, kind=Kind.PROGRAMME, record=programme)


PROGRAMMES = (
    record("Veilleurs", territories=("Finistère",), closes=date(2026, 12, 15)),
    record("Premiers pas", territories=("National",), permanent=True),
    record("Rebond", territories=("Occitanie",), closes=date(2027, 6, 30)),
    record("Secours", territories=("Bretagne",), closes=date(2020, 11, 30), status="ouvert"),
)


class Scripted:
    """A language model that says given sentences, then fails if told to."""

    def __init__(self, *quotes: str, failure: Unavailable | None = None) -> None:
        self.quotes = quotes
        self.failure = failure

    async def stream(
        self, question: Question, hits: Sequence[Hit], language: str
    ) -> AsyncGenerator[Supported, None]:
        for quote in self.quotes:
            hit = next(hit for hit in hits if quote in hit.text)
            start = hit.start + hit.text.index(quote)
            yield Supported(quote, (Passage(hit, start, start + len(quote)),))
        if self.failure:
            raise self.failure


def test_a_generated_answer_is_cited_by_its_passages(make_world):
    writer = Scripted("Sa présidente est Hélène Marchadier.")
    answer = make_world(NETWORK, RECIPE, generative=writer).ask(
        "Qui est la présidente du Réseau Alvéole ?"
    )
    assert answer.method is Method.GENERATIVE
    assert answer.text == "Sa présidente est Hélène Marchadier. [1]"
    assert answer.citations[0].quote == "Sa présidente est Hélène Marchadier."


def test_extracted_sentences_take_over_when_the_model_fails_midway(make_world):
    failure = Unavailable(what="modèle", reason="coupé")
    writer = Scripted("Sa présidente est Hélène Marchadier.", failure=failure)
    answer = make_world(NETWORK, RECIPE, generative=writer).ask(
        "Qui est la présidente du Réseau Alvéole ?"
    )
    assert answer.method is Method.EXTRACTIVE
    assert answer.text.startswith("Sa présidente est Hélène Marchadier. [1]")
    assert "n’a pas pu terminer" in answer.notice


def test_a_model_that_finds_the_passages_insufficient_is_believed(make_world):
    failure = Unavailable(what="modèle", reason="insuffisant", code="insufficient")
    answer = make_world(NETWORK, RECIPE, generative=Scripted(failure=failure)).ask(
        "Pourquoi le réseau organise-t-il des webinaires ?"
    )
    assert answer.abstained or answer.confidence is Confidence.HIGH


def test_an_unexpected_error_is_told_and_logged(make_world, caplog):
    world = make_world(NETWORK)
    world.catalogue.close()

    class Broken:
        def retrieve(self, *given: object) -> Retrieved:
            raise RuntimeError("panne")

    world.assistant._retriever = Broken()
    (*_, last) = world.events("Combien de membres compte le Réseau Alvéole ?")
    assert isinstance(last, Failed)
    assert last.code == "internal"
    assert "panne" in caplog.text
