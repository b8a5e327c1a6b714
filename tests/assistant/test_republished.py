"""Hits that say the same are shown once, and nothing that only one of them says is lost."""

from datetime import date

from vigie.assistant.republished import OneOfEach, collapsed
from vigie.index.hits import Hit, Query, Twin
from vigie.ingest.documents import Audience, Document, Kind


def hit(document: str, text: str, score: float) -> Hit:
    return Hit(
        chunk_id=f"{document}:{text}",
        document_id=document,
        ordinal=0,
        start=0,
        end=len(text),
        text=text,
        heading_path=(),
        place=None,
        title=document,
        kind=Kind.ARTICLE,
        audience=Audience.PUBLIC,
        source="s",
        publisher=None,
        published=None,
        modified=None,
        url=None,
        score=score,
    )


def twin(document: str, words: int, published: date | None = None) -> Twin:
    return Twin(document, document, None, published, None, words)


def linked(*twins: Twin) -> dict[str, tuple[Twin, ...]]:
    """Each is a twin of all others."""
    return {one.document_id: tuple(o for o in twins if o is not one) for one in twins}


FUND, DELAY = "le fonds aide les clubs inondés", "la réponse vient en dix jours"


def test_the_most_complete_stands_for_the_others_at_the_best_rank() -> None:
    hits = [hit("teaser", FUND, 0.9), hit("other", "autre chose", 0.8), hit("whole", FUND, 0.7)]
    shown = collapsed(hits, linked(twin("teaser", 60), twin("whole", 400)))
    assert [item.document_id for item in shown] == ["whole", "other"]
    assert shown[0].score == 0.9


def test_of_articles_as_complete_the_earliest_is_the_original() -> None:
    hits = [hit("late", FUND, 0.9), hit("undated", FUND, 0.8), hit("early", FUND, 0.7)]
    twins = linked(
        twin("late", 400, date(2024, 5, 2)),
        twin("undated", 395),
        twin("early", 380, date(2024, 5, 1)),
    )
    assert [item.document_id for item in collapsed(hits, twins)] == ["early"]


def test_a_passage_that_the_original_lacks_is_kept() -> None:
    hits = [hit("teaser", DELAY, 0.9), hit("whole", FUND, 0.7)]
    shown = collapsed(hits, linked(twin("teaser", 60), twin("whole", 400)))
    assert [item.document_id for item in shown] == ["teaser", "whole"]


def test_two_articles_that_quote_a_third_are_not_merged_by_it() -> None:
    hits = [hit("a", FUND, 0.9), hit("b", FUND, 0.8), hit("quoted", FUND, 0.7)]
    a, b, quoted = twin("a", 500), twin("b", 300), twin("quoted", 50)
    twins = {"a": (quoted,), "b": (quoted,), "quoted": (a, b)}
    assert [item.document_id for item in collapsed(hits, twins)] == ["a", "b"]


def test_hits_without_twins_come_back_as_they_were() -> None:
    hits = [hit("a", FUND, 0.9), hit("a", DELAY, 0.8), hit("b", FUND, 0.7)]
    assert collapsed(hits, {}) == hits
    assert collapsed(hits, {"a": (twin("elsewhere", 10),)}) == hits
    assert collapsed([], {}) == []


def test_freed_places_are_filled_by_the_next_hits() -> None:
    class Found:
        def search(self, query: Query) -> list[Hit]:
            hits = [hit("whole", FUND, 0.9), hit("teaser", FUND, 0.8)]
            rest = [hit(f"next {n}", f"texte {n}", 0.1) for n in range(20)]
            return (hits + rest)[: query.limit]

        def twins(self, ids, audience):
            return linked(twin("teaser", 60), twin("whole", 400))

    shown = OneOfEach(Found(), Found()).search(Query("fonds", limit=3))
    assert [item.document_id for item in shown] == ["whole", "next 0", "next 1"]


ARTICLE = (
    "La fédération ouvre un fonds de secours pour les clubs dont la salle a été inondée cet hiver."
    " Chaque club remplit un dossier court, joint deux photographies et le fait signer par la"
    " mairie. Les demandes sont lues toutes les semaines par trois bénévoles de la commission."
    " L’aide couvre le matériel perdu et la remise en état des vestiaires."
)


def article(name: str, text: str, audience: Audience = Audience.PUBLIC, **more) -> Document:
    return Document(
        source=name,
        location=name,
        text=text,
        title="Fonds de secours pour les clubs inondés",
        kind=Kind.ARTICLE,
        audience=audience,
        publisher=name,
        **more,
    )


def test_an_answer_cites_the_original_and_tells_who_else_published_it(make_world) -> None:
    world = make_world(
        article("Ligue", ARTICLE, published=date(2024, 3, 9)),
        article("Fédération", f"{ARTICLE} Source : la Fédération.", published=date(2024, 3, 1)),
        article("Équipe", f"{ARTICLE} À relire en interne.", Audience.STAFF),
    )
    question = "Quel fonds de secours pour les clubs dont la salle a été inondée ?"
    answer = world.ask(question)
    assert {citation.publisher for citation in answer.citations} == {"Fédération"}
    assert [twin.publisher for twin in answer.citations[0].also] == ["Ligue"]
    assert {hit.publisher for hit in answer.consulted} <= {"Fédération"}
    told = world.ask(question, Audience.STAFF).citations[0]
    assert {told.publisher, *(twin.publisher for twin in told.also)} == {
        "Ligue",
        "Fédération",
        "Équipe",
    }


def test_the_last_places_that_the_index_keeps_for_other_documents_are_not_lost() -> None:
    class Spreading:
        """Gives its last place to another document, however long the list."""

        def search(self, query: Query) -> list[Hit]:
            same = [hit("one", f"passage {n}", 1 - n / 100) for n in range(query.limit - 1)]
            return [*same, hit("other", "autre chose", 0.1)]

    class Nobody:
        def twins(self, ids: object, audience: Audience) -> dict[str, tuple[Twin, ...]]:
            return {}

    found = OneOfEach(Spreading(), Nobody()).search(Query("x", limit=4))
    assert [item.document_id for item in found] == ["one", "one", "one", "other"]
