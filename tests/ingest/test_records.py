"""Rows become programmes, other records, or stay a table that can be quoted."""

from datetime import date

import pytest

from vigie.ingest.record_fields import Field, columns, field_of
from vigie.ingest.record_values import dates, first_url, is_permanent, parts, plain, spell
from vigie.ingest.records import Table, records, slug, tabulate, whole

HEADER = [
    "Nom du dispositif",
    "Porteur",
    "Pour qui ?",
    "Périmètre",
    "Date d’ouverture",
    "Jusqu’au",
    "Plafond",
    "Site",
]
ROW = [
    "Élan numérique",
    "Fondation des Lilas",
    "Associations, fondations et coopératives",
    "Nord, Pas-de-Calais",
    "1er mars 2026",
    "15 janvier 2027 à midi",
    "20 000 €",
    "www.lilas.example/elan",
]


def table(*rows: list[str]) -> Table:
    found = tabulate("aides", rows)
    assert found is not None
    return found


def test_a_row_of_a_programme_table_is_typed_from_its_headers() -> None:
    [record] = records(table(HEADER, ROW))
    programme = record.programme
    assert programme is not None
    assert programme.name == record.title == "Élan numérique"
    assert programme.funder == "Fondation des Lilas"
    assert programme.beneficiaries == ("Associations", "fondations", "coopératives")
    assert programme.territories == ("Nord", "Pas-de-Calais")
    assert (programme.opens, programme.closes) == (date(2026, 3, 1), date(2027, 1, 15))
    assert programme.amount == "20 000 €"
    assert programme.url == "https://www.lilas.example/elan"
    assert not programme.permanent


def test_the_text_keeps_the_words_of_the_file() -> None:
    [record] = records(table(HEADER, ROW))
    assert record.text.split("\n")[:3] == [
        "- Nom du dispositif : Élan numérique",
        "- Porteur : Fondation des Lilas",
        "- Pour qui ? : Associations, fondations et coopératives",
    ]


def test_english_headers_are_known_too() -> None:
    rows = [
        ["Title", "Funder", "Who can apply", "Deadline", "Amount"],
        ["Seed fund", "Lilac Trust", "charities", "2026-12-31", "up to €5,000"],
    ]
    programme = records(table(*rows))[0].programme
    assert programme is not None and programme.closes == date(2026, 12, 31)
    assert programme.beneficiaries == ("charities",)


def test_grants_already_paid_are_no_programmes() -> None:
    rows = [
        ["nomAttribuant", "dateConvention", "nomBeneficiaire", "objet", "montant", "nature", "rna"],
        ["Ville de Lys", "2025-03-01", "Les Amis du Lys", "Fête", "4500", "numéraire", "W1"],
        ["Ville de Lys", "2025-03-02", "Club du Lys", "Tournoi", "800", "numéraire", "W2"],
    ]
    made = records(table(*rows))
    assert [record.title for record in made] == ["Les Amis du Lys", "Club du Lys"]
    assert all(record.programme is None for record in made)
    assert "montant : 4500" in made[0].text


def test_a_directory_of_people_is_no_list_of_programmes() -> None:
    header = ["Nom", "Prénom", "Organisme", "Date de début", "Date de fin", "Statut", "Mail"]
    fields = columns(header)
    assert Field.FUNDER in fields
    rows = [header, ["Zola", "Ana", "Lilas", "01/01/2025", "01/01/2026", "actif", "a@b.example"]]
    assert all(record.programme is None for record in records(table(*rows)))


def test_a_small_lookup_table_stays_whole() -> None:
    found = table(["Poste", "2024", "2025"], ["Loyer", "3 200", "3 250"], ["Total", "9", "10"])
    assert records(found) == ()
    assert "| Loyer | 3 200 | 3 250 |" in whole(found)


def test_a_table_without_names_stays_whole() -> None:
    rows = [["age", "points", "tarif", "mois"]] + [["26", "3", "12,5", "4"]] * 40
    assert records(table(*rows)) == ()


def test_title_lines_above_the_header_are_its_caption() -> None:
    rows = [["Aides 2026"], [], ["Mise à jour : juin"], HEADER, ROW, [""] * 8]
    found = table(*rows)
    assert found.caption == ("Aides 2026", "Mise à jour : juin")
    assert found.header[0] == "Nom du dispositif" and len(found.rows) == 1


def test_equal_names_get_keys_of_their_own() -> None:
    made = records(table(HEADER, ROW, ROW, ROW))
    assert [record.key for record in made] == [
        "elan-numerique",
        "elan-numerique-2",
        "elan-numerique-3",
    ]


