"""Questions about programmes, answered from records."""

from datetime import date

import pytest

from vigie.assistant.programmes.dates import State, stale_status, state
from vigie.assistant.programmes.listing import Listing, admitted, answer
from vigie.assistant.questions import understand
from vigie.index.hits import Filters
from vigie.ingest.documents import Document, Kind, Programme

TODAY = date(2026, 11, 24)


def record(name: str, **fields: object) -> Document:
    programme = Programme(name, **fields)  # type: ignore[arg-type]
    return Document("essai", name, f"Programme : {name}", name, Kind.PROGRAMME, record=programme)


BASE = (
    record(
        "Veilleurs du littoral",
        funder="Fonds Ker Vihan",
        beneficiaries=("associations",),
        themes=("littoral", "bénévolat"),
        territories=("Finistère", "Morbihan"),
        closes=date(2026, 12, 15),
        amount="jusqu’à 5 500 €",
        status="ouvert",
    ),
    record(
        "Numérique pour tous",
        funder="Région Bretagne, Mécènes en commun (MEC)",
        beneficiaries=("associations", "communes"),
        themes=("numérique",),
        territories=("Bretagne",),
        closes=date(2027, 6, 30),
    ),
    record(
        "Premiers pas",
        funder="Réseau Alvéole",
        beneficiaries=("associations",),
        territories=("National",),
        permanent=True,
    ),
    record(
        "Prendre soin",
        funder="Fondation Clairval",
        beneficiaries=("associations", "fondations"),
        themes=("santé",),
        territories=("France entière",),
        opens=date(2027, 2, 1),
        closes=date(2027, 5, 31),
    ),
    record(
        "Trésorerie d’urgence 2020",
        funder="Caisse des Trois Rives",
        themes=("trésorerie",),
        territories=("National",),
        closes=date(2020, 12, 31),
        status="ouvert",
    ),
    record(
        "Rebond emploi",
        beneficiaries=("associations employeuses",),
        territories=("Occitanie",),
        closes=date(2027, 6, 30),
    ),
)


def ask(typed: str) -> Listing | None:
    question = understand(typed)
    return answer(question, BASE, TODAY, question.language or "fr")


def names(typed: str) -> list[str]:
    listing = ask(typed)
    assert listing is not None
    return [draft.text.split(" – ")[0] for draft in listing.drafts if draft.form == "item"]


LISTS = {
    "Quels programmes sont ouverts en Bretagne ?": [
        "Veilleurs du littoral",
        "Numérique pour tous",
        "Premiers pas",
    ],
    "Quelles aides dans le Finistère pour les communes ?": [
        "Numérique pour tous",
        "Trésorerie d’urgence 2020",
    ],
    "Quels dispositifs pour les fondations ?": ["Prendre soin", "Trésorerie d’urgence 2020"],
    "Quels programmes clôturent avant juin 2027 ?": ["Veilleurs du littoral", "Prendre soin"],
    "Quels programmes ouvriront en 2027 ?": ["Prendre soin"],
    "Quels programmes permanents ?": ["Premiers pas"],
    "Quels programmes clos ?": ["Trésorerie d’urgence 2020"],
    "Quelles aides pour le numérique ?": ["Numérique pour tous"],
    "Qui finance le numérique ?": ["Numérique pour tous"],
    "Quels programmes financent le numérique associatif en Bretagne, et jusqu'à quand ?": [
        "Numérique pour tous"
    ],
    "Quels programmes de la Fondation Clairval ?": ["Prendre soin"],
    "Quels financements du MEC ?": ["Numérique pour tous"],
    "Quels programmes dans le Gard pour une association employeuse ?": [
        "Rebond emploi",
        "Premiers pas",
        "Prendre soin",
        "Trésorerie d’urgence 2020",
    ],
    "Which programmes are open in Brittany for municipalities?": ["Numérique pour tous"],
}


@pytest.mark.parametrize(("typed", "expected"), LISTS.items(), ids=LISTS)
def test_filters_are_read_in_the_question(typed, expected):
    assert names(typed) == expected


def test_the_first_line_counts_and_tells_the_filters():
    listing = ask("Combien de programmes sont ouverts en Bretagne pour les associations ?")
    assert listing is not None
    assert listing.drafts[0].text == (
        "3 programmes correspondent aux critères (territoire : Bretagne ; bénéficiaires : "
        "associations ; ouverts au 24 novembre 2026) :"
    )


def test_closed_programmes_stand_apart():
    listing = ask("Quels programmes pour la trésorerie ?")
    assert listing is not None
    heads = [draft.text for draft in listing.drafts if draft.form == "sentence"]
    assert heads == [
        "Aucun programme ouvert ne correspond aux critères (sujet : trésorerie).",
        "1 programme clos :",
    ]


