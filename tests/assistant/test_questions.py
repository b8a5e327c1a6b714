"""Questions as people write them."""

import pytest

from vigie.assistant.question_kinds import QuestionKind
from vigie.assistant.questions import QUESTION_LIMIT, language_of, separately, understand
from vigie.assistant.understanding.respelling import respelt
from vigie.assistant.understanding.spelling import one_slip
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
    assert "ordinateur" in question.query
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


SPELT = {
    "keske le fdva": "qu'est-ce que le fdva",
    "kan é la date limite pr lé assos": "quand est la date limite pour les associations",
    "ya til 1 aide pr lé jeunes": "y a-t-il 1 aide pour les jeunes",
    "kel aides pr une asso": "quels aides pour une association",
    "cb coute l adhesion": "combien coute l'adhesion",
    "peu ton cumuler 2 aides": "peut-on cumuler 2 aides",
    "qu est ce que l agrement d une association": "qu'est-ce que l'agrement d'une association",
    "quest ce qu un agrement": "quest ce qu'un agrement",
    "pourqoi le fonds ferme": "pourquoi le fonds ferme",
    "Coment adhérer": "comment adhérer",
    "jusqua quand peut on candidater": "jusqu'à quand peut-on candidater",
    "Qu est ce que le FDVA": "Qu'est-ce que le FDVA",
}


@pytest.mark.parametrize(("typed", "read"), SPELT.items(), ids=SPELT)
def test_text_speak_and_lost_signs_are_read_as_words(typed, read):
    assert understand(typed).query == read


@pytest.mark.parametrize(
    "typed",
    [
        "la carte CB de la trésorière",
        "quel est le moment de payer par cb",
        "un lé de tissu et la lettre c",
        "le PR et le DS du CMT",
        "la vitamine C de la PK",
        "la combine du moment",
        "une thèse de 2e année",
    ],
)
def test_words_that_only_look_like_text_speak_are_left(typed):
    assert understand(typed).query == typed


@pytest.mark.parametrize(
    ("typed", "meant", "close"),
    [
        ("comben", "combien", True),
        ("combbien", "combien", True),
        ("cobmien", "combien", True),
        ("conbien", "combien", True),
        ("combiens", "combien", True),
        ("cobien", "comment", False),
        ("moment", "comment", False),
        ("combien", "combien", False),
    ],
)
def test_one_slip_is_one_letter_and_never_the_first(typed, meant, close):
    assert one_slip(typed, meant) is close


def test_a_shouted_passage_is_lowered_and_a_word_insisted_on_is_no_name():
    question = understand("Bonjour, QUELLE EST LA DATE LIMITE du FDVA ? Réponse URGENTE svp")
    assert question.query == "quelle est la date limite du FDVA ? Réponse URGENTE"
    assert [term.stem for term in question.focus_terms if term.name] == ["fdva"]
    assert not any(term.name for term in understand("réponse URGENTE").focus_terms)


ASKED = {
    "Je suis trésorier. Je voudrais savoir quel est le délai de réponse.": (
        "quel est le délai de réponse."
    ),
    "Nous avons tout perdu. Ma question est la suivante : date limite du fonds Passerelle": (
        "date limite du fonds Passerelle"
    ),
    "Le café a débordé, d’où mon retard. J’ai une question. Montant maximal du fonds.": (
        "Montant maximal du fonds."
    ),
    "Pouvez-vous me dire, svp, combien verse le fonds ?": "combien verse le fonds ?",
    "Could you tell me when the fund closes?": "when the fund closes?",
}


@pytest.mark.parametrize(("typed", "asked"), ASKED.items(), ids=ASKED)
def test_what_announces_a_question_is_no_part_of_it(typed, asked):
    assert understand(typed).asked == asked


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("J'ai perdu ma carte. Merci de m'indiquer la démarche.", "démarche"),
        ("Our charity moved. Please tell me the deadline.", "deadline"),
        ("Bonjour. Je vous remercie de me préciser le montant versé.", "montant versé"),
    ],
)
def test_what_is_asked_politely_is_not_taken_for_thanks(typed, kept):
    assert kept in understand(typed).query


