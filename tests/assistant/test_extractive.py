"""Sentences chosen from documents, through the whole assistant."""

from datetime import date

from vigie.assistant.answers import Method
from vigie.ingest.documents import Document, Kind


def article(name: str, text: str, **more: object) -> Document:
    values = {"source": "essai", "location": name, "text": text, "title": name} | more
    return Document(**{"kind": Kind.ARTICLE, **values})  # type: ignore[arg-type]


BALANCE = article(
    "Bilan du Fonds Passerelle",
    "Le Fonds Passerelle a été créé en mai 2020 par trois partenaires. "
    "Fin 2022, le Fonds Passerelle avait aidé 418 associations. "
    "Il s’agissait d’éviter les faillites. "
    "Pour recevoir une aide, il faut fournir les pièces suivantes :\n"
    "- les statuts de l’association ;\n- le dernier bilan ;\n- un relevé bancaire.\n\n"
    "## Montants accordés\n\n"
    "| Programme | 2023 | 2024 |\n|---|---|---|\n| Vivre ensemble | 3,9 M€ | 4,3 M€ |\n"
    "| Prendre soin | 2,1 M€ | 2,6 M€ |",
    published=date(2023, 6, 15),
)
PRESS = article(
    "La Gazette",
    "Fin 2022, le Fonds Passerelle avait aidé 372 associations, selon nos informations.",
    published=date(2023, 2, 12),
)
OTHER = article("La soupe", "La soupe de poireaux se prépare avec trois pommes de terre.")


def test_a_figure_is_answered_by_its_sentence_alone(make_world):
    answer = make_world(BALANCE, OTHER).ask(
        "Combien d’associations le Fonds Passerelle a-t-il aidées ?"
    )
    assert answer.text == "Fin 2022, le Fonds Passerelle avait aidé 418 associations. [1]"


def test_two_dated_documents_that_disagree_are_both_shown_newest_first(make_world):
    answer = make_world(PRESS, BALANCE, OTHER).ask(
        "Combien d’associations le Fonds Passerelle avait-il aidées fin 2022 ?"
    )
    assert answer.method is Method.EXTRACTIVE
    lead, first, second = (statement.text for statement in answer.statements)
    assert lead.startswith("Les sources ne concordent pas")
    assert first.startswith("15 juin 2023 :")
    assert "418" in first
    assert second.startswith("12 février 2023 :")
    assert "372" in second


def test_figures_of_two_years_do_not_disagree(make_world):
    before = article(
        "Rapport 2022",
        "En 2022, la Fondation Clairval a accordé 9,8 M€ aux associations.",
        published=date(2023, 5, 1),
    )
    after = article(
        "Rapport 2023",
        "En 2023, la Fondation Clairval a accordé 11,1 M€ aux associations.",
        published=date(2024, 5, 1),
    )
    answer = make_world(before, after).ask(
        "Combien la Fondation Clairval a-t-elle accordé en 2023 ?"
    )
    assert "11,1 M€" in answer.text
    assert "concordent" not in answer.text


def test_a_republished_article_is_quoted_once(make_world):
    twin = article("Reprise du bilan", BALANCE.text, published=date(2023, 6, 20))
    answer = make_world(BALANCE, twin, OTHER).ask(
        "Combien d’associations le Fonds Passerelle a-t-il aidées ?"
    )
    assert answer.text.count("418") == 1


def test_a_list_comes_whole_with_its_lead_in_and_one_citation(make_world):
    answer = make_world(BALANCE, OTHER).ask("Quelles pièces fournir pour recevoir une aide ?")
    forms = [statement.form for statement in answer.statements]
    assert forms == ["sentence", "item", "item", "item"]
    assert answer.statements[1].text == "les statuts de l’association ;"
    assert {statement.citations for statement in answer.statements} == {(1,)}


def test_a_table_row_carries_the_names_of_its_columns(make_world):
    answer = make_world(BALANCE, OTHER).ask(
        "Quel montant a été accordé au programme Vivre ensemble en 2024 ?"
    )
    row = next(statement for statement in answer.statements if statement.form == "row")
    assert row.text == "Vivre ensemble – 2023 : 3,9 M€ ; 2024 : 4,3 M€"


def test_a_pronoun_brings_the_sentence_it_points_to(make_world):
    network = article(
        "Réseaux",
        "L’Observatoire de la vie associative locale est installé à Rennes. "
        "Il publie chaque printemps un baromètre du bénévolat.",
    )
    answer = make_world(network, OTHER).ask("Que publie chaque printemps l’observatoire ?")
    assert answer.statements[0].text.startswith("L’Observatoire")
    assert answer.statements[1].text.startswith("Il publie")
    assert len(answer.citations) == 1


def test_an_acronym_is_defined_by_the_sentence_that_spells_it_out(make_world):
    text = (
        "Le DLA accompagne les employeurs. Le dispositif local d’accompagnement (DLA) est un "
        "service public de conseil aux associations. Le DLA est gratuit."
    )
    answer = make_world(article("Conseil", text), OTHER).ask("C’est quoi le DLA ?")
    assert "service public de conseil" in answer.text
