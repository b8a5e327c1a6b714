"""Where the points are: the embedded engine in a folder, or a Qdrant server."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ApiException

from vigie.index.edge import EdgeClient
from vigie.index.points import Answer
from vigie.ingest.errors import InvalidValue, Unavailable

Client = EdgeClient | QdrantClient

# A server on the same network answers in milliseconds; a large batch may take it a few seconds.
SERVER_SECONDS = 30


def open_client(folder: Path | None, url: str | None, api_key: str | None) -> Client:
    """The server when there is a `url`, else the embedded engine in `folder`.

    Raises Unavailable when the server does not answer, InvalidValue when neither is given.
    """
    if url is None:
        if folder is None:
            raise InvalidValue(name="data_dir", value="", expected="/path/to/folder")
        return EdgeClient(folder)
    client = QdrantClient(
        url=url, api_key=api_key, timeout=SERVER_SECONDS, check_compatibility=False
    )
    with answering():
        client.get_collections()
    return client


@contextmanager
def answering() -> Iterator[None]:
    """Turns what the client of a server raises into Unavailable."""
    try:
        yield
    except ApiException as error:
        raise Unavailable(what="Qdrant", reason=str(error).strip()) from error


def asked(
    client: Client, collection: str, requests: Sequence[models.QueryRequest]
) -> Sequence[Answer]:
    """Answers to several queries in one round trip, in their order; raises Unavailable."""
    with answering():
        return client.query_batch_points(collection, requests)
