"""JSON, JSON lines and YAML."""

import json
from datetime import date
from pathlib import Path

import pytest

from vigie.ingest.errors import Reason, UnreadableFile
from vigie.ingest.readers.structured import read

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "files" / "programmes"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="third-party files are not here")

AIDS = [
    {
        "titre": "Sobriété des locaux",
        "opérateur de contact": "Agence des lilas",
        "fin de validité": "31/12/2026",
        "montant du financement": "70 % du coût",
        "conditions d'éligibilité": {
            "secteur géographique": ["Bretagne, Normandie"],
            "taille": ["Moins de 50 salariés", "Au moins un an"],
        },
        "règles": {"avec": {"a": None, "b": {"c": [1, 2]}}},
    },
    {"titre": "Prêt vert", "opérateur de contact": "Banque", "fin de validité": None},
]


def test_a_list_of_nested_records_is_flattened_with_care() -> None:
    first, second = read(json.dumps(AIDS).encode(), "aides.json").records
    programme = first.programme
    assert programme is not None
    assert programme.territories == ("Bretagne", "Normandie")
    assert programme.closes == date(2026, 12, 31)
    assert programme.funder == "Agence des lilas"
    assert "taille : Moins de 50 salariés ; Au moins un an" in first.text
    assert "règles" not in first.text and "None" not in first.text
    assert second.text == "- titre : Prêt vert\n- opérateur de contact : Banque"


@pytest.mark.parametrize(
    "wrapped",
    [
        {"count": 2, "results": AIDS},
        {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "properties": a} for a in AIDS],
        },
        {"a1": AIDS[0], "a2": AIDS[1]},
    ],
)
def test_records_are_found_inside_their_wrapper(wrapped: dict[str, object]) -> None:
    reading = read(json.dumps(wrapped).encode(), "aides.json")
    assert [record.title for record in reading.records] == ["Sobriété des locaux", "Prêt vert"]


def test_bad_lines_of_json_lines_are_logged_and_the_rest_is_read(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lines = [json.dumps(AIDS[0]), "{", json.dumps(AIDS[1])]
    assert len(read("\n".join(lines).encode(), "aides.jsonl").records) == 2
    assert "line 2" in caplog.text


def test_a_lone_mapping_that_is_no_programme_is_a_text() -> None:
    reading = read(b"adresse: 3 rue du Lys\nouverture: mardi", "infos.yaml")
    assert reading.records == ()
    assert reading.text == "- adresse : 3 rue du Lys\n- ouverture : mardi"


def test_markup_and_the_equals_operator_in_yaml_are_read() -> None:
    text = """
label: aide au permis
institution: region_des_lilas
description: <p>Une <b>aide</b> utile.</p>
conditions:
  - Avoir <a href="https://a.example">le code</a>.
conditions_generales:
  - type: age
    operator: =
    value: 18
montant: 800
unit: €
"""
    [record] = read(text.encode(), "permis.yml").records
    assert record.programme is not None
    assert record.programme.amount == "800 €"
    assert record.programme.funder == "region des lilas"
    assert "description : Une aide utile." in record.text
    assert "conditions : Avoir le code." in record.text
    assert "conditions_generales : age = 18" in record.text


@pytest.mark.parametrize(
    ("text", "name", "key"),
    [
        ("a: [", "a.yaml", "read.syntax"),
        ("a: &x [1]\nb: *x", "a.yaml", "read.aliases"),
        ("a: 2026-02-31", "a.yaml", "read.syntax"),
        ("{", "a.json", "read.syntax"),
        ("nothing\nat all", "a.jsonl", "read.syntax"),
        ("!!python/object/apply:os.system ['true']", "a.yaml", "read.syntax"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, name: str, key: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(text.encode(), name)
    reason = caught.value.values["reason"]
    assert isinstance(reason, Reason) and reason.key == key


@needs_data
def test_the_published_transition_programmes_are_read_whole() -> None:
    reading = read((DATA / "mission_transition.json").read_bytes(), "mission_transition.json")
    programmes = [record.programme for record in reading.records if record.programme]
    assert len(programmes) == 260
    assert all(programme.territories and programme.funder for programme in programmes)
    assert sum(programme.closes is not None for programme in programmes) == 138
    assert not any("publicodes" in record.text for record in reading.records)


@needs_data
def test_every_published_aid_to_the_young_is_a_programme() -> None:
    for path in sorted((DATA / "aides_jeunes").glob("*.yml")):
        [record] = read(path.read_bytes(), path.name).records
        assert record.programme is not None and record.programme.funder, path.name
        assert "<" not in record.text.replace("< ", "").replace("<=", ""), path.name
