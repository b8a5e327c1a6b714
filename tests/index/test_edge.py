"""The embedded engine as it grows: codes, a graph, and nothing lost on the way."""

import shutil
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qdrant_client import models

from vigie.index import edge_order
from vigie.index.edge import EdgeClient
from vigie.index.sizing import Codes, Layout

NAME = "test"
POINTS, DIMENSIONS, SINCE, GRAPH_FROM = 2000, 64, 500, 1500
# Bytes a point: 4 without edges, 25 with.
EDGELESS = 10
# The longest that a question may wait while another process works.
PATIENCE = 20


def small(points: int) -> Layout:
    """Sizes that a test reaches in a second."""
    return Layout(Codes.INT8, graph=points >= GRAPH_FROM, since=SINCE)


def plain(points: int) -> Layout:
    return Layout()


def vectors(count: int, seed: int = 0) -> Any:
    """Around a few centres, as texts are around subjects."""
    dice = np.random.default_rng(seed)
    centres = np.random.default_rng(1).standard_normal((20, DIMENSIONS))
    found = centres[dice.integers(20, size=count)] + 0.7 * dice.standard_normal((count, DIMENSIONS))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


VECTORS, ASKED = vectors(POINTS), vectors(20, seed=2)


def points(first: int, last: int) -> list[models.PointStruct]:
    return [
        models.PointStruct(
            id=str(uuid.UUID(int=number + 1)),
            vector={
                "dense": VECTORS[number].tolist(),
                "lexical": models.SparseVector(indices=[number % 50], values=[1.0]),
            },
            payload={"n": number, "audience": ("public", "staff")[number % 2]},
        )
        for number in range(first, last)
    ]


def fill(client: EdgeClient, count: int) -> None:
    client.create_collection(
        NAME,
        vectors_config={
            "dense": models.VectorParams(size=DIMENSIONS, distance=models.Distance.COSINE)
        },
        sparse_vectors_config={"lexical": models.SparseVectorParams(modifier=models.Modifier.IDF)},
    )
    client.create_payload_index(NAME, "audience", models.PayloadSchemaType.KEYWORD)
    client.upsert(NAME, points(0, count))


def found(client: EdgeClient, **options: Any) -> list[set[Any]]:
    """The ten nearest of each question."""
    return [
        {
            point.id
            for point in client.query_points(NAME, query.tolist(), using="dense", **options).points
        }
        for query in ASKED
    ]


def shared(one: list[set[Any]], other: list[set[Any]]) -> float:
    return float(np.mean([len(a & b) / len(b) for a, b in zip(one, other, strict=True)]))


def codes(folder: Path) -> list[Path]:
    return list(folder.rglob("quantized*"))


def graphs(folder: Path) -> list[Path]:
    """Files of edges; that of a graph without any has a few bytes for each point."""
    found = folder.rglob("links*")
    return [path for path in found if path.stat().st_size > EDGELESS * POINTS]


@pytest.fixture
def exact(folder: Path) -> Iterator[list[set[Any]]]:
    """What exact search finds of all points."""
    client = EdgeClient(folder / "exact", layout=plain)
    fill(client, POINTS)
    yield found(client)
    client.close()


@pytest.mark.parametrize("graph", [False, True], ids=["codes", "codes and graph"])
def test_codes_and_graph_find_what_exact_search_finds(folder, exact, graph):
    home = folder / "kept"
    client = EdgeClient(home, layout=lambda _: Layout(Codes.INT8, graph=graph, since=SINCE))
    fill(client, POINTS)
    assert not codes(home)
    assert client.optimize(NAME)
    assert codes(home) and bool(graphs(home)) is graph
    assert shared(found(client), exact) >= 0.95
    asked = [
        models.QueryRequest(
            query=query.tolist(), using="dense", params=models.SearchParams(exact=True)
        )
        for query in ASKED
    ]
    answers = client.query_batch_points(NAME, asked)
    assert [{point.id for point in answer.points} for answer in answers] == exact
    everyone = client.query_points(
        NAME,
        ASKED[0].tolist(),
        using="dense",
        limit=POINTS,
        query_filter=models.Filter(
            must=[models.FieldCondition(key="audience", match=models.MatchValue(value="staff"))]
        ),
    ).points
    assert {(point.payload or {})["audience"] for point in everyone} == {"staff"}
    words = models.SparseVector(indices=[7], values=[1.0])
    assert len(client.query_points(NAME, words, using="lexical", limit=100).points) == POINTS / 50
    client.close()


