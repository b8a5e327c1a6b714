"""One document in several places, and articles that were published again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from vigie.index.hits import Query
from vigie.index.progress import Progress
from vigie.index.removal import take_out
from vigie.index.rounds import forget, sync
from vigie.index.schema import documents
from vigie.ingest.documents import Audience, Kind, Programme
from vigie.ingest.sources.declarations import Declaration

NOTE = "# Local partagé\n\nLa commune prête son local aux associations le samedi matin.\n"
ARTICLE = (
    "La fédération ouvre un fonds de secours pour les clubs dont la salle a été inondée cet hiver."
    " Chaque club remplit un dossier court, joint deux photographies et le fait signer par la"
    " mairie. Les demandes sont lues toutes les semaines par trois bénévoles, qui répondent dans"
    " les dix jours. L’aide couvre le matériel perdu, la remise en état des vestiaires et la"
    " location d’une salle voisine jusqu’à la fin de la saison sportive."
)

Go = Callable[..., dict[str, Progress]]


@pytest.fixture
def go(catalogue, index, demo) -> Go:
    def round_(*sources: Declaration, confirm: bool = False) -> dict[str, Progress]:
        told = sync(sources, catalogue=catalogue, index=index, embedder=demo, confirm=confirm)
        return {progress.source: progress for progress in told}

    return round_


@pytest.fixture
def source(tmp_path: Path) -> Callable[..., Declaration]:
    """A declared folder with the files given by name."""

    def made(name: str, files: dict[str, str], **more: Any) -> Declaration:
        root = tmp_path / name
        root.mkdir(exist_ok=True)
        for path, text in files.items():
            (root / path).write_text(text, encoding="utf-8")
        return Declaration(name=name, kind="folder", where=[str(root)], **more)

    return made


def found(index, words: str = "local samedi", audience: Audience = Audience.STAFF) -> list[str]:
    """Documents found by what they say, in their sources."""
    hits = index.lexical_search(Query(words, audience, limit=50))
    return sorted({f"{hit.source}/{hit.document_id}" for hit in hits})


def stored(catalogue) -> list[str]:
    return sorted(f"{item.source}/{item.location}" for item in catalogue.walk())


def test_the_same_note_in_two_places_is_one_document(go: Go, source, catalogue, index) -> None:
    both = source("a", {"note.md": NOTE}), source("b", {"copie.md": NOTE})
    told = go(*both)
    assert (told["a"].new, told["b"].new, told["b"].chunks) == (1, 1, 0)
    assert (catalogue.count(Audience.STAFF), len(found(index))) == (1, 1)
    (document,) = catalogue.walk()
    (twin,) = catalogue.twins([document.id], Audience.PUBLIC)[document.id]
    assert (twin.location, twin.title) == ("copie.md", document.title)
    assert catalogue.get(twin.document_id, Audience.PUBLIC) == document
    for name in ("a", "b"):
        assert catalogue.all(Audience.PUBLIC, 10, source=name) == [document]
    again = go(*both)
    assert [(p.found, p.new, p.unchanged) for p in again.values()] == [(1, 0, 1)] * 2


@pytest.mark.parametrize("leaving", ["a", "b"])
def test_a_place_that_disappears_leaves_the_document_to_the_other(
    go: Go, source, catalogue, index, leaving: str
) -> None:
    sources = {"a": source("a", {"note.md": NOTE}), "b": source("b", {"copie.md": NOTE})}
    go(*sources.values())
    (before,) = catalogue.walk()
    where = Path(sources[leaving].where[0])
    next(where.iterdir()).unlink()
    assert go(sources[leaving])[leaving].removed == 1
    (left,) = catalogue.walk()
    assert left.source != leaving
    assert found(index) == [f"{left.source}/{left.id}"]
    assert catalogue.get(before.id, Audience.PUBLIC) == left
    assert catalogue.twins([left.id], Audience.STAFF) == {}
    (other,) = (each for name, each in sources.items() if name != leaving)
    assert go(other)[other.name].unchanged == 1
    next(Path(other.where[0]).iterdir()).unlink()
    assert go(other)[other.name].removed == 1
    assert (stored(catalogue), found(index), index.count()) == ([], [], 0)


def test_a_place_that_is_edited_leaves_the_others_as_they_were(
    go: Go, source, catalogue, index
) -> None:
    both = source("a", {"note.md": NOTE}), source("b", {"x.md": NOTE, "y.md": NOTE})
    go(*both)
    source("a", {"note.md": NOTE.replace("samedi", "dimanche")})
    assert go(both[0])["a"].changed == 1
    assert stored(catalogue) == ["a/note.md", "b/x.md"]
    assert len(found(index, "samedi")) == len(found(index, "dimanche")) == 1
    (kept,) = catalogue.all(Audience.STAFF, 10, source="b")
    assert [t.location for t in catalogue.twins([kept.id], Audience.STAFF)[kept.id]] == ["y.md"]
    source("a", {"note.md": NOTE})
    go(both[0])
    assert (stored(catalogue), index.count()) == (["b/x.md"], 1)
    assert go(both[1])["b"].unchanged == 2


def test_a_copy_that_moves_stays_a_copy(go: Go, source, catalogue, index) -> None:
    followed = source("a", {"x.md": NOTE, "y.md": NOTE})
    go(followed)
    root = Path(followed.where[0])
    ids = catalogue.ledger.documents("a")
    (root / "archives").mkdir()
    for name in ("x.md", "y.md"):
        (root / name).rename(root / "archives" / name)
    told = go(followed)["a"]
    assert (told.moved, told.new, told.removed) == (2, 0, 0)
    assert (stored(catalogue), index.count()) == (["a/archives/x.md"], 1)
    assert {item and item.location for item in (catalogue.get(i, Audience.STAFF) for i in ids)} == {
        "archives/x.md"
    }


def test_an_index_that_was_emptied_is_filled_again(go: Go, source, catalogue, index) -> None:
    both = source("a", {"note.md": NOTE}), source("b", {"copie.md": NOTE})
    go(*both)
    for id_ in {hit.split("/")[1] for hit in found(index)}:
        index.remove(id_)
    # Only the source of the copy is gone through: its text must be found all the same.
    go(both[1])
    assert len(found(index)) == 1
    go(*both)
    assert (catalogue.count(Audience.STAFF), len(found(index))) == (1, 1)


def test_a_public_reader_does_not_learn_what_the_staff_keeps(
    go: Go, source, catalogue, index
) -> None:
    hidden = source("equipe", {"note.md": NOTE, "fonds.md": ARTICLE}, audience="staff")
    open_ = source("site", {"note.md": NOTE, "fonds.md": ARTICLE + " Contactez-nous vite."})
    go(hidden, open_)
    public = catalogue.all(Audience.PUBLIC, 10)
    ids = [item.id for item in public]
    assert len(ids) == 2 and {item.source for item in public} == {"site"}
    assert catalogue.twins(ids, Audience.PUBLIC) == {}
    assert {twin.document_id for t in catalogue.twins(ids, Audience.STAFF).values() for twin in t}
    assert catalogue.all(Audience.PUBLIC, 10, source="equipe") == []
    assert catalogue.count(Audience.PUBLIC, source="equipe") == 0
    # Nothing changes for the public when the staff's copy goes, and the other way round.
    for path in Path(hidden.where[0]).iterdir():
        path.unlink()
    go(hidden, confirm=True)
    assert catalogue.all(Audience.PUBLIC, 10) == public


def test_a_source_closed_to_the_public_takes_its_copies_with_it(
    go: Go, source, catalogue, index
) -> None:
    go(source("a", {"note.md": NOTE}), source("b", {"copie.md": NOTE}))
    go(source("b", {"copie.md": NOTE}, audience="staff"))
    assert {item.audience for item in catalogue.walk()} == {Audience.PUBLIC, Audience.STAFF}
    go(source("a", {"note.md": NOTE}, audience="staff"))
    assert catalogue.count(Audience.PUBLIC) == 0
    assert found(index, audience=Audience.PUBLIC) == []
    assert catalogue.count(Audience.STAFF) == 1


def test_rows_of_tables_are_neither_copies_nor_twins(catalogue, made) -> None:
    entries = []
    for location in ("aides.csv#1", "aides.csv#2"):
        record = Programme(name="Fonds de secours")
        document, chunks = made(location, ARTICLE, kind=Kind.PROGRAMME, record=record, title="F")
        entries.append((document, len(chunks), location))
    catalogue.put_all(entries)
    assert catalogue.count(Audience.STAFF) == 2
    assert catalogue.twins([item.id for item, *_ in entries], Audience.STAFF) == {}


def test_a_republished_article_is_known_and_forgotten_with_its_place(catalogue, made) -> None:
    def entry(location: str, text: str, publisher: str) -> Any:
        document, chunks = made(location, text, publisher=publisher, title="Un fonds de secours")
        return document, len(chunks), location

    first = entry("a", ARTICLE, "Fédération")
    teaser = entry("b", ARTICLE[:330] + " Lire la suite", "Ligue")
    catalogue.put_all([first])
    catalogue.put_all([teaser])
    (twin,) = catalogue.twins([first[0].id], Audience.PUBLIC)[first[0].id]
    assert (twin.document_id, twin.publisher, twin.location) == (teaser[0].id, "Ligue", None)
    assert twin.words < 70
    catalogue.put_all([entry("b", "Tout autre chose, et rien de plus.", "Ligue")])
    assert catalogue.twins([first[0].id], Audience.PUBLIC) == {}
    catalogue.put_all([teaser])
    catalogue.remove(first[0].id)
    assert catalogue.twins([teaser[0].id], Audience.PUBLIC) == {}


def test_documents_of_an_older_catalogue_are_looked_at_once(catalogue, made) -> None:
    for location, publisher in (("a", "Fédération"), ("b", "Ligue")):
        document, _ = made(location, ARTICLE, publisher=publisher, title="Un fonds de secours")
        catalogue.put(document, 1)
    with catalogue._writes.begin() as connection:
        connection.execute(documents.update().values(content=None, words=0))
        for table in ("samples", "twins"):
            connection.execute(sa.text(f"DELETE FROM {table}"))
    catalogue.catch_up()
    assert len(catalogue.twins([document.id], Audience.PUBLIC)) == 1
    catalogue.catch_up()


def test_a_source_is_forgotten_without_what_stands_elsewhere(
    go: Go, source, catalogue, index
) -> None:
    go(source("a", {"note.md": NOTE, "fonds.md": ARTICLE}), source("b", {"copie.md": NOTE}))
    last = list(forget("a", catalogue=catalogue, index=index))[-1]
    assert (last.removed, stored(catalogue)) == (2, ["b/copie.md"])
    assert list(catalogue.ledger.outcomes()) == ["b"]
    assert (catalogue.ledger.origins("a"), index.count()) == ({}, 1)


def test_what_is_not_there_is_taken_out_in_silence(catalogue, index) -> None:
    take_out(["absent"], catalogue, index)
    assert index.count() == 0
