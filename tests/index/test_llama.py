"""The index inside a LlamaIndex pipeline."""

import pytest
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.response_synthesizers import get_response_synthesizer

from vigie.index.hits import Filters
from vigie.index.llama import VigieRetriever
from vigie.ingest.documents import Audience


@pytest.fixture
def retriever(index, made):
    index.add(*made("rapport.md", "Le fonds soutient les fanfares.", title="Rapport"))
    index.add(*made("secret.md", "Le fonds des fanfares secrètes.", audience="staff"))
    return VigieRetriever(index, limit=5)


def test_nodes_carry_the_ids_and_offsets_of_their_chunks(retriever):
    [found] = retriever.retrieve("Qui soutient les fanfares ?")
    assert found.text == "Le fonds soutient les fanfares."
    assert (found.node.start_char_idx, found.node.end_char_idx) == (0, len(found.text))
    assert found.score > 0
    assert found.metadata["title"] == "Rapport"
    assert found.node.ref_doc_id


def test_the_audience_and_the_filters_are_those_of_the_retriever(index, retriever):
    staff = VigieRetriever(index, audience=Audience.STAFF)
    assert len(staff.retrieve("fanfares")) == 2
    none = VigieRetriever(index, filters=Filters(publishers=("Personne",)))
    assert none.retrieve("fanfares") == []


def test_a_query_engine_answers_from_the_retrieved_passages(retriever):
    llm = MockLLM()
    synthesizer = get_response_synthesizer(llm=llm)
    engine = RetrieverQueryEngine(retriever=retriever, response_synthesizer=synthesizer)
    response = engine.query("Qui soutient les fanfares ?")
    assert "Le fonds soutient les fanfares." in str(response)
    assert len(response.source_nodes) == 1