def test_repeated_and_missing_headers_are_told_apart() -> None:
    found = table(["Nom", "Contact", "Contact", ""], ["a", "b", "c", "d"])
    assert found.header == ("Nom", "Contact", "Contact (2)", "Colonne 4")


def test_a_programme_without_end_is_permanent() -> None:
    row = [*ROW[:5], "Au fil de l’eau", *ROW[6:]]
    programme = records(table(HEADER, row))[0].programme
    assert programme is not None and programme.permanent and programme.closes is None


def test_nothing_is_invented_for_an_empty_cell() -> None:
    programme = records(table(HEADER, ["Sans détail", *[""] * 5, "5 000 €", ""]))[0].programme
    assert programme is not None
    assert (programme.funder, programme.opens, programme.closes) == (None, None, None)
    assert programme.territories == () and not programme.permanent


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Financeur(s)", Field.FUNDER),
        ("secteur géographique", Field.TERRITORIES),
        ("eligibilite_geographique", Field.TERRITORIES),
        ("eligibilite_geographique_exclusions", None),
        ("dateCloture", Field.CLOSES),
        ("Date limite de dépôt", Field.CLOSES),
        ("Taux de subvention, min. et max. (en %)", Field.AMOUNT),
        ("État d’avancement du projet", None),
        ("opérateur de contact", Field.FUNDER),
        ("Descriptif", None),
        ("Page web", Field.URL),
    ],
)
def test_a_header_names_its_field(header: str, field: Field | None) -> None:
    match = field_of(header)
    assert (match[0] if match else None) == field


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        (
            "Communes;Entreprises publiques (Sem, Spl)",
            ("Communes", "Entreprises publiques (Sem, Spl)"),
        ),
        ("Nord, Pas-de-Calais et Somme", ("Nord", "Pas-de-Calais", "Somme")),
        ("Wallis et Futuna", ("Wallis et Futuna",)),
        ("Entreprises publiques (Sem, Spl)", ("Entreprises publiques (Sem, Spl)",)),
        ("Loire-Atlantique / Vendée", ("Loire-Atlantique", "Vendée")),
        ("- un\n- deux", ("un", "deux")),
        ("National", ("National",)),
        ("", ()),
    ],
)
def test_a_cell_is_divided_where_its_editor_divided_it(cell: str, items: tuple[str, ...]) -> None:
    assert parts(cell) == items


@pytest.mark.parametrize(
    ("cell", "days"),
    [
        ("du 1er mars au 30 juin 2026", (date(2026, 3, 1), date(2026, 6, 30))),
        ("du 8 au 22 avril 2026", (date(2026, 4, 8), date(2026, 4, 22))),
        ("2026-01-04T23:00:00.000Z", (date(2026, 1, 5),)),
        ("jusqu’au 31/12/2026 inclus", (date(2026, 12, 31),)),
        ("septembre 2026", ()),
        ("31/02/2026", ()),
    ],
)
def test_dates_are_found_inside_sentences(cell: str, days: tuple[date, ...]) -> None:
    assert dates(cell) == days


def test_markup_in_cells_becomes_words() -> None:
    assert plain("<p>Un&nbsp;<b>fonds</b></p><ul><li>local</li></ul>") == "Un\xa0fonds\n- local"
    assert (
        plain("Voir [la page](https://a.example) **vite**")
        == "Voir la page (https://a.example) vite"
    )
    assert plain("N/A") == ""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (99000000000001.0, "99000000000001"),
        (10.5, "10,5"),
        (True, "oui"),
        (None, ""),
        (date(2026, 9, 3), "03/09/2026"),
        ([{"nom": "ADEME", "siren": "385290309"}], "ADEME"),
        ('[{"nom":"BPIFRANCE","siren":"483790069"}]', "BPIFRANCE"),
        ({"type": "age", "operator": ">=", "value": 18}, "age >= 18"),
        ([str(code) for code in range(74_000, 74_300)], None),
    ],
)
def test_any_value_is_spelled_for_readers(value: object, words: str | None) -> None:
    spelled = spell(value)
    assert spelled == words if words is not None else spelled.endswith("; …")


def test_slugs_are_ascii_and_never_empty() -> None:
    assert slug("L’œuvre à Noël : été (2026)") == "l-oeuvre-a-noel-ete-2026"
    assert slug("???") == "ligne"


def test_permanence_and_addresses_are_recognised() -> None:
    assert is_permanent("Permanente") and not is_permanent("Ponctuelle")
    assert first_url("voir (https://a.example/b?c=1).") == "https://a.example/b?c=1"
    assert first_url("pas d’adresse") is None
