"""An index is kept as its size calls for, and whoever outgrows the engine is told."""

from pathlib import Path

import pytest
from qdrant_client import QdrantClient, models

from vigie.index import sizing
from vigie.index.edge import EdgeClient
from vigie.index.sizing import Codes, Layout, Order, due, layout
from vigie.ingest.messages import LANGUAGES, message


def test_codes_and_a_graph_come_with_size():
    assert layout(sizing.GRAPH_FROM - 1) == Layout(Codes.INT8, graph=False)
    assert layout(sizing.GRAPH_FROM) == Layout(Codes.INT8, graph=True)
    assert Layout().plain and not layout(0).plain


@pytest.mark.parametrize(
    ("order", "points", "changed", "expected"),
    [
        (Order(), 999, 999, False),
        (Order(), 1000, 0, True),
        (Order(50_000, graph=False), 50_500, 500, False),
        (Order(50_000, graph=False), 50_000, 5_000, True),
        (Order(50_000, graph=False), 56_000, 0, True),
        (Order(50_000, graph=False), 44_000, 0, True),
        (Order(50_000, graph=True), 50_000, 0, True),
    ],
    ids=["small", "never yet", "little new", "replaced", "grown", "shrunk", "other layout"],
)
def test_an_index_is_put_in_order_when_enough_of_it_has_changed(order, points, changed, expected):
    assert due(order, Layout(Codes.INT8, since=1000), points, changed) is expected


def test_a_server_is_advised_above_a_size():
    assert sizing.advice(sizing.SERVER_FROM - 1) is None
    told = sizing.advice(sizing.SERVER_FROM)
    assert told is not None
    for language in LANGUAGES:
        assert str(sizing.SERVER_FROM) in message(told.key, language, **told.values)


def test_only_a_server_is_told_of_codes_at_creation(folder: Path):
    server = QdrantClient(":memory:")
    assert "quantization_config" in sizing.of_server(server)
    client = EdgeClient(folder)
    assert sizing.of_server(client) == {}
    client.close()


class Recording:
    """The two methods of a server's client that are called, with what a server would answer."""

    def __init__(self, codes: models.ScalarQuantization | None) -> None:
        self.codes = codes

    def get_collection(self, name: str) -> models.CollectionInfo:
        config = models.CollectionConfig.model_construct(quantization_config=self.codes)
        return models.CollectionInfo.model_construct(config=config)

    def update_collection(self, name: str, quantization_config: models.ScalarQuantization) -> bool:
        self.codes = quantization_config
        return True


def test_an_older_collection_of_a_server_gets_its_codes_once():
    server = Recording(None)
    assert sizing.bring(server, "vigie")
    assert server.codes is not None and server.codes.scalar.type == models.ScalarType.INT8
    assert not sizing.bring(server, "vigie")