TWO = {
    "Quel est le délai de réponse du fonds ? Et aussi, qui préside le réseau Alvéole ?": (
        "Quel est le délai de réponse du fonds ?",
        "qui préside le réseau Alvéole ?",
    ),
    "Je voudrais savoir quand ferme le guichet bénévolat ainsi que qui dirige la fondation Lumen.": (
        "quand ferme le guichet bénévolat ?",
        "qui dirige la fondation Lumen.",
    ),
    "1) Combien verse le fonds culture ? 2) Pourquoi les bénévoles ont-ils quitté leurs postes ?": (
        "Combien verse le fonds culture ?",
        "Pourquoi les bénévoles ont-ils quitté leurs postes ?",
    ),
    "date limite du fonds culture et sinon comment adhérer au réseau Alvéole": (
        "date limite du fonds culture ?",
        "comment adhérer au réseau Alvéole",
    ),
}


@pytest.mark.parametrize(("typed", "parts"), TWO.items(), ids=TWO)
def test_two_questions_are_told_apart(typed, parts):
    assert understand(typed).parts == parts


@pytest.mark.parametrize(
    "typed",
    [
        "Qui a fondé la fondation Lumen et quel était son métier ?",
        "Combien verse le fonds par bénévole et combien de personnes au plus ?",
        "Qui peut relire mon dossier numérique, et quand ?",
        "De combien est le trou du budget 2026 et d'où vient-il ?",
        "Quel fonds aide les clubs qui recrutent et qui forment des bénévoles ?",
        "Quels sont les congés payés et les congés maternité ?",
        "Quel montant pour la trésorerie ? Est-ce remboursable ?",
    ],
)
def test_details_of_one_question_stay_together(typed):
    question = understand(typed)
    assert question.questions == ()
    assert separately(question) == (question,)


TOLD = (
    "Je suis trésorière depuis onze ans et notre bureau est glacial. Mon mari dit que c'est simple. "
    "Nous avons fêté nos vingt ans en juin, une belle journée malgré la pluie et le vent du nord."
)


def test_a_long_story_is_searched_by_what_it_asks_and_as_a_whole():
    asked = "Quel est le délai de réponse du fonds ?"
    question = understand(f"{TOLD} {asked} Merci")
    assert question.parts == (asked, f"{TOLD} {asked}")
    pointing = understand(f"{TOLD} Cette subvention du fonds est-elle remboursable ?")
    assert pointing.parts == (pointing.query,)


def test_what_is_said_shortly_before_a_question_is_searched_with_it():
    question = understand("Je travaille dans la propreté. Quels sont mes droits au préavis ?")
    assert question.parts == (question.query,)
    assert "propreté" in question.query


def test_a_question_without_a_subject_asks_of_what_was_just_said():
    question = understand("Il pleut. J'ai perdu mon récépissé. Comment faire ?")
    assert question.asked == "J'ai perdu mon récépissé. Comment faire ?"


def test_two_questions_after_a_story_are_searched_with_it():
    both = understand(
        "J'ai tout perdu. Quand ferme le guichet culture ? Qui dirige le club Lumen ?"
    )
    assert both.parts[:2] == both.questions
    assert both.parts[2] == both.query


def test_each_of_two_questions_has_its_own_kind_and_subject():
    both = understand("Quand ferme le guichet bénévolat ? Qui dirige la fondation Lumen ?")
    first, second = separately(both)
    assert (first.kind, second.kind) == (QuestionKind.WHEN, QuestionKind.WHO)
    assert "lumen" not in {term.stem for term in first.focus_terms}


def test_english_notions_of_several_words_and_inflected_words_are_translated():
    question = understand("Which documents do the charities' boards of directors need to submit?")
    for french in ("document", "association", "conseil d’administration", "déposer"):
        assert french in question.query
    gdpr = understand("Does the GDPR apply to volunteers?")
    assert {"rgpd", "benevol"} <= {term.stem for term in gdpr.focus_terms}


def test_a_mistyped_word_may_be_read_as_the_one_that_the_passages_hold():
    question = understand("Quelle dotaiton pour les bénévoles de Clarival ?")
    read = respelt(question, ["La dotation de Clairval aide les bénévoles.", "Une dotation."])
    terms = {term.stem: term.alternatives for term in read.focus_terms}
    assert "dotat" in terms["dotaiton"]
    assert "clairval" in terms["clarival"]
    assert read.query == question.query
    assert respelt(question, []) == question


def test_a_word_that_the_passages_hold_is_not_read_as_another():
    question = understand("Quelle subvention pour la marche ?")
    assert respelt(question, ["La marche et le marché, une subvention."]) == question
