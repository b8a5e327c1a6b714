"""Chunks in, hits out: who sees what, what comes first, and what a change leaves behind."""

import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from qdrant_client import QdrantClient

from vigie.index import lexical, search
from vigie.index.collection import built_with
from vigie.index.edge import EdgeClient
from vigie.index.hits import Filters, Query
from vigie.index.lexical import terms
from vigie.index.search import Index
from vigie.ingest.documents import Audience, Kind, Place, PlaceKind
from vigie.ingest.errors import IndexMismatch, Unavailable

AUDIENCES = list(Audience)


def found(hits) -> list[str]:
    return [hit.title for hit in hits]


def test_a_hit_carries_what_is_needed_to_cite_it(index, made):
    document, chunks = made(
        "rapport.pdf",
        "Une introduction.",
        "Le fonds soutient les fanfares.",
        title="Rapport 2024",
        kind=Kind.REPORT,
        publisher="Fonds des fanfares",
        published=date(2024, 3, 1),
        modified=date(2024, 4, 1),
        url="https://example.org/rapport",
        places=(Place(0, PlaceKind.PAGE, "1"), Place(19, PlaceKind.PAGE, "2")),
    )
    chunks[1] = replace(chunks[1], heading_path=("Aides", "Musique"))
    index.add(document, chunks)
    hit = index.search(Query("Qui soutient les fanfares ?"))[0]
    assert document.text[hit.start : hit.end] == hit.text == "Le fonds soutient les fanfares."
    for name in ("title", "kind", "audience", "source", "publisher", "published", "modified"):
        assert getattr(hit, name) == getattr(document, name)
    assert hit.url == document.url
    assert (hit.chunk_id, hit.document_id, hit.ordinal) == (chunks[1].id, document.id, 1)
    assert hit.place == Place(19, PlaceKind.PAGE, "2")
    assert hit.heading_path == ("Aides", "Musique")
    assert hit.dense is not None and hit.dense <= 1.0001
    assert hit.lexical is not None and hit.lexical > 0


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_caller_finds_only_what_its_audience_may_see(index, made, audience):
    for level in AUDIENCES:
        index.add(*made(f"{level}.md", "La subvention de fonctionnement.", audience=level))
    for search_ in (index.search, index.dense_search, index.lexical_search):
        hits = search_(Query("subvention de fonctionnement", audience))
        assert {hit.audience for hit in hits} == set(audience.sees)


def test_hidden_documents_take_nobody_s_place(index, made):
    index.add_all(
        [
            made(f"secret {n}.md", "Subvention subvention subvention.", audience="staff")
            for n in range(80)
        ]
    )
    index.add_all([made(f"ouvert {n}.md", f"Une subvention, parmi {n} mots.") for n in range(12)])
    hits = index.search(Query("subvention", Audience.PUBLIC, limit=10))
    assert len(hits) == 10
    assert all(hit.title.startswith("ouvert") for hit in hits)


def test_a_hidden_hit_is_stopped_even_when_the_engine_lets_it_through(
    index, made, monkeypatch, caplog
):
    index.add(*made("secret.md", "La subvention secrète.", audience="staff"))
    staff = search.points.visible(Audience.STAFF, Filters())
    monkeypatch.setattr(search.points, "visible", lambda *_: staff)
    assert index.search(Query("subvention secrète")) == []
    assert "reached a caller of public" in caplog.text


def test_filters_narrow_both_sides(index, made):
    index.add(*made("a", "Une aide.", kind=Kind.REPORT, publisher="P", published=date(2022, 1, 1)))
    index.add(*made("b", "Une aide.", kind=Kind.ARTICLE, published=date(2024, 12, 31)))
    index.add(*made("c", "Une aide."))

    def ask(**conditions: object) -> list[str]:
        return sorted(found(index.search(Query("aide", filters=Filters(**conditions)))))

    assert ask() == ["a", "b", "c"]
    assert ask(kinds=(Kind.REPORT,)) == ["a"]
    assert ask(kinds=(Kind.REPORT, Kind.ARTICLE)) == ["a", "b", "c"]
    assert ask(publishers=("P",)) == ["a"]
    assert ask(sources=("elsewhere",)) == []
    assert ask(published_from=date(2024, 12, 31)) == ["b"]
    assert ask(published_to=date(2024, 12, 30)) == ["a"]
    assert ask(documents=(made("c")[0].id,), published_from=date(2020, 1, 1)) == []


