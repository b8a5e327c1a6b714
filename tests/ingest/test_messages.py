"""The catalogue of messages is complete, twice, and nothing in it is dead."""

import re
from pathlib import Path

import pytest

from vigie.ingest import errors
from vigie.ingest.errors import VigieError
from vigie.ingest.messages import LANGUAGES, catalogue, message, placeholders

ROOT = Path(__file__).parents[2]


def subclasses(kind: type[VigieError]) -> set[type[VigieError]]:
    return {kind} | {below for child in kind.__subclasses__() for below in subclasses(child)}


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    french, english = (catalogue(language) for language in LANGUAGES)
    assert french.keys() == english.keys()
    different = [key for key in french if placeholders(french[key]) != placeholders(english[key])]
    assert not different


def test_every_error_has_its_words() -> None:
    assert subclasses(VigieError) > {errors.InputError}
    missing = [
        kind for kind in subclasses(VigieError) if f"error.{kind.code}" not in catalogue("fr")
    ]
    assert not missing


def test_an_error_speaks_the_readers_language() -> None:
    error = errors.SourceMissing(path="rapport.pdf")
    assert "n’existe pas" in str(error)
    assert "does not exist" in error.message("en")


def test_an_unknown_language_names_the_legal_ones() -> None:
    with pytest.raises(ValueError, match="fr, en"):
        message("error.input", "de")


def test_no_message_is_dead() -> None:
    """Keys stand whole in code or templates, or are built from a prefix that stands there."""
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for layer in ("ingest", "index", "assistant", "evals", "ui")
        for path in (ROOT / layer).rglob("*")
        if path.suffix in {".py", ".html", ".js"}
    )
    built = set(re.findall(r"f\"([a-z_]+\.[a-z_]*)\{", code))
    dead = [
        key
        for key in catalogue("fr")
        if f'"{key}"' not in code
        and f"'{key}'" not in code
        and not any(key.startswith(prefix) for prefix in built)
    ]
    assert not dead
