"""Follow-up questions."""

import pytest

from vigie.assistant.conversations import Turn, resolved
from vigie.assistant.question_kinds import QuestionKind

FOLLOW_UPS = [
    (
        ["Quels programmes pour les associations en Occitanie ?"],
        "Et en Bretagne ?",
        "Quels programmes pour les associations en Bretagne ?",
    ),
    (
        ["Quels programmes pour les associations en Occitanie ?", "Et en Bretagne ?"],
        "Et pour les fondations ?",
        "Quels programmes en Bretagne pour les fondations ?",
    ),
    (
        ["Qui est la présidente du Réseau Alvéole ?"],
        "Depuis quand ?",
        "Depuis quand présidente Réseau Alvéole ?",
    ),
    (["Qui dirige la Fondation Clairval ?"], "Où est son siège ?", "Clairval"),
    (["C'est quoi le DLA ?"], "Et le FDVA ?", "C'est quoi le FDVA ?"),
    (
        ["Combien de membres compte le Réseau Alvéole ?"],
        "et en 2022 ?",
        "Combien de membres compte le Réseau Alvéole en 2022 ?",
    ),
    (["Which programmes are open in Brittany?"], "And in Normandy?", "Normandy"),
]


@pytest.mark.parametrize(("before", "typed", "expected"), FOLLOW_UPS)
def test_a_follow_up_is_completed(before, typed, expected):
    question = resolved(typed, [Turn(text) for text in before])
    assert expected in question.query
    assert question.text == typed


@pytest.mark.parametrize(
    "typed",
    [
        "Quel est le nombre de membres du Réseau Alvéole ?",
        "Comment créer une association sportive ?",
        "Quand la Mutuelle Sérac a-t-elle été créée ?",
        "Faut-il être employeur ?",
        "Merci",
    ],
)
def test_a_new_topic_is_left_alone(typed):
    question = resolved(typed, [Turn("Qui dirige la Fondation Clairval ?")])
    assert "Clairval" not in question.query


def test_an_attribute_changes_the_kind_of_answer():
    question = resolved("Et le montant ?", [Turn("Quelle est la date limite d'Élan local ?")])
    assert question.kind is QuestionKind.HOW_MUCH
    assert "Élan local" in question.query


def test_a_turn_that_was_no_question_is_skipped():
    assert resolved("Depuis quand ?", [Turn("Qui préside Alvéole ?"), Turn("…")]).query.endswith(
        "Alvéole ?"
    )
