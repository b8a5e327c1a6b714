"""`sources.yaml`: what it may say, and how it is told that it may not."""

from pathlib import Path

import pytest

from vigie.ingest.documents import Audience, Kind
from vigie.ingest.errors import InvalidValue, SourceMissing
from vigie.ingest.reading import Defaults
from vigie.ingest.sources.declarations import SourceKind, chosen, declared

WHOLE = """
sources:
  - name: partage
    kind: folder
    where: partage
    audience: staff
    publisher: Réseau Estran
    defaults: {kind: note}
  - name: site
    kind: wordpress
    where: https://estran.example
    types: [posts, pages]
  - {name: pages, kind: urls, where: ["https://a.example/", "https://b.example/x"]}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "sources.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(InvalidValue) as caught:
        declared(write(folder, text))
    assert caught.value.message("en")
    return str(caught.value)


def test_every_source_is_read_with_what_is_said_of_it(tmp_path: Path) -> None:
    folder, site, pages = declared(write(tmp_path, WHOLE))
    assert folder.stated == Defaults(Audience.STAFF, "Réseau Estran", Kind.NOTE)
    assert folder.where == (str(tmp_path / "partage"),)
    assert (site.kind, site.types) == (SourceKind.WORDPRESS, ("posts", "pages"))
    assert len(pages.where) == 2
    assert not site.allow_private


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("{kind: folder, where: x}", ["source « 1 »", "name", "lettres"]),
        ("{name: a b, kind: folder, where: x}", ["a b", "clé name"]),
        ("{name: a, kind: ftp, where: x}", ["source « a »", "kind", "ftp", "wordpress"]),
        ("{name: a, kind: folder}", ["where", "chemin"]),
        ("{name: a, kind: sitemap, where: www.a.example}", ["www.a.example", "https://"]),
        ("{name: a, kind: folder, where: 'https://a.example'}", ["dossier"]),
        ("{name: a, kind: folder, where: [x, y]}", ["un seul lieu"]),
        ("{name: a, kind: urls, where: 'https://me:secret@a.example/'}", ["mot de passe"]),
        ("{name: a, kind: urls, where: 'http://[nothing/'}", ["https://"]),
        ("{name: a, kind: folder, where: x, audience: all}", ["audience", "all", "partner"]),
        ("{name: a, kind: folder, where: x, defaults: {kind: poem}}", ["poem", "report"]),
        ("{name: a, kind: folder, where: x, allow_private: maybe}", ["maybe", "true"]),
        ("{name: a, kind: folder, where: x, wehre: y}", ["wehre", "audience"]),
        ("nothing", ["nothing", "au moins"]),
    ],
)
def test_a_wrong_entry_is_told_with_source_key_value_and_what_is_expected(
    tmp_path: Path, entry: str, words: list[str]
) -> None:
    text = refusal(tmp_path, f"sources:\n  - {entry}\n")
    assert [word for word in ["sources.yaml", *words] if word not in text] == []


def test_two_sources_of_one_name_are_refused(tmp_path: Path) -> None:
    entry = "  - {name: a, kind: folder, where: x}\n"
    assert "un nom par source" in refusal(tmp_path, "sources:\n" + 2 * entry)


@pytest.mark.parametrize("text", ["", "a: [", "sources: 3", "sources: []\nother: 1"])
def test_a_file_that_lists_no_sources_is_refused(tmp_path: Path, text: str) -> None:
    assert "sources.yaml" in refusal(tmp_path, text)


def test_an_absent_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing):
        declared(tmp_path / "sources.yaml")


def test_sources_are_chosen_by_name_and_an_unknown_name_tells_the_known(tmp_path: Path) -> None:
    found = declared(write(tmp_path, WHOLE))
    assert [source.name for source in chosen(found, ["pages", "site"])] == ["pages", "site"]
    assert chosen(found, []) == found
    with pytest.raises(InvalidValue, match="partage, site, pages"):
        chosen(found, ["absente"])
