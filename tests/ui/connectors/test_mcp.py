"""The official `mcp` client against a running server, on both versions of the protocol."""

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from starlette.datastructures import Headers

from vigie.assistant.build import Vigie
from vigie.ingest.documents import Audience, Document
from vigie.ui.access import Access
from vigie.ui.identity.store import Identities
from vigie.ui.identity.who import Identity, Scope
from vigie.ui.mcp import desk
from vigie.ui.mcp.door import McpDoor

STAFF_KEY, PARTNER_KEY = "cle-du-personnel", "cle-du-partenaire"
QUESTION = "Qui a créé le Fonds Rivage ?"
CANARY = "Que prévoit le projet Bernacle de fusion du Fonds Rivage avec Ressac ?"
MODES = ("auto", "legacy")
READY = {"Accept": "application/json, text/event-stream"}


@asynccontextmanager
async def connected(address: str, key: str | None = STAFF_KEY, mode: str = "auto") -> Any:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with httpx2.AsyncClient(headers=headers, timeout=30, trust_env=False) as http:
        transport = streamable_http_client(f"{address}/mcp", http_client=http)
        async with Client(transport, mode=mode) as client:
            yield client


def calls(address: str, key: str | None, *wanted: tuple[str, dict[str, Any]]) -> list[Any]:
    """Results of several calls over one connection."""

    async def called() -> list[Any]:
        async with connected(address, key) as client:
            return [await client.call_tool(tool, given) for tool, given in wanted]

    return asyncio.run(called())


def call(
    address: str, tool: str, key: str | None = STAFF_KEY, mode: str = "auto", **given: Any
) -> Any:
    async def called() -> Any:
        async with connected(address, key, mode) as client:
            return await client.call_tool(tool, given)

    return asyncio.run(called())


def told(address: str, tool: str, key: str | None = STAFF_KEY, **given: Any) -> Any:
    result = call(address, tool, key, **given)
    assert not result.is_error, result.content
    return result.structured_content


def post(client: httpx.Client, key: str | None, **headers: str) -> httpx.Response:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    given = READY | headers | ({"Authorization": f"Bearer {key}"} if key else {})
    return client.post("/mcp", json=body, headers=given)


