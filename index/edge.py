"""The embedded engine behind the methods of `QdrantClient` that the index uses."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import RLock
from typing import Any
from uuid import UUID

import qdrant_edge as edge
from qdrant_client import models

from vigie.index import edge_convert as convert
from vigie.index import sizing
from vigie.index.edge_folder import Collection, CollectionFolder, OpenCollections
from vigie.index.edge_order import ordered
from vigie.index.sizing import Layout, Order
from vigie.ingest.errors import Reason, Unavailable

COMPLETED = models.UpdateResult(status=models.UpdateStatus.COMPLETED)

PointId = int | str | UUID

# The engine maps its files into memory: on a full disk the system ends the process where it
# writes. Its log alone grows by 32 MB at a time.
LEAST_FREE_MB = 100
MEGABYTE = 1_000_000


class EdgeClient:
    """One process owns a folder; any number of its threads may share the client.

    The engine holds Python itself still during a call, so questions are answered one at a time.
    `layout` tells what an index of so many points is kept as, from the next `optimize`.

    A change is visible and outlives the process when its call returns, whatever `wait` says; it
    outlives a power cut after `flush`. Raises IndexLocked when another process has the collection
    open, ValueError for a collection that does not exist.
    """

    def __init__(self, folder: Path, layout: Callable[[int], Layout] = sizing.layout) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = CollectionFolder(folder)
        self._layout = layout
        self._open = OpenCollections(self._folder)
        # Whoever writes takes both, in this order: reading goes on while a collection is put in
        # order, writing waits for the end of it.
        self._writing = RLock()
        self._lock = RLock()
        self._process = os.getpid()

    # Collections and aliases

    def collection_exists(self, collection_name: str) -> bool:
        """Whether there is a collection, or an alias of one, by that name."""
        return self._folder.at(self._folder.resolve(collection_name)).is_dir()

    def create_collection(
        self,
        collection_name: str,
        vectors_config: Mapping[str, models.VectorParams],
        sparse_vectors_config: Mapping[str, models.SparseVectorParams] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> bool:
        """Raises ValueError when it exists already."""
        with self._writing, self._lock:
            if self.collection_exists(collection_name):
                raise ValueError(f"Collection {collection_name} already exists")
            self._folder.create(
                collection_name, vectors_config, sparse_vectors_config or {}, metadata or {}
            )
        return True

    def delete_collection(self, collection_name: str) -> bool:
        """False when there was none."""
        with self._writing, self._lock:
            if not self.collection_exists(collection_name):
                return False
            name, _ = self._named(collection_name)
            self._open.drop(name)
            self._folder.delete(name)
        return True

    def get_collection(self, collection_name: str) -> models.CollectionInfo:
        """Its vectors, its metadata and how many points it has."""
        with self._lock:
            found = self._collection(collection_name)
            return convert.info(found.shard, found.vectors, found.sparse, found.metadata)

    def get_aliases(self) -> models.CollectionsAliasesResponse:
        """Every alias with its collection."""
        return models.CollectionsAliasesResponse(
            aliases=[
                models.AliasDescription(alias_name=alias, collection_name=name)
                for alias, name in self._folder.aliases().items()
            ]
        )

    def update_collection_aliases(
        self, change_aliases_operations: Sequence[models.CreateAliasOperation | Any]
    ) -> bool:
        """All the changes or none; creating an alias that exists moves it."""
        with self._writing, self._lock:
            self._folder.change_aliases(change_aliases_operations)
        return True

    def create_payload_index(
        self, collection_name: str, field_name: str, field_schema: models.PayloadSchemaType
    ) -> models.UpdateResult:
        """Makes filters and facets on a field fast; nothing happens when it has its index."""
        schema = convert.SCHEMAS[field_schema]
        return self._update(
            collection_name, edge.UpdateOperation.create_field_index(field_name, schema)
        )

    # Points

    def upsert(
        self, collection_name: str, points: Sequence[models.PointStruct], wait: bool = True
    ) -> models.UpdateResult:
        """All or none: a batch is checked first, as Edge would apply half of a bad one.

        Raises Unavailable when the disk is almost full.
        """
        with self._writing, self._lock:
            self._check_room()
            found = self._collection(collection_name)
            for point in points:
                found.check(point)
            operation = edge.UpdateOperation.upsert_points([convert.point(p) for p in points])
            self._open.wrote(collection_name, len(points))
            return self._update(collection_name, operation)

    def delete(
        self,
        collection_name: str,
        points_selector: list[PointId] | models.Filter | models.FilterSelector | Any,
        wait: bool = True,
    ) -> models.UpdateResult:
        """By ids or by filter; ids that are not there are no error."""
        match points_selector:
            case models.FilterSelector(filter=chosen) | (models.Filter() as chosen):
                operation = edge.UpdateOperation.delete_points_by_filter(
                    convert.filter_(chosen) or edge.Filter()
                )
            case models.PointIdsList(points=ids) | (list() as ids):
                operation = edge.UpdateOperation.delete_points(list(ids))
            case _:
                raise NotImplementedError(type(points_selector).__name__)
        return self._update(collection_name, operation)

    def query_points(
        self,
        collection_name: str,
        query: Any = None,
        using: str | None = None,
        prefetch: list[models.Prefetch] | models.Prefetch | None = None,
        query_filter: models.Filter | None = None,
        limit: int = 10,
        offset: int | None = None,
        with_payload: bool | list[str] = True,
        score_threshold: float | None = None,
    ) -> convert.Answer:
        """One query; see `query_batch_points`."""
        request = models.QueryRequest(
            query=query,
            using=using,
            prefetch=prefetch,
            filter=query_filter,
            limit=limit,
            offset=offset,
            with_payload=with_payload,
            score_threshold=score_threshold,
        )
        return self.query_batch_points(collection_name, [request])[0]

    def query_batch_points(
        self, collection_name: str, requests: Sequence[models.QueryRequest]
    ) -> list[convert.Answer]:
        """Several queries in one pass over the points, answered in their order."""
        batch = edge.QueryBatchRequest([convert.request(request) for request in requests])
        with self._lock:
            answers = self._collection(collection_name).shard.query_batch(batch)
        return [convert.answer(points) for points in answers]

    def scroll(
        self,
        collection_name: str,
        scroll_filter: models.Filter | None = None,
        limit: int = 10,
        offset: PointId | None = None,
        with_payload: bool | list[str] = True,
        with_vectors: bool = False,
    ) -> tuple[list[models.Record], int | str | None]:
        """A page of points by id and the offset of the next page, None after the last."""
        request = edge.ScrollRequest(
            offset=offset,
            limit=limit,
            filter=convert.filter_(scroll_filter),
            with_payload=with_payload,
            with_vector=with_vectors,
        )
        with self._lock:
            points, following = self._collection(collection_name).shard.scroll(request)
        page = [convert.record(point) for point in points]
        return page, None if following is None else convert.identifier(following)

    def retrieve(
        self, collection_name: str, ids: Sequence[PointId], with_payload: bool | list[str] = True
    ) -> list[models.Record]:
        """The points that exist among those asked for."""
        with self._lock:
            points = self._collection(collection_name).shard.retrieve(
                list(ids), with_payload=with_payload, with_vector=False
            )
        return [convert.record(point) for point in points]

    def count(
        self, collection_name: str, count_filter: models.Filter | None = None, exact: bool = True
    ) -> models.CountResult:
        """How many points meet the filter."""
        request = edge.CountRequest(exact=exact, filter=convert.filter_(count_filter))
        with self._lock:
            return models.CountResult(count=self._collection(collection_name).shard.count(request))

    def facet(
        self,
        collection_name: str,
        key: str,
        facet_filter: models.Filter | None = None,
        limit: int = 10,
        exact: bool = False,
    ) -> models.FacetResponse:
        """Values of a field that has an index, with how many points hold each, most first."""
        request = edge.FacetRequest(
            key, limit=limit, exact=exact, filter=convert.filter_(facet_filter)
        )
        with self._lock:
            hits = self._collection(collection_name).shard.facet(request).hits
        return models.FacetResponse(
            hits=[models.FacetValueHit(value=hit.value, count=hit.count) for hit in hits]
        )

    # The engine itself

    def optimize(self, collection_name: str) -> bool:
        """Puts a collection in order when that pays, and gives it what its size calls for.

        Below `since` points of its layout it only gives back the room of what was deleted, once
        that is a fifth, and holds Python still for a second. Above, another process does it on a
        copy, which takes as much room again; questions are answered meanwhile, changes wait.
        """
        with self._writing:
            name, found = self._named(collection_name)
            points = found.shard.info().points_count
            wanted = self._layout(points)
            if points < wanted.since:
                with self._lock:
                    return found.shard.optimize()
            if not sizing.due(found.order, wanted, points, self._open.changed(name)):
                return False
            with self._lock:
                found.shard.flush()
            if (folder := ordered(found, wanted, LEAST_FREE_MB * MEGABYTE)) is None:
                return False
            fresh = self._folder.load(name, folder.name)
            fresh = replace(fresh, order=Order(points, wanted.graph))
            with self._lock:
                self._open.move(name, fresh)
            self._folder.sweep(name, fresh)
            return True

    def flush(self, collection_name: str) -> None:
        """Writes everything down: a quarter of a second on a slow disk, so once for each batch."""
        with self._lock:
            self._collection(collection_name).shard.flush()

    def close(self) -> None:
        """Writes everything down and lets another process open the folder."""
        with self._writing, self._lock:
            self._open.close()

    def _check_room(self) -> None:
        folder = self._folder.path
        free = shutil.disk_usage(folder).free / MEGABYTE
        if free < LEAST_FREE_MB:
            values = {"free": round(free), "least": LEAST_FREE_MB}
            raise Unavailable(what=folder, reason=Reason("sync.disk_full", values))

    def _update(self, name: str, operation: edge.UpdateOperation) -> models.UpdateResult:
        with self._writing, self._lock:
            self._collection(name).shard.update(operation)
        return COMPLETED

    def _collection(self, name: str) -> Collection:
        return self._named(name)[1]

    def _named(self, name: str) -> tuple[str, Collection]:
        """A collection with its own name, open."""
        if os.getpid() != self._process:
            raise RuntimeError("an embedded index does not survive a fork: open it in the child")
        with self._lock:
            return self._open.named(name)
