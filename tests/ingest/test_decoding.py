"""Bytes of French files become the letters that were meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.ingest.decoding import decode

FRENCH = "Après l’été, l’Observatoire « œuvre » à 12 € – déjà vu : Noël, où ça ? Élu, maïs, garçon."
PLAIN = "Après l'été, à Orléans le préfet a déjà reçu le maçon. Où ça ? À Noël."


@pytest.mark.parametrize(
    "codec",
    "utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 cp1252 mac_roman".split(),
)
def test_every_encoding_that_french_files_use_is_recognised(codec: str) -> None:
    assert decode(FRENCH.encode(codec)) == FRENCH


def test_dos_and_latin_9_are_told_from_windows() -> None:
    assert decode(PLAIN.encode("cp850")) == PLAIN
    euro = f"{PLAIN} 3 €, un œuf"
    assert decode(euro.encode("iso8859-15")) == euro


def test_a_wrong_declaration_is_not_believed() -> None:
    assert decode(FRENCH.encode(), "iso-8859-1") == FRENCH
    assert decode(FRENCH.encode("cp1252"), "utf-8") == FRENCH
    assert decode(FRENCH.encode("cp1252"), "no-such-codec") == FRENCH


def test_a_declared_foreign_encoding_is_believed() -> None:
    assert decode("Привет, мир".encode("cp1251"), "windows-1251") == "Привет, мир"


def test_a_stray_windows_byte_in_utf_8_becomes_its_letter() -> None:
    assert decode("Été déjà reçu à ".encode() + b"No\xebl 2024") == "Été déjà reçu à Noël 2024"


def test_a_letter_cut_by_the_end_of_the_file_goes() -> None:
    assert decode("Été déjà reçu".encode() + b"\xc3") == "Été déjà reçu"


def test_a_short_word_in_windows_encoding_keeps_its_last_letter() -> None:
    assert decode("café".encode("cp1252")) == "café"


def test_nothing_gives_nothing() -> None:
    assert decode(b"") == ""


@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "latin-1", "utf-16", "x", "hex"]))
def test_no_bytes_raise(data: bytes, declared: str | None) -> None:
    assert isinstance(decode(data, declared), str)