@pytest.fixture
def opened_to_all(vigie: Vigie, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(vigie.settings, "mcp_public", True)
    yield


@pytest.mark.parametrize("mode", MODES)
def test_both_versions_of_the_protocol_list_and_call_the_tools(address: str, mode: str) -> None:
    async def visited() -> Any:
        async with connected(address, STAFF_KEY, mode) as client:
            tools = (await client.list_tools()).tools
            found = await client.call_tool("search", {"query": QUESTION})
            return client.protocol_version, tools, found

    spoken, tools, found = asyncio.run(visited())
    assert (spoken >= "2026") == (mode == "auto")
    assert {tool.name for tool in tools} == {"search", "fetch", "ask", "list_programmes"}
    for tool in tools:
        assert tool.annotations.read_only_hint and tool.title and tool.description
        assert tool.input_schema["additionalProperties"] is False
        assert all(field["description"] for field in tool.input_schema["properties"].values())
    assert found.structured_content["results"]


def test_search_and_fetch_have_the_form_that_connectors_ask_for(
    address: str, public: Document
) -> None:
    async def listed() -> Any:
        async with connected(address) as client:
            return {tool.name: tool for tool in (await client.list_tools()).tools}

    tools = asyncio.run(listed())
    for name, argument in (("search", "query"), ("fetch", "id")):
        schema = tools[name].input_schema
        assert set(schema["properties"]) == {argument} and schema["required"] == [argument]
        assert schema["properties"][argument]["type"] == "string"
    found = call(address, "search", query=QUESTION)
    (content,) = found.content
    assert content.type == "text" and json.loads(content.text) == found.structured_content
    assert set(found.structured_content) == {"results"}
    for result in found.structured_content["results"]:
        assert set(result) == {"id", "title", "url"}
        assert all(isinstance(value, str) and value for value in result.values())
    ids = [result["id"] for result in found.structured_content["results"]]
    assert public.id in ids and len(ids) == len(set(ids))

    read = call(address, "fetch", id=public.id)
    (content,) = read.content
    assert content.type == "text" and json.loads(content.text) == read.structured_content
    assert set(read.structured_content) == {"id", "title", "text", "url", "metadata"}
    assert read.structured_content["text"] == public.text
    assert read.structured_content["url"] == public.url
    metadata = read.structured_content["metadata"]
    assert metadata["publisher"] == public.publisher and metadata["published"] == "2024-02-01"
    assert all(isinstance(value, str) for value in metadata.values())


def test_a_document_off_the_web_is_cited_at_its_page(address: str, hostile: Document) -> None:
    read = told(address, "fetch", id=hostile.id)
    assert read["url"] == f"{address}/sources/{hostile.id}"
    results = told(address, "search", query="Phare d’Ouessant bâti en 1695")["results"]
    (found,) = [result for result in results if result["id"] == hostile.id]
    assert found["url"].startswith(f"{address}/sources/{hostile.id}")


def test_a_long_document_comes_in_parts_that_add_up(
    address: str, public: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "TEXT", 100)
    text, part = "", public.id
    while part:
        read = told(address, "fetch", id=part)
        assert len(read["text"]) <= 100 and read["id"] == part
        text, part = text + read["text"], read["metadata"].get("next")
    assert text == public.text


def test_ask_answers_with_its_sources(address: str, staff: httpx.Client) -> None:
    asked = told(address, "ask", question=QUESTION)
    native = staff.post("/v1/ask", json={"question": QUESTION}).json()
    assert asked["answer"] == native["text"] and asked["sources"] == native["citations"]
    assert not asked["abstained"] and asked["leads"] == []


def test_ask_abstains_with_leads(address: str) -> None:
    asked = told(address, "ask", question="Quelle est la capitale de la Mongolie ?")
    assert asked["abstained"] and asked["sources"] == []
    assert all(set(lead) == {"id", "title", "url"} for lead in asked["leads"])


def test_programmes_are_listed_by_their_conditions(address: str, programme: Document) -> None:
    whole = told(address, "list_programmes")
    assert whole["count"] == 1 and whole["programmes"][0]["name"] == programme.title
    met = [
        {"territory": "Rennes"},
        {"territory": "Bretagne", "beneficiary": "associations", "open_only": True},
        {"funder": "Fonds Rivage"},
        {"theme": "numérique"},
    ]
    unmet = [
        {"territory": "Occitanie"},
        {"beneficiary": "communes"},
        {"funder": "Fondation Ressac"},
        {"theme": "apiculture"},
    ]
    heard = calls(address, STAFF_KEY, *(("list_programmes", given) for given in met + unmet))
    assert [each.structured_content["count"] for each in heard] == [1] * 4 + [0] * 4
    assert told(address, "list_programmes", offset=1) == {"count": 1, "programmes": []}
    refused = call(address, "list_programmes", territory="Zanzibar")
    assert refused.is_error and "Zanzibar" in refused.content[0].text


@pytest.mark.parametrize(
    ("tool", "given", "words"),
    [
        ("search", {"query": " "}, "vide"),
        ("search", {"query": "a" * 9000}, "9000"),
        ("ask", {"question": ""}, "vide"),
        ("fetch", {"id": "absent"}, "introuvable"),
    ],
)
def test_what_cannot_be_done_is_said_to_the_model(
    address: str, tool: str, given: dict[str, Any], words: str
) -> None:
    result = call(address, tool, **given)
    assert result.is_error and words in result.content[0].text


@pytest.mark.parametrize("mode", MODES)
def test_unknown_arguments_are_refused_and_never_logged(
    address: str, mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for given in ({"query": "x", "audience": "secret-staff"}, {"query": ["secret-list"]}, {}):
        try:
            result = call(address, "search", STAFF_KEY, mode, **given)
        except Exception as refused:  # the protocol's own error, which each version words
            assert "McpError" in type(refused).__mro__[0].__name__ or "MCPError" in repr(refused)
        else:
            assert result.is_error
    server = [r.getMessage() for r in caplog.records if r.name.startswith(("fastmcp", "vigie"))]
    assert "secret-" not in "\n".join(server)


def test_what_breaks_tells_nothing_of_its_inside(
    address: str, vigie: Vigie, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Any:
        raise RuntimeError("motdepasse")

    monkeypatch.setattr(type(vigie.retriever), "retrieve", broken)
    result = call(address, "search", query=QUESTION)
    assert result.is_error and "motdepasse" not in result.model_dump_json()


def test_without_a_key_the_door_is_closed(client: httpx.Client) -> None:
    for key in (None, "faux", "", STAFF_KEY[:-1]):
        response = post(client, key)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.headers["content-type"] == "application/problem+json"
        assert "tools" not in response.text
    assert post(client, None).json()["code"] == "key_needed"
    for key in (STAFF_KEY, PARTNER_KEY):
        assert post(client, key).status_code == 200


def test_a_session_opens_nothing_here(client: httpx.Client) -> None:
    client.post("/login", data={"key": STAFF_KEY})
    assert post(client, None).status_code == 401


def test_the_door_may_be_opened_for_public_documents(
    client: httpx.Client, opened_to_all: None
) -> None:
    assert post(client, None).status_code == 200
    assert post(client, "faux").status_code == 401


def test_a_key_does_what_its_scopes_say(client: httpx.Client, address: str, vigie: Vigie) -> None:
    keys = Identities(vigie.catalogue.database).keys
    kept, key = keys.create("essai", Audience.PARTNER, {Scope.SEARCH})
    assert not call(address, "search", key, query=QUESTION).is_error
    refused = call(address, "ask", key, question=QUESTION)
    assert refused.is_error and "ask" in refused.content[0].text
    sent = {"model": "vigie", "messages": [{"role": "user", "content": QUESTION}]}
    bearer = {"Authorization": f"Bearer {key}"}
    response = client.post("/v1/chat/completions", json=sent, headers=bearer)
    assert response.status_code == 403
    assert response.json()["error"]["type"] == "permission_error"
    keys.revoke(kept.id)
    assert post(client, key).status_code == 401
    assert client.get("/v1/models", headers=bearer).status_code == 401


def secrets_in(address: str, key: str | None, hidden: Document) -> list[str]:
    """What three tools let out of a document that the caller may not see."""
    heard = calls(
        address,
        key,
        ("search", {"query": CANARY}),
        ("search", {"query": hidden.title}),
        ("search", {"query": hidden.text}),
        ("ask", {"question": CANARY}),
        ("fetch", {"id": hidden.id}),
        ("list_programmes", {"theme": "fusion Bernacle"}),
    )
    said = [each.model_dump_json() for each in heard]
    return [each for each in said if hidden.title in each or "prévoit la fusion" in each]


def test_a_staff_document_never_comes_out_for_others(
    address: str, hidden: Document, opened_to_all: None
) -> None:
    for key in (None, PARTNER_KEY):
        assert secrets_in(address, key, hidden) == []
        ids = [found["id"] for found in told(address, "search", key, query=CANARY)["results"]]
        assert ids and hidden.id not in ids
    assert len(secrets_in(address, STAFF_KEY, hidden)) >= 4


def test_hidden_and_absent_are_told_in_the_same_words(
    address: str, hidden: Document, opened_to_all: None
) -> None:
    absent = "0" * len(hidden.id)
    suffixes = ("", "@0", "@99999", "@x")
    ids = [name + suffix for name in (hidden.id, absent) for suffix in suffixes]
    heard = calls(address, None, *(("fetch", {"id": each}) for each in ids))
    assert all(each.is_error for each in heard)
    said = [each.content[0].text.replace(hidden.id, "…").replace(absent, "…") for each in heard]
    assert said[:4] == said[4:]


def test_the_public_door_stays_public_where_visitors_see_more(
    vigie: Vigie, opened_to_all: None
) -> None:
    """An intranet may show visitors everything in the chat: this door is for the public alone."""
    settings = vigie.settings.model_copy(update={"chat_audience": Audience.STAFF})
    door = McpDoor(vigie, Access.of(settings), ["127.0.0.1"])
    found = door.identity(Headers(), "192.0.2.1", "fr")
    assert isinstance(found, Identity) and found.audience is Audience.PUBLIC


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 421),
    ],
)
def test_other_sites_and_names_are_refused(
    client: httpx.Client, headers: dict[str, str], status: int
) -> None:
    assert post(client, STAFF_KEY, **headers).status_code == status


def test_our_own_page_may_call(client: httpx.Client, address: str) -> None:
    assert post(client, STAFF_KEY, Origin=address).status_code == 200


def test_both_spellings_of_the_path_are_one(client: httpx.Client) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = READY | {"Authorization": f"Bearer {STAFF_KEY}"}
    assert client.post("/mcp/", json=body, headers=headers).status_code == 200
    assert client.post("/mcp/x", json=body, headers=headers).status_code == 404


def test_a_body_that_is_too_large_is_refused(client: httpx.Client) -> None:
    headers = READY | {"Authorization": f"Bearer {STAFF_KEY}"}
    response = client.post("/mcp", json={"x": "a" * 2**21}, headers=headers)
    assert response.status_code == 413