def test_every_row_is_cited_and_says_what_the_record_says():
    listing = ask("Quelles aides pour le littoral ?")
    assert listing is not None
    (row,) = [draft for draft in listing.drafts if draft.form == "item"]
    assert row.text == (
        "Veilleurs du littoral – date limite : 15 décembre 2026 ; financeur : Fonds Ker Vihan ; "
        "montant : jusqu’à 5 500 € ; territoire : Finistère, Morbihan"
    )
    assert row.spans[0].hit.document_id == BASE[0].id


DEADLINES = {
    "Jusqu'à quand peut-on candidater à Veilleurs du littoral ?": (
        "Veilleurs du littoral : ouvert, date limite le 15 décembre 2026 (dans 21 jours)."
    ),
    "Prendre soin est-il ouvert ?": (
        "Prendre soin : pas encore ouvert ; ouverture le 1er février 2027, date limite le 31 mai 2027."
    ),
    "quelle est la date limite de premiers pas": "Premiers pas : permanent, sans date limite.",
}


@pytest.mark.parametrize(("typed", "expected"), DEADLINES.items(), ids=DEADLINES)
def test_the_deadline_of_a_named_programme(typed, expected):
    listing = ask(typed)
    assert listing is not None
    assert listing.drafts[0].text == expected


FIELDS = {
    "Qui finance Veilleurs du littoral ?": "Veilleurs du littoral – financeur : Fonds Ker Vihan.",
    "à qui s'adresse Prendre soin": "Prendre soin – bénéficiaires : associations, fondations.",
    "montant veilleurs du littoral": "Veilleurs du littoral – montant : jusqu’à 5 500 €.",
}


@pytest.mark.parametrize(("typed", "expected"), FIELDS.items(), ids=FIELDS)
def test_a_field_of_a_named_programme_is_answered_by_its_record(typed, expected):
    listing = ask(typed)
    assert listing is not None
    assert [draft.text for draft in listing.drafts] == [expected]


def test_programmes_in_another_state_are_told_when_none_is_in_the_one_asked():
    listing = ask("Quels programmes ouverts pour la trésorerie ?")
    assert listing is not None
    assert listing.drafts[0].text.startswith("Aucun programme ouvert ne correspond")
    assert listing.drafts[2].text.startswith("Trésorerie d’urgence 2020 – clos le")


def test_the_closing_date_beats_a_stale_status():
    programme = BASE[4].record
    assert programme is not None
    assert state(programme, TODAY) is State.CLOSED
    assert stale_status(programme, TODAY)
    listing = ask("La Trésorerie d’urgence 2020 est-elle encore ouverte ?")
    assert listing is not None
    assert "la date limite était le 31 décembre 2020" in listing.drafts[0].text
    assert "« ouvert »" in listing.drafts[1].text


def test_the_deadline_day_itself_is_open():
    programme = BASE[0].record
    assert programme is not None
    assert state(programme, date(2026, 12, 15)) is State.OPEN
    assert state(programme, date(2026, 12, 16)) is State.CLOSED


@pytest.mark.parametrize(
    "typed",
    [
        "Quels programmes pour la recherche spatiale ?",
        "Qui a créé Veilleurs du littoral ?",
        "Combien de membres compte le réseau ?",
    ],
)
def test_what_records_do_not_answer_is_left_to_the_documents(typed):
    assert ask(typed) is None


def test_the_same_record_in_two_tables_is_listed_once():
    question = understand("Quelles aides pour le littoral ?")
    twin = Document(
        "essai", "copie", "Veilleurs", "Veilleurs", Kind.PROGRAMME, record=BASE[0].record
    )
    listing = answer(question, (*BASE, twin), TODAY, "fr")
    assert listing is not None
    assert "1 programme ouvert" in listing.drafts[0].text


def test_filters_of_the_user_come_first():
    assert admitted(BASE, Filters(kinds=(Kind.REPORT,))) == []
    assert admitted(BASE, Filters(documents=(BASE[0].id,))) == [BASE[0]]


def test_each_condition_of_a_list_can_be_refused():
    typed = "Quels programmes sur le numérique pour les associations en Bretagne ?"
    question = understand(typed)
    listing = answer(question, BASE, TODAY, "fr")
    assert listing is not None
    ids = [facet.id for facet in listing.facets]
    assert ids == ["kind:programme", "territory:53", "beneficiary:associations", "subject"]
    labels = [facet.label("fr") for facet in listing.facets]
    assert labels[1:] == [
        "Territoire : Bretagne",
        "Bénéficiaires : associations",
        "Sujet : numérique",
    ]
    wider = answer(question, BASE, TODAY, "fr", frozenset({"subject"}))
    assert wider is not None and len(wider.hits) > len(listing.hits)
    assert "subject" not in [facet.id for facet in wider.facets]
    assert answer(question, BASE, TODAY, "fr", frozenset({"kind:programme"})) is None
