"""Questions as people write them."""

import pytest

from vigie.assistant.question_kinds import QuestionKind
from vigie.assistant.questions import QUESTION_LIMIT, language_of, understand
from vigie.ingest.errors import QuestionEmpty, QuestionTooLong

KINDS = {
    "C'est quoi le DLA ?": "definition",
    "c koi le fdva": "definition",
    "Qu'est-ce que l'OVAL": "definition",
    "What is OVAL?": "definition",
    "QUI DIRIGE LE RESEAU": "who",
    "À qui s'adresse Élan local ?": "who",
    "par qui le fonds a-t-il été créé": "who",
    "quel est le nom de la présidente": "who",
    "Combien d'associations ont été aidées ?": "how_many",
    "quel pourcentage de bénévoles a moins de 30 ans": "how_many",
    "How many members does it have?": "how_many",
    "Quel montant peut-on obtenir ?": "how_much",
    "A combien s'élève la dotation": "how_much",
    "combien verse Clairval chaque année": "how_much",
    "Jusqu'à quand peut-on candidater ?": "when",
    "depuis quand est-elle présidente": "when",
    "kan est la date limite": "when",
    "En quelle année le réseau a-t-il été créé ?": "when",
    "Combien de temps dure la formation ?": "duration",
    "Quel est le délai de réponse ?": "duration",
    "Où est le siège ?": "where",
    "ou se trouve le comptoir": "where",
    "dans quelle ville se tient le forum": "where",
    "Pourquoi le fonds a-t-il changé de nom ?": "why",
    "pk le fonds a changé": "why",
    "Comment déposer un dossier ?": "how",
    "Peut-on cumuler deux aides ?": "yes_no",
    "Est-ce que le fonds finance les salaires ?": "yes_no",
    "Quelles pièces faut-il fournir ?": "list",
    "Quels programmes sont ouverts ?": "programme",
    "Combien d'aides pour le sport ?": "programme",
    "Which grants are open?": "programme",
    "RGPD": "other",
}


@pytest.mark.parametrize(("typed", "kind"), KINDS.items(), ids=KINDS)
def test_the_kind_is_read_from_the_turn_of_phrase(typed, kind):
    assert understand(typed).kind is QuestionKind(kind)


def test_a_relative_pronoun_asks_for_nobody():
    assert understand("Quel est le fonds qui aide les clubs ?").kind is not QuestionKind.WHO


def test_greetings_and_thanks_are_set_aside():
    question = understand("Bonjour à tous, quel est le délai de réponse ? Merci d'avance !")
    assert question.query == "quel est le délai de réponse ?"
    assert question.text.startswith("Bonjour")


def test_a_greeting_alone_is_kept():
    assert understand("Bonjour").query == "Bonjour"


def test_in_a_story_the_question_is_what_is_asked():
    story = (
        "Je suis trésorière d'une petite association de quartier depuis dix ans. Nous avons perdu "
        "notre subvention municipale. Qui peut nous aider pour la trésorerie ? Merci."
    )
    question = understand(story)
    assert question.asked == "Qui peut nous aider pour la trésorerie ?"
    assert "subvention municipale" in question.query


def test_shouting_is_lowered_but_an_acronym_is_not():
    assert understand("QUI DIRIGE LE RÉSEAU ?").query == "qui dirige le réseau ?"
    assert understand("RGPD ?").query == "RGPD ?"


@pytest.mark.parametrize("typed", ["", "   ", "?!…", "\n\t"])
def test_a_question_without_a_word_is_empty(typed):
    with pytest.raises(QuestionEmpty):
        understand(typed)


def test_the_limit_counts_characters_without_the_blanks_around():
    assert understand(f"  {'a' * QUESTION_LIMIT}  ").text == "a" * QUESTION_LIMIT
    with pytest.raises(QuestionTooLong) as raised:
        understand("a" * 20_000)
    assert raised.value.values == {"length": 20_000, "limit": QUESTION_LIMIT}


def test_the_language_is_told_by_function_words():
    assert language_of("Quels sont les membres du réseau ?") == "fr"
    assert language_of("Who are the members of the network?") == "en"
    assert language_of("RGPD") is None


def test_an_english_question_is_searched_with_french_words_too():
    question = understand("How many computers were refurbished?")
    assert "ordinateurs" in question.query
    assert {term.stem for term in question.focus_terms} == {"ordin", "recondition"}


def test_question_words_are_no_subject_and_the_sort_of_answer_counts_little():
    question = understand("Quel est le montant de la dotation ?")
    assert {term.stem: term.weight for term in question.focus_terms} == {"mont": 0.3, "dotat": 1.0}


def test_names_and_numbers_have_no_synonym():
    terms = {term.stem: term for term in understand("Que finance Clairval en 2024 ?").focus_terms}
    assert terms["clairval"].name
    assert terms["2024"].name
    assert terms["financ"].alternatives


def test_a_list_is_wanted_by_a_plural():
    assert understand("Quelles pièces fournir ?").wants_list
    assert not understand("Quelle pièce fournir ?").wants_list
