"""What each part of the ranking adds, and what a caller's audience keeps out of it."""

import pytest

from vigie.index import glossary
from vigie.index.hits import Filters, Query
from vigie.index.ranking import Ranking
from vigie.index.search import Index
from vigie.ingest.documents import Audience

AUDIENCES = list(Audience)


def found(hits) -> list[str]:
    return [hit.title for hit in hits]


def test_words_spread_over_a_document_count_together(index, made):
    index.add(*made("réponse", "Le loyer du local.", "La commune le prête.", "Un bail est signé."))
    index.add(*made("autre", "Le loyer du local.", "La fanfare répète.", "Un concert est donné."))
    ranked = index.search(Query("loyer local commune bail"))
    assert [hit.title for hit in ranked if hit.text == "Le loyer du local."][0] == "réponse"
    without = Index(index.client, index.embedder, ranking=Ranking(document=0))
    scores = {hit.title: hit.score for hit in without.search(Query("loyer local"))}
    assert scores["réponse"] == pytest.approx(scores["autre"], abs=1e-6)


def test_every_candidate_has_its_score_on_every_side(index, made):
    index.add_all([made(f"{n}", f"Subvention {'et bilan ' * n}{n}.") for n in range(12)])
    query = Query("subvention bilan", limit=2)
    few, many = (
        Index(index.client, index.embedder, ranking=Ranking(candidates=depth)).search(query)
        for depth in (2, 100)
    )
    assert [(hit.title, hit.score) for hit in few] == [
        (hit.title, pytest.approx(hit.score, abs=1e-5)) for hit in many
    ]


def test_a_document_takes_no_more_hits_than_its_cap_while_others_have_any(index, made):
    index.add(*made("long", *(f"La subvention, point {n}." for n in range(9))))
    index.add(*made("court", "Une subvention parmi tant d’autres choses dites ailleurs."))
    capped = Index(index.client, index.embedder, ranking=Ranking(per_document=2))
    assert found(capped.search(Query("subvention", limit=4))) == ["long", "long", "court", "long"]
    only = Filters(documents=(made("long")[0].id,))
    assert len(capped.search(Query("subvention", limit=9, filters=only))) == 9


SPELT = "L’économie sociale et solidaire (ESS) embauche."


def test_an_acronym_finds_what_only_spells_it_out(index, made, monkeypatch):
    monkeypatch.setattr(glossary, "SECONDS_BETWEEN", 0)
    for name in ("a", "b"):
        index.add(*made(name, SPELT))
    index.add(*made("c", "Une économie plus solidaire et sociale."))
    assert "c" in found(index.lexical_search(Query("ESS")))
    index.remove(made("a")[0].id)
    assert "c" not in found(index.lexical_search(Query("ESS")))


@pytest.mark.parametrize("audience", AUDIENCES)
def test_what_hidden_documents_spell_out_changes_no_answer(index, made, audience):
    for name in ("a", "b"):
        index.add(*made(name, SPELT, audience="partner"))
    index.add(*made("c", "Une économie plus solidaire et sociale."))
    expected = Audience.PARTNER in audience.sees
    assert ("c" in found(index.lexical_search(Query("ESS", audience)))) == expected


def test_a_word_typed_wrong_finds_what_is_written_right(index, made):
    index.add(*made("a", "La subvention.", title="Subvention"))
    index.add(*made("b", "Le bilan."))
    query = Query("une subvantion", Audience.PUBLIC)
    assert index.corrections(query.text, query.audience) == {"subvantion": "subvention"}
    assert found(index.lexical_search(query)) == ["Subvention"]
    without = Index(index.client, index.embedder, ranking=Ranking(typos=0))
    assert without.lexical_search(query) == []


def test_a_word_that_some_chunk_has_is_not_corrected(index, made):
    index.add(*made("a", "La subvention.", title="Subvention"))
    index.add(*made("b", "Il écrit subvantion une fois."))
    assert index.corrections("subvantion", Audience.PUBLIC) == {}


@pytest.mark.parametrize("audience", AUDIENCES)
def test_words_of_hidden_documents_correct_nobody(index, made, audience):
    index.add(*made("a", "Texte.", title="Restructuration", audience="partner"))
    index.add(*made("b", "Il écrit restructuratoin.", audience="staff"))
    corrected = index.corrections("restructuratoin", audience)
    assert bool(corrected) == (audience is Audience.PARTNER)


def test_words_are_not_read_anew_at_each_question_while_documents_come(index, made, monkeypatch):
    read: list[str] = []
    facet = type(index.client).facet

    def counted(self, name, key, **how):
        read.append(key)
        return facet(self, name, key, **how)

    monkeypatch.setattr(type(index.client), "facet", counted)
    for name in "abc":
        index.add(*made(name, SPELT))
        index.search(Query("ESS"))
    assert sorted(read) == ["acronyms", "words"]
