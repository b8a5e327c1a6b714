"""What a question says of the documents it wants, from its words alone."""

from datetime import date

import pytest

from vigie.assistant.facets.conditions import InPeriod
from vigie.assistant.facets.detection import detected
from vigie.assistant.facets.periods import periods
from vigie.assistant.facets.publishers import named
from vigie.ingest.folding import fold
from vigie.ingest.messages import LANGUAGES

TODAY = date(2026, 11, 24)
PUBLISHERS = [
    "Observatoire de la vie associative (OVA)",
    "Réseau Estran",
    "Fondation Ressac",
    "Réseau Ressac",
    "La Gazette du large",
]


def facets(question: str) -> dict[str, str]:
    """Effect of each facet by its id."""
    return {f.id: f.effect.value for f in detected(question, lambda: PUBLISHERS, TODAY)}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Que dit le rapport de 2020 sur les bénévoles ?", ["date:2020-01-01..2020-12-31", "kind:report"]),
        ("les articles publiés depuis mars 2024", ["date:2024-03-01..", "kind:article"]),
        ("Qu’est-ce qui a été publié l’an dernier sur le mécénat ?", ["date:2025-01-01..2025-12-31"]),
        ("L’article de la Gazette du large sur l’énergie", ["publisher:la-gazette-du-large", "kind:article"]),
        ("Que conseille le webinaire d’Estran ?", ["publisher:reseau-estran", "kind:webinar"]),
        ("What does the 2022 study say?", ["date:2022-01-01..2022-12-31"]),
        ("according to the latest report by OVA", ["publisher:observatoire-de-la-vie-associative-ova", "kind:report"]),
    ],
)  # fmt: skip
def test_wording_that_means_a_document_is_a_filter(question: str, expected: list[str]) -> None:
    found = facets(question)
    assert [id_ for id_, effect in found.items() if effect == "filter"] == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Quelles aides pour le numérique en Bretagne ?", ["kind:programme", "territory:53"]),
        ("Combien sont-ils selon le Réseau Estran ?", ["publisher:reseau-estran"]),
        ("D’après le rapport, combien sont-ils ?", ["kind:report"]),
        ("Quelles sont les dernières nouvelles du Fonds Rivage ?", ["recent"]),
        ("Quelle règle est actuellement en vigueur ?", ["recent"]),
    ],
)
def test_anything_less_certain_only_raises(question: str, expected: list[str]) -> None:
    assert facets(question) == dict.fromkeys(expected, "boost")


@pytest.mark.parametrize(
    "question",
    [
        "Quel était le budget en 2020 ?",
        "Que prévoit l’article L. 1234-1 du code du travail ?",
        "Quel est le rapport entre les dons et les subventions ?",
        "Combien par rapport à l’an dernier ?",
        "Que fait la Fondation Ressac ?",
        "Où se trouve la Bretagne ?",
        "Quel est le dernier délai pour candidater ?",
        "Quel journal a publié ce député ?",
    ],
)
def test_what_speaks_of_the_matter_sets_no_condition_on_documents(question: str) -> None:
    assert facets(question) == {}


def test_a_short_name_that_two_publishers_share_names_neither() -> None:
    assert not list(named("l’article de Ressac", PUBLISHERS))
    assert [one.names for one in named("selon la fondation ressac", PUBLISHERS)] == [
        ("Fondation Ressac",)
    ]


def test_publishers_are_read_only_when_one_may_be_named() -> None:
    def unread() -> list[str]:
        raise AssertionError

    assert not detected("Combien d’associations en 2020 ?", unread, TODAY)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("en 2020", date(2020, 1, 1), date(2020, 12, 31)),
        ("en février 2024", date(2024, 2, 1), date(2024, 2, 29)),
        ("le 3 mars 2024", date(2024, 3, 3), date(2024, 3, 3)),
        ("le 03/03/2024", date(2024, 3, 3), date(2024, 3, 3)),
        ("entre janvier 2023 et mars 2024", date(2023, 1, 1), date(2024, 3, 31)),
        ("2020-2022", date(2020, 1, 1), date(2022, 12, 31)),
        ("depuis 2024", date(2024, 1, 1), None),
        ("avant 2020", None, date(2019, 12, 31)),
        ("après mars 2020", date(2020, 4, 1), None),
        ("l’an dernier", date(2025, 1, 1), date(2025, 12, 31)),
        ("le mois dernier", date(2026, 10, 1), date(2026, 10, 31)),
        ("ces trois derniers mois", date(2026, 8, 26), TODAY),
        ("last year", date(2025, 1, 1), date(2025, 12, 31)),
        ("since March 2024", date(2024, 3, 1), None),
    ],
)
def test_a_period_is_read_in_both_languages(
    text: str, start: date | None, end: date | None
) -> None:
    (found,) = periods(fold(text), TODAY)
    assert (found.start, found.end) == (start, end)


@pytest.mark.parametrize("text", ["le 31/02/2024", "dans 20 jours", "en 2040", "article 2000"])
def test_what_is_no_past_day_is_no_period(text: str) -> None:
    assert [found for found in periods(fold(text), TODAY) if text != "article 2000"] == []


def test_every_facet_has_words_in_both_languages() -> None:
    question = (
        "Selon la Gazette du large, que disent les derniers rapports de 2020 publiés depuis "
        "mars 2024 en Bretagne ?"
    )
    found = detected(question, lambda: PUBLISHERS, TODAY)
    assert len(found) >= 4
    for language in LANGUAGES:
        assert all(facet.label(language) for facet in found)


def test_the_period_of_a_chip_reads_as_it_would_be_said() -> None:
    assert InPeriod(date(2020, 1, 1), date(2020, 12, 31)).label("fr") == "Année 2020"
    assert InPeriod(date(2024, 3, 1), None).label("fr") == "À partir du 1er mars 2024"
    assert InPeriod(None, date(2019, 12, 31)).label("en") == "Until 31 December 2019"