class Themes:
    """An embedder that knows two themes and no word: what lexical search cannot do."""

    name, revision, dimensions, budget = "themes", "1", 3, 128
    prefixes, fallback_from = ("", ""), None
    roots = {"don": 0, "mecen": 0, "gener": 0, "benevol": 1, "volontair": 1}

    def count(self, text):
        return len(text.split())

    def embed_documents(self, texts):
        rows = np.full((len(texts), 3), 0.01, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for term in terms(text):
                theme = next((n for root, n in self.roots.items() if term.startswith(root)), None)
                row[2 if theme is None else theme] += 0.2 if theme is None else 1
            row /= np.linalg.norm(row)
        return rows

    def embed_query(self, text):
        return self.embed_documents([text])[0]


def test_both_sides_together_beat_each_alone(client, made):
    index = Index(client, Themes())
    index.add_all(
        [
            made("mécénat", "Le mécénat des entreprises."),
            made("dons", "Les dons des particuliers."),
            made("article 200", "L’article 200 du code."),
            made("article 238", "L’article 238 du code."),
            made("bénévoles", "Le bénévolat des retraités."),
        ]
    )
    wanted = {"générosité": {"mécénat", "dons"}, "dons article 238": {"dons", "article 238"}}

    def score(ask) -> int:
        return sum(
            len(expected & set(found(ask(Query(text, limit=2)))))
            for text, expected in wanted.items()
        )

    assert score(index.search) > max(score(index.dense_search), score(index.lexical_search))


def test_raw_scores_tell_which_side_found_a_hit(index, made):
    index.add(*made("a", "La subvention."))
    index.add(*made("b", "Le bilan."))
    hits = {hit.title: hit for hit in index.search(Query("subvention"))}
    assert hits["a"].dense > 0.5 > hits["b"].dense
    assert hits["a"].lexical > 0
    assert hits["b"].lexical is None
    assert index.lexical_search(Query("subvention"))[0].score == hits["a"].lexical
    assert index.dense_search(Query("subvention"))[0].score == hits["a"].dense


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_a_blank_question_finds_nothing(index, made, text):
    index.add(*made("a", "La subvention."))
    assert index.search(Query(text)) == []


def test_a_question_of_function_words_still_reaches_the_dense_side(index, made):
    index.add(*made("a", "La subvention."))
    assert index.lexical_search(Query("qui est-ce ?")) == []
    assert len(index.search(Query("qui est-ce ?"))) == 1


def test_titles_and_headings_are_searched_with_the_text(index, made):
    document, chunks = made("a", "Trois ans.", title="Durée de conservation")
    index.add(document, [replace(chunks[0], heading_path=("Donateurs",))])
    assert found(index.lexical_search(Query("conservation"))) == ["Durée de conservation"]
    assert found(index.lexical_search(Query("donateur"))) == ["Durée de conservation"]


def test_the_limit_holds_beyond_the_usual_depth(index, made):
    index.add_all([made(f"{n}", f"Une subvention {n}.") for n in range(70)])
    assert len(index.search(Query("subvention", limit=60))) == 60
    assert len(index.search(Query("subvention", limit=1))) == 1


def test_a_title_of_the_same_meaning_comes_first(client, made):
    index = Index(client, Themes())
    for title in ("Bénévolat", "Mécénat"):
        index.add(*made(title, "Ce qui est à savoir.", title=title))
    assert found(index.search(Query("générosité"))) == ["Mécénat", "Bénévolat"]


def test_a_document_s_own_point_is_no_chunk_and_goes_with_it(index, made):
    first, second = made("a", "La subvention.", "Le bilan."), made("b", "Le bilan.")
    index.add_all([first, second])
    assert (index.count(), index.client.count("vigie").count) == (3, 5)
    for ask in (index.search, index.dense_search, index.lexical_search):
        assert all(hit.chunk_id not in (first[0].id, second[0].id) for hit in ask(Query("bilan")))
    index.add(*made("a", "Le rapport."))
    assert (index.count(), index.client.count("vigie").count) == (2, 4)
    index.add(first[0], [])
    assert (index.count(), index.client.count("vigie").count) == (1, 2)
    index.remove(second[0].id)
    assert (index.count(), index.client.count("vigie").count) == (0, 0)


def test_an_index_of_another_analysis_asks_to_be_built_again(client, demo, monkeypatch):
    Index(client, demo)
    monkeypatch.setattr(lexical, "VERSION", lexical.VERSION + 1)
    with pytest.raises(IndexMismatch, match="vigie reindex"):
        Index(client, demo)


def test_a_document_whose_own_point_is_not_there_yet_is_found_all_the_same(index, made):
    document, chunks = made("a", "La subvention.")
    index.add_all([(document, chunks), made("b", "Le bilan.")])
    index.client.delete("vigie", [document.id])
    assert found(index.search(Query("subvention")))[0] == "a"


def test_a_new_version_leaves_no_chunk_of_the_old(index, made):
    index.add(*made("a", "Premier.", "Deuxième.", "Troisième."))
    other = made("b", "Autre.")
    index.add(*other)
    index.add(*made("a", "Deuxième.", "Quatrième."))
    assert index.count() == 3
    texts = {hit.text for hit in index.search(Query("premier troisième deuxième quatrième autre"))}
    assert texts == {"Deuxième.", "Quatrième.", "Autre."}
    index.remove(other[0].id)
    index.remove("absent")
    assert index.count() == 2


def test_a_document_that_became_empty_loses_its_chunks(index, made):
    index.add(*made("a", "Premier."))
    index.add(made("a")[0], [])
    assert index.count() == 0
    index.add_all([])


def test_a_document_is_never_absent_while_it_is_replaced(index, made):
    index.add(*made("a", "Version zéro de la subvention."))
    seen: list[int] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            seen.append(len(index.search(Query("subvention"))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    for number in range(8):
        index.add(*made("a", f"Version {number} de la subvention."))
    done.set()
    watcher.join()
    assert seen and min(seen) >= 1
    assert index.count() == 1


@pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
# What a server is asked for, the engine of this test does anyway.
@pytest.mark.filterwarnings("ignore:Local mode performs exact:UserWarning")
def test_the_index_is_the_same_on_another_engine(demo, made):
    memory = QdrantClient(":memory:")
    index = Index(memory, demo)
    index.add(*made("a", "La subvention.", published=date(2024, 1, 1)))
    index.add(*made("a", "La subvention de l’État.", published=date(2024, 1, 1)))
    index.add(*made("b", "Le bilan.", audience="staff"))
    assert index.count() == 2
    hits = index.search(Query("subvention", filters=Filters(published_from=date(2024, 1, 1))))
    assert [hit.text for hit in hits] == ["La subvention de l’État."]
    memory.close()


def test_reopening_finds_everything_and_remembers_the_model(folder, demo, made):
    client = EdgeClient(folder / "reopened")
    assert built_with(client) is None
    Index(client, demo).add(*made("a", "La subvention."))
    client.close()
    client = EdgeClient(folder / "reopened")
    assert built_with(client) == "demo"
    assert found(Index(client, demo).search(Query("subvention"))) == ["a"]
    client.close()


@pytest.mark.parametrize(
    "change", [{"name": "other"}, {"budget": 64}, {"prefixes": ("q: ", "")}, {"revision": "2"}]
)
def test_another_embedder_than_the_one_that_built_the_index_is_refused(client, demo, change):
    Index(client, demo)
    with pytest.raises(IndexMismatch, match="vigie reindex"):
        Index(client, replace(demo, **change))


def test_a_creation_cut_short_is_taken_up_again(client, demo, made, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as during, pytest.raises(KeyboardInterrupt):
        during.setattr(EdgeClient, "update_collection_aliases", interrupted)
        Index(client, demo)
    assert not client.collection_exists("vigie")
    Index(client, demo).add(*made("a", "La subvention."))
    assert Index(client, demo).count() == 1


WRITER = """
import sys
from pathlib import Path
from vigie.index.edge import EdgeClient
from vigie.index.embedders import load_embedder
from vigie.index.search import Index
from vigie.ingest.documents import Chunk, Document, Kind, chunk_ids

index = Index(EdgeClient(Path(sys.argv[1])), load_embedder("demo", threads=1))
for version in range(10_000):
    text = f"Version {version} de la subvention."
    document = Document("test", "a", text, "a", Kind.ARTICLE)
    [id_] = chunk_ids(document.id, iter([text]))
    index.add(document, [Chunk(id_, document.id, 0, 0, len(text), text, (), None, 5)])
    print(version, flush=True)
"""


def test_a_process_killed_while_adding_leaves_a_whole_index(folder, demo):
    folder = folder / "killed"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout
    acknowledged = [int(writer.stdout.readline()) for _ in range(5)][-1]
    writer.send_signal(signal.SIGKILL)
    acknowledged = max([acknowledged, *map(int, writer.stdout.read().split())])
    writer.stdout.close()
    writer.wait()
    client = EdgeClient(folder)
    index = Index(client, demo)
    hits = index.search(Query("subvention"))
    # One version, or two when the kill fell between writing the new and deleting the old.
    assert 1 <= len(hits) == index.count() <= 2
    assert max(int(hit.text.split()[1]) for hit in hits) in (acknowledged, acknowledged + 1)
    client.close()


def test_a_server_gone_silent_is_unavailable(demo):
    silent = QdrantClient(url="http://127.0.0.1:9", check_compatibility=False)
    with pytest.raises(Unavailable, match="Qdrant"):
        Index(silent, demo)
    silent.close()


def test_the_same_question_is_encoded_once(index, made, monkeypatch):
    index.add(*made("a", "La subvention."))
    asked: list[str] = []

    encode = type(index.embedder).embed_query

    def embed_query(self, text):
        asked.append(text)
        return encode(self, text)

    monkeypatch.setattr(type(index.embedder), "embed_query", embed_query)
    for _ in range(3):
        index.search(Query("subvention"))
        index.dense_search(Query("subvention"))
    assert asked == ["subvention"]


def test_the_index_path_is_a_folder_of_its_own(client, index, folder):
    assert {path.name for path in Path(folder / "index").iterdir()} == {
        "aliases.json",
        "vigie-1",
    }
