"""Figures, names and polarity: what two spellings of one fact have in common."""

from fractions import Fraction

import pytest

from vigie.assistant.support import number_words
from vigie.assistant.support.facts import Wording, addresses, names
from vigie.assistant.support.polarity import polarity
from vigie.assistant.support.quantities import figures, rates


def quantity(text: str) -> tuple[Fraction, str]:
    found = figures(text).quantities
    assert len(found) == 1, found
    return found[0].value, found[0].unit


def day(text: str) -> tuple[int | None, int | None, int | None]:
    (found,) = figures(text).days
    return found.year, found.month, found.day


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("12,4 M€", "12,4 millions d’euros"),
        ("12,4 M€", "12.4 M€"),
        ("12,4 M€", "€12.4 million"),
        ("12,4 M€", "12 400 000 euros"),
        ("5,36 Md€", "5,36 milliards d’euros"),
        ("18 k€", "18 000 €"),
        ("3 200 euros", "3200 €"),
        ("3\u00a0200 €", "3\u202f200 €"),
        ("3.200 €", "3 200 €"),
        ("60 %", "60 pour cent"),
        ("60\u202f%", "60%"),
        ("deux tiers des associations", "Deux associations sur trois"),
        ("la moitié des membres", "50 % des membres"),
        ("un quart des dons", "25 %"),
        ("trois quarts des dons", "75 %"),
        ("vingt-six ans", "26 ans"),
        ("dix-huit mois", "18 mois"),
        ("plus d’un mois", "plus de 1 mois"),
        ("quatre-vingt-dix-sept jours", "97 jours"),
        ("17 h 30", "17h30"),
        ("0 800 123 456", "0800123456"),
        ("02 48 11 22 33", "02.48.11.22.33"),
        ("640 m²", "640 m2"),
        ("la 2e édition", "la deuxième édition"),
    ],
)
def test_two_spellings_of_a_quantity_are_one_value(first: str, second: str) -> None:
    assert quantity(first) == quantity(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("418 €", "418 associations"),
        ("12 M€", "12 k€"),
        ("6 mois", "6 ans"),
        ("640 m²", "640 km²"),
        ("60 %", "60 €"),
        ("1/3 des dons", "1/4 des dons"),
    ],
)
def test_another_unit_is_another_quantity(first: str, second: str) -> None:
    assert quantity(first) != quantity(second)


@pytest.mark.parametrize(
    "text",
    ["17 mars 2021", "17/03/2021", "17.03.2021", "2021-03-17", "March 17, 2021", "17th March 2021"],
)
def test_every_spelling_of_a_day_is_the_same_day(text: str) -> None:
    assert day(text) == (2021, 3, 17)


def test_a_date_is_as_precise_as_its_words() -> None:
    assert day("en mars 2021") == (2021, 3, None)
    assert day("le 17 mars") == (None, 3, 17)
    assert day("depuis 2021") == (2021, None, None)
    assert day("le 1er janvier 2027") == (2027, 1, 1)
    assert [(d.month, d.day) for d in figures("les 5 et 6 juillet 2025").days] == [(7, 5), (7, 6)]


def test_the_english_verb_may_is_no_month() -> None:
    assert not figures("Associations may apply").days


def test_a_less_precise_date_is_within_a_more_precise_one() -> None:
    month, full = figures("mars 2021").days[0], figures("le 17 mars 2021").days[0]
    assert month.within(full)
    assert not full.within(month)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("vingt et un", 21),
        ("soixante et onze", 71),
        ("quatre-vingts", 80),
        ("quatre-vingt-onze", 91),
        ("deux cent cinquante mille", 250_000),
        ("mille deux cents", 1200),
        ("twenty-six", 26),
    ],
)
def test_numbers_in_words_are_read(words: str, number: int) -> None:
    assert number_words.value(words) == number


def test_a_number_knows_what_it_counts() -> None:
    first, second = figures("418 petites associations et 26 000 bénévoles").quantities
    assert first.nouns[0].startswith("associ")
    assert second.nouns[0].startswith("benevol")


def test_both_ends_of_a_range_have_its_unit() -> None:
    assert [q.unit for q in figures("de 10 000 à 50 000 €").quantities] == ["€", "€"]


def test_bounds_are_kept_with_the_number() -> None:
    assert figures("plus de 300 dons").quantities[0].bound == ">"
    assert figures("jusqu’à 10 000 €").quantities[0].bound == "<"
    assert figures("sept ans au plus").quantities[0].bound == "<"
    assert figures("ne peut dépasser 80 %").quantities[0].bound == "<"
    assert figures("dépasse 80 %").quantities[0].bound == ">"
    assert figures("300 dons").quantities[0].bound == ""


def test_an_article_or_les_deux_counts_nothing() -> None:
    assert not figures("Un atelier réunit les deux équipes autour d’une table").quantities


def test_one_rhythm_has_many_words() -> None:
    spellings = ("par an", "chaque année", "annuel", "tous les ans")
    assert {rates(text) for text in spellings} == {frozenset({"an"})}


def test_names_leave_out_titles_months_and_the_first_word() -> None:
    found = names("Créée en Mars, l’association de M. Paul Ostermann aide l’ADEME à Saint-Malo.")
    parts = [name.parts for name in found]
    assert parts == [("paul", "ostermann"), ("ademe",), ("saint", "malo")]
    assert [name.acronym for name in found] == [False, True, False]


def test_a_lone_name_that_opens_a_sentence_is_doubtful_but_looked_up() -> None:
    (name,) = names("Bordeaux accueille le siège.")
    assert name.parts == ("bordeaux",)
    assert not name.certain
    assert not Wording("Nantes accueille le siège.").bears(name)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("La SCOP", "la Scop"),
        ("Les SCOPs", "une SCOP"),
        ("La S.C.O.P.", "la SCOP"),
        ("L’ESS", "l’économie sociale et solidaire"),
        ("La Région", "la région"),
        ("À Evry", "à Évry"),
        ("Selon Hélène Kerbrat", "Hélène de Kerbrat"),
    ],
)
def test_a_name_is_found_under_another_spelling(name: str, source: str) -> None:
    assert all(Wording(source).bears(found) for found in names(name))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("Selon Marie Martin", "Marie Dupont et Paul Martin"),
        ("L’ANCT", "l’ADEME"),
        ("À Brest", "à Quimper"),
    ],
)
def test_half_a_name_or_another_name_is_not_found(name: str, source: str) -> None:
    assert not all(Wording(source).bears(found) for found in names(name))


def test_addresses_are_compared_whole() -> None:
    assert addresses("Écrivez à contact@exemple.org.") == ("contact@exemple.org",)
    assert addresses("Voir https://exemple.org/a, puis") == ("https://exemple.org/a",)


def test_a_negation_names_what_it_denies() -> None:
    found = polarity("Les associations sportives ne sont pas éligibles au fonds.")
    assert found.denies
    assert "eligibl" in found.heads


@pytest.mark.parametrize(
    "text",
    [
        "Il ne finance que des actions rurales.",
        "Une association à but non lucratif.",
        "Une structure sans but lucratif.",
        "Plus de 300 dons.",
    ],
)
def test_restrictions_and_set_phrases_deny_nothing(text: str) -> None:
    assert not polarity(text).denies


def test_a_denied_state_is_the_other_state() -> None:
    assert polarity("L’entrée n’est pas payante.").sides == polarity("L’entrée est gratuite.").sides


def test_figures_tell_the_direction() -> None:
    assert polarity("La dotation passe de 90 000 à 150 000 €.").course is True
    assert polarity("La part est de 21 %, contre 29 % en 2019.").course is False
