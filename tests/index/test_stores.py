"""One contract for every engine: what the index asks of a client, whoever answers."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from qdrant_client import QdrantClient, models

from vigie.index.edge import EdgeClient
from vigie.index.stores import Client, open_client
from vigie.ingest.errors import IndexLocked, InvalidValue, Unavailable

# The local engine has no payload indexes and says so at each request for one.
pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")

IDS = [str(uuid.UUID(int=number)) for number in range(1, 6)]
AUDIENCES = ["public", "public", "partner", "staff", "public"]
DATES = ["2022-01-31", "2023-06-15", "2024-02-01", None, "2024-12-31"]


@pytest.fixture(params=["edge", "memory", "server"])
def client(request: pytest.FixtureRequest, folder: Path) -> Iterator[Client]:
    opened: Client
    if request.param == "edge":
        opened = EdgeClient(folder)
    elif request.param == "memory":
        opened = QdrantClient(":memory:")
    elif url := os.environ.get("QDRANT_URL"):
        opened = open_client(None, url, os.environ.get("QDRANT_API_KEY"))
    else:
        pytest.skip("QDRANT_URL names no server")
    yield opened
    opened.close()


@pytest.fixture
def name(client: Client) -> Iterator[str]:
    """A collection of five points."""
    name = f"test-{uuid.uuid4().hex}"
    create(client, name)
    client.upsert(name, [point(number) for number in range(5)])
    yield name
    client.delete_collection(name)


def create(client: Client, name: str) -> None:
    client.create_collection(
        name,
        vectors_config={"dense": models.VectorParams(size=3, distance=models.Distance.COSINE)},
        sparse_vectors_config={"lexical": models.SparseVectorParams(modifier=models.Modifier.IDF)},
        metadata={"model": "demo"},
    )
    client.create_payload_index(name, "audience", models.PayloadSchemaType.KEYWORD)
    client.create_payload_index(name, "published", models.PayloadSchemaType.DATETIME)


def point(number: int) -> models.PointStruct:
    told = {"audience": AUDIENCES[number], "n": number}
    if DATES[number]:
        told["published"] = DATES[number]
    return models.PointStruct(
        id=IDS[number],
        vector={
            "dense": [1.0, number / 10, 0.0],
            "lexical": models.SparseVector(indices=[number, 2**32 - 1], values=[1.0, 0.5]),
        },
        payload=told,
    )


def is_(key: str, value: str) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchValue(value=value))


def numbers(points: list[models.ScoredPoint] | list[models.Record]) -> list[int]:
    return [(point.payload or {})["n"] for point in points]


def test_a_collection_tells_its_metadata_and_how_many_points_it_has(client, name):
    info = client.get_collection(name)
    assert info.config.metadata == {"model": "demo"}
    assert info.points_count == 5
    assert client.collection_exists(name)
    assert not client.collection_exists("absent")


def test_the_nearest_points_come_first_with_their_payload(client, name):
    found = client.query_points(name, query=[1.0, 0.0, 0.0], using="dense", limit=2).points
    assert numbers(found) == [0, 1]
    assert [point.id for point in found] == IDS[:2]
    assert found[0].score == pytest.approx(1.0, abs=1e-5)


def test_a_rare_term_weighs_more_than_a_common_one(client, name):
    asked = models.SparseVector(indices=[3, 2**32 - 1], values=[1.0, 1.0])
    found = client.query_points(name, query=asked, using="lexical").points
    assert numbers(found)[0] == 3
    assert len(found) == 5
    assert found[0].score > 2 * found[1].score


def test_filters_narrow_by_value_set_and_date(client, name):
    def ask(*must: models.Condition) -> set[int]:
        chosen = models.Filter(must=list(must))
        query = [1.0, 0.0, 0.0]
        answer = client.query_points(name, query=query, using="dense", query_filter=chosen)
        return set(numbers(answer.points))

    both = models.FieldCondition(key="audience", match=models.MatchAny(any=["public", "partner"]))
    since = models.FieldCondition(
        key="published", range=models.DatetimeRange(gte=date(2023, 6, 15), lte=date(2024, 2, 1))
    )
    assert ask(is_("audience", "public")) == {0, 1, 4}
    assert ask(both) == {0, 1, 2, 4}
    assert ask(since) == {1, 2}
    assert ask(both, models.Filter(must_not=[is_("audience", "public")])) == {2}
    assert ask(models.HasIdCondition(has_id=[IDS[3], IDS[4]])) == {3, 4}


def test_a_batch_of_queries_is_answered_in_its_order(client, name):
    asked = [
        models.QueryRequest(query=[1.0, 0.0, 0.0], using="dense", limit=1, with_payload=True),
        models.QueryRequest(
            query=models.SparseVector(indices=[4], values=[1.0]),
            using="lexical",
            limit=1,
            with_payload=["n"],
        ),
    ]
    first, second = client.query_batch_points(name, asked)
    assert (numbers(first.points), numbers(second.points)) == ([0], [4])
    assert second.points[0].payload == {"n": 4}


def test_prefetched_sides_are_fused_by_rank(client, name):
    found = client.query_points(
        name,
        prefetch=[
            models.Prefetch(query=[1.0, 0.0, 0.0], using="dense", limit=3),
            models.Prefetch(
                query=models.SparseVector(indices=[2], values=[1.0]), using="lexical", limit=3
            ),
        ],
        query=models.RrfQuery(rrf=models.Rrf(k=60)),
        limit=3,
    ).points
    assert numbers(found)[0] == 2


def test_points_are_replaced_deleted_and_counted(client, name):
    client.upsert(name, [point(0)])
    assert client.count(name).count == 5
    client.delete(
        name, models.FilterSelector(filter=models.Filter(must=[is_("audience", "staff")]))
    )
    client.delete(name, models.PointIdsList(points=[IDS[0], str(uuid.uuid4())]))
    assert client.count(name).count == 3
    public = models.Filter(must=[is_("audience", "public")])
    assert client.count(name, count_filter=public).count == 2
    assert numbers(client.retrieve(name, [IDS[0], IDS[1]])) == [1]


def test_scrolling_gives_every_point_once(client, name):
    seen, offset = [], None
    while True:
        page, offset = client.scroll(name, limit=2, offset=offset)
        seen += numbers(page)
        if offset is None:
            break
    assert sorted(seen) == [0, 1, 2, 3, 4]


def test_a_facet_counts_the_points_of_each_value(client, name):
    hits = client.facet(name, "audience", exact=True).hits
    assert {hit.value: hit.count for hit in hits} == {"public": 3, "partner": 1, "staff": 1}


def test_an_alias_moves_from_one_collection_to_another_at_once(client, name):
    other, alias = f"{name}-2", f"{name}-alias"
    create(client, other)
    for target, expected in ((name, 5), (other, 0)):
        made = models.CreateAlias(collection_name=target, alias_name=alias)
        client.update_collection_aliases([models.CreateAliasOperation(create_alias=made)])
        assert client.count(alias).count == expected
    assert {item.alias_name: item.collection_name for item in client.get_aliases().aliases}[
        alias
    ] == other
    gone = models.DeleteAlias(alias_name=alias)
    client.update_collection_aliases([models.DeleteAliasOperation(delete_alias=gone)])
    assert not client.collection_exists(alias)
    client.delete_collection(other)


@pytest.mark.parametrize(
    "vector",
    [{"dense": [1.0, 2.0]}, {"other": [1.0, 2.0, 3.0]}],
    ids=["too short", "unknown name"],
)
def test_a_batch_with_one_wrong_vector_is_refused_whole(folder, vector):
    client = EdgeClient(folder)
    create(client, "test")
    wrong = models.PointStruct(id=IDS[1], vector=vector, payload={})
    with pytest.raises(ValueError, match="does not fit"):
        client.upsert("test", [point(0), wrong])
    assert client.count("test").count == 0
    client.close()


def test_an_embedded_collection_is_found_again_after_closing(folder):
    client = EdgeClient(folder)
    create(client, "test")
    client.upsert("test", [point(number) for number in range(5)])
    client.close()
    again = EdgeClient(folder)
    assert again.count("test").count == 5
    assert again.get_collection("test").config.metadata == {"model": "demo"}
    with pytest.raises(ValueError, match="already exists"):
        create(again, "test")
    with pytest.raises(ValueError, match="not found"):
        again.count("absent")
    with pytest.raises(ValueError, match="letters"):
        again.collection_exists("../elsewhere")
    again.close()


def test_room_is_given_back_after_many_deletions(folder):
    client = EdgeClient(folder)
    create(client, "test")
    many = [point(0).model_copy(update={"id": number}) for number in range(2000)]
    client.upsert("test", many)
    client.delete("test", list(range(1500)))
    assert client.optimize("test")
    assert client.count("test").count == 500
    client.close()


def test_a_second_process_is_told_that_the_index_is_taken(folder):
    client = EdgeClient(folder)
    create(client, "test")
    client.upsert("test", [point(0)])
    script = (
        "import sys; from pathlib import Path; from vigie.index.edge import EdgeClient\n"
        "EdgeClient(Path(sys.argv[1])).count('test')"
    )
    other = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=False
    )
    assert other.returncode == 1
    assert "IndexLocked" in other.stderr
    assert str(folder) in other.stderr
    assert client.count("test").count == 1
    client.close()
    assert "{" not in IndexLocked(path=folder).message("en")


def test_a_forked_child_is_refused_instead_of_hanging(folder):
    client = EdgeClient(folder)
    create(client, "test")
    client.upsert("test", [point(0)])
    client._process = -1
    with pytest.raises(RuntimeError, match="fork"):
        client.count("test")
    client._process = os.getpid()
    client.close()


def test_many_threads_share_one_client(folder):
    client = EdgeClient(folder)
    create(client, "test")
    client.upsert("test", [point(number) for number in range(5)])

    def ask(_: int) -> list[int]:
        client.upsert("test", [point(1)], wait=False)
        return numbers(client.query_points("test", query=[1.0, 0.0, 0.0], using="dense").points)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(80)))
    assert answers == [[0, 1, 2, 3, 4]] * 80
    client.close()


def test_no_folder_and_no_server_is_an_invalid_setting():
    with pytest.raises(InvalidValue):
        open_client(None, None, None)


def test_a_server_that_does_not_answer_is_unavailable():
    with pytest.raises(Unavailable, match="Qdrant"):
        open_client(None, "http://127.0.0.1:9", None)
