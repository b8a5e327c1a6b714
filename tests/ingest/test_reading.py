"""One file in, its documents out."""

import json
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from vigie.ingest.documents import Audience, Document, Kind
from vigie.ingest.errors import EmptyDocument, SourceMissing, UnreadableFile, UnsupportedFormat
from vigie.ingest.readers.registry import READERS, actual_suffix, reader_for
from vigie.ingest.reading import Defaults, read

AIDS = [
    {"nom": name, "financeur": "Fondation", "bénéficiaires": "clubs", "clôture": "31/12/2026"}
    for name in ("Élan", "Relais")
]


def documents(path: Path, root: Path | None = None, **defaults: object) -> list[Document]:
    given = Defaults(**defaults)  # type: ignore[arg-type]
    return read(path, source="essai", root=root or path.parent, defaults=given)


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("suffix", READERS)
def test_every_suffix_has_its_reader(suffix: str) -> None:
    assert callable(reader_for(suffix))


def test_a_list_of_programmes_gives_a_document_for_each(tmp_path: Path) -> None:
    path = written(tmp_path / "listes" / "aides.json", json.dumps(AIDS))
    first, second = documents(path, tmp_path, audience=Audience.PARTNER, publisher="Réseau")
    assert first.location == "listes/aides.json#elan"
    assert second.location == "listes/aides.json#relais"
    assert (first.kind, first.title, first.audience) == (Kind.PROGRAMME, "Élan", Audience.PARTNER)
    assert first.publisher == "Réseau" and first.media_type == "application/json"
    assert first.record is not None and first.record.funder == "Fondation"
    assert first.id != second.id


def test_a_document_takes_its_name_when_it_has_no_title(tmp_path: Path) -> None:
    path = written(tmp_path / "Compte_rendu  du 3 mai.json", '{"lieu": "Lille", "jour": "mardi"}')
    [document] = documents(path)
    assert document.title == "Compte rendu du 3 mai"
    assert document.location == "Compte_rendu  du 3 mai.json"


def test_the_source_says_what_files_do_not(tmp_path: Path) -> None:
    path = tmp_path / "page.pdf"
    canvas = Canvas(str(path))
    canvas.drawString(72, 700, "The grant is open to all of the charities and to their partners.")
    canvas.save()
    [document] = documents(path)
    assert (document.kind, document.language, document.publisher) == (Kind.REPORT, "en", None)
    [document] = documents(path, kind=Kind.NOTE, publisher="Trust")
    assert (document.kind, document.publisher) == (Kind.NOTE, "Trust")


def test_the_root_may_be_the_file_itself(tmp_path: Path) -> None:
    path = written(tmp_path / "aides.json", json.dumps(AIDS))
    assert documents(path, root=path)[0].location == "aides.json#elan"


def test_a_web_page_saved_as_text_is_read_as_a_web_page() -> None:
    assert actual_suffix(b"\n<!DOCTYPE html><html><body>x", "page.txt") == ".html"
    assert actual_suffix(b"\xef\xbb\xbf<html lang='fr'>", "export.xls") == ".html"
    assert actual_suffix("Bonjour à tous".encode(), "note.txt") == ".txt"
    assert actual_suffix("Été".encode("utf-16"), "note.txt") == ".txt"
    assert actual_suffix("Un été à Lys".encode("utf-16-le"), "note.txt") == ".txt"


def test_problems_name_the_file_within_its_source(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing) as missing:
        documents(tmp_path / "x" / "absent.pdf", tmp_path)
    assert missing.value.values["path"] == "x/absent.pdf"
    with pytest.raises(EmptyDocument):
        documents(written(tmp_path / "vide.md", " \n"))
    with pytest.raises(UnsupportedFormat) as unknown:
        documents(written(tmp_path / "dessin.svgz", "des mots"))
    assert ".svgz" in unknown.value.message("fr") and ".pdf" in unknown.value.message("en")


def test_a_surprise_inside_a_reader_is_one_recorded_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(data: bytes, name: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("vigie.ingest.readers.structured.read", broken)
    with pytest.raises(UnreadableFile) as caught:
        documents(written(tmp_path / "a.json", "{}"))
    assert "ZeroDivisionError" in caught.value.message("en")
    assert "ZeroDivisionError" in caplog.text
