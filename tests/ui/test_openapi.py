"""The description of the interface is true and complete enough to build on."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest


@pytest.fixture
def document(client: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_reference_resolves(document: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= known


def test_pages_and_the_owners_door_are_not_part_of_it(document: dict[str, Any]) -> None:
    assert set(document["paths"]) == {
        "/v1/ask",
        "/v1/search",
        "/v1/documents/{document_id}",
        "/v1/programmes",
        "/v1/ingest",
        "/v1/chat/completions",
        "/v1/models",
        "/v1/models/{model}",
        "/v1/responses",
        "/healthz",
    }


def test_errors_are_described_as_problems(document: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in document["components"]["schemas"]
    for path, operations in document["paths"].items():
        # OpenAI's clients read errors in their own form.
        theirs = path.startswith(("/v1/chat/", "/v1/models", "/v1/responses"))
        form = "application/json" if theirs else "application/problem+json"
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if status >= "400":
                    assert set(response["content"]) == {form}


def test_streams_are_described_event_by_event(document: dict[str, Any]) -> None:
    content = document["paths"]["/v1/ask"]["post"]["responses"]["200"]["content"]
    assert "itemSchema" in content["text/event-stream"]
    assert content["application/json"]["schema"]["$ref"].endswith("/AnswerOut")


def test_the_example_question_can_be_sent_as_it_is(
    client: httpx.Client, document: dict[str, Any]
) -> None:
    properties = document["components"]["schemas"]["QuestionIn"]["properties"]
    body = {"question": properties["question"]["examples"][0], "conversation": []}
    assert client.post("/v1/ask", json=body).status_code == 200