def test_an_index_that_grows_is_kept_as_its_new_size_calls_for(folder, exact):
    home = folder / "grown"
    client = EdgeClient(home, layout=small)
    fill(client, SINCE - 1)
    client.optimize(NAME)
    assert not codes(home)
    client.upsert(NAME, points(SINCE - 1, 1000))
    assert client.optimize(NAME)
    assert codes(home) and not graphs(home)
    assert not client.optimize(NAME)
    client.upsert(NAME, points(1000, POINTS))
    assert client.count(NAME).count == POINTS
    assert shared(found(client), exact) >= 0.95
    assert client.optimize(NAME)
    assert graphs(home)
    client.close()

    again = EdgeClient(home, layout=small)
    assert again.count(NAME).count == POINTS
    assert shared(found(again), exact) >= 0.95
    assert not again.optimize(NAME)
    again.close()


def test_an_older_index_is_put_in_order_without_being_made_again(folder, exact):
    client = EdgeClient(folder / "older", layout=plain)
    fill(client, POINTS)
    assert not client.optimize(NAME)
    client.close()
    told = folder / "older" / NAME / "collection.json"
    assert '"shard": "shard"' in told.read_text(encoding="utf-8")
    told.write_text(told.read_text(encoding="utf-8").replace('"shard": "shard",', ""))

    client = EdgeClient(folder / "older", layout=small)
    assert client.optimize(NAME)
    assert client.count(NAME).count == POINTS
    assert shared(found(client), exact) >= 0.95
    assert client.get_collection(NAME).points_count == POINTS
    client.close()


def test_changes_of_several_processes_add_up(folder):
    client = EdgeClient(folder, layout=lambda _: Layout(Codes.INT8, since=SINCE))
    fill(client, 1000)
    assert client.optimize(NAME)
    for half in (points(0, SINCE // 2), points(0, SINCE // 2)):
        assert not client.optimize(NAME)
        client.upsert(NAME, half)
        client.close()
        client = EdgeClient(folder, layout=lambda _: Layout(Codes.INT8, since=SINCE))
    assert client.optimize(NAME)
    assert client.count(NAME).count == 1000
    client.close()


def test_questions_are_answered_and_changes_wait_meanwhile(folder, monkeypatch):
    client = EdgeClient(folder, layout=small)
    fill(client, 1000)
    begun, go = threading.Event(), threading.Event()
    ordered = edge_order.ordered

    def held(*arguments: Any) -> Path | None:
        begun.set()
        assert go.wait(PATIENCE)
        return ordered(*arguments)

    monkeypatch.setattr("vigie.index.edge.ordered", held)
    order = threading.Thread(target=client.optimize, args=(NAME,))
    order.start()
    assert begun.wait(PATIENCE)
    assert len(found(client)[0]) == 10
    change = threading.Thread(target=client.upsert, args=(NAME, points(1000, 1010)))
    change.start()
    change.join(0.2)
    assert change.is_alive()
    go.set()
    order.join(PATIENCE)
    change.join(PATIENCE)
    assert client.count(NAME).count == 1010
    client.close()


def test_an_index_stays_as_it_is_when_the_other_process_fails(folder, monkeypatch, caplog):
    client = EdgeClient(folder, layout=small)
    fill(client, 1000)
    before = found(client)
    monkeypatch.setattr("vigie.index.edge_order.sys.executable", shutil.which("false"))
    assert not client.optimize(NAME)
    assert "not put in order" in caplog.text
    assert found(client) == before
    client.upsert(NAME, points(1000, 1001))
    assert client.count(NAME).count == 1001
    client.close()


def test_an_index_stays_as_it_is_on_a_disk_that_is_almost_full(folder, monkeypatch, caplog):
    client = EdgeClient(folder, layout=small)
    fill(client, 1000)
    usage = shutil.disk_usage(folder)._replace(free=150_000_000)
    monkeypatch.setattr("vigie.index.edge_order.shutil.disk_usage", lambda _: usage)
    monkeypatch.setattr("vigie.index.edge_order.COPIES", 10)
    assert not client.optimize(NAME)
    assert "needed" in caplog.text and not codes(folder)
    client.close()


def test_what_an_interruption_leaves_behind_is_swept_away(folder):
    client = EdgeClient(folder, layout=small)
    fill(client, 1000)
    assert client.optimize(NAME)
    client.close()
    shutil.copytree(folder / NAME / "shard-2", folder / NAME / "shard-3")
    (folder / NAME / "shard-4").mkdir()
    client = EdgeClient(folder, layout=small)
    assert client.count(NAME).count == 1000
    assert [path.name for path in (folder / NAME).glob("shard*")] == ["shard-2"]
    client.close()


def test_vectors_are_read_back_where_asked_for(folder):
    client = EdgeClient(folder)
    fill(client, 3)
    page, _ = client.scroll(NAME, with_vectors=True)
    read: Any = page[1].vector
    assert read["dense"] == pytest.approx(VECTORS[1].tolist(), abs=1e-6)
    assert (read["lexical"].indices, read["lexical"].values) == ([1], [1.0])
    assert client.scroll(NAME)[0][0].vector is None
    client.close()
