"""What every request goes through: hosts, sizes, headers, other sites, unforeseen errors."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from vigie.assistant.build import Vigie
from vigie.assistant.settings import Settings
from vigie.ingest.errors import InvalidValue
from vigie.ui.api.ingestion import safe_name
from vigie.ui.chat_door import ChatDoor
from vigie.ui.middleware import BODY_LIMIT, host_name
from vigie.ui.server import address, bound, create_app, known_hosts


def test_every_answer_carries_the_security_headers(client: httpx.Client) -> None:
    for path in ("/", "/nope", "/v1/search?q=a", "/v1/search", "/static/vigie.css", "/login"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-request-id"]


def test_a_request_id_is_kept_when_it_is_one(client: httpx.Client) -> None:
    given = client.get("/healthz", headers={"X-Request-ID": "abc-1"}).headers["x-request-id"]
    assert given == "abc-1"
    replaced = client.get("/healthz", headers={"X-Request-ID": "a b<script>"})
    assert "<" not in replaced.headers["x-request-id"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example"])
def test_a_host_that_is_not_ours_is_refused(client: httpx.Client, host: str) -> None:
    response = client.get("/healthz", headers={"Host": host})
    assert response.status_code == 421
    assert response.headers["content-type"] == "application/problem+json"
    assert "evil" not in response.text


@pytest.mark.parametrize(
    ("host", "name"),
    [("Vigie.Example:80", "vigie.example"), ("[::1]:8000", "::1"), ("[::1]", "::1"), ("", "")],
)
def test_the_name_is_read_from_the_host(host: str, name: str) -> None:
    assert host_name(host) == name


def test_the_public_address_is_known(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, public_url="https://Vigie.Example/", host="10.0.0.2")
    assert known_hosts(settings) == {"127.0.0.1", "localhost", "::1", "10.0.0.2", "vigie.example"}


def test_a_body_that_is_too_large_is_refused_declared_or_not(client: httpx.Client) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(3):
            yield b" " * (BODY_LIMIT // 2)

    for content in (b" " * (BODY_LIMIT + 1), pieces()):
        response = client.post(
            "/v1/ask", content=content, headers={"Content-Type": "application/json"}
        )
        assert response.status_code == 413
        assert response.headers["content-type"] == "application/problem+json"
    assert client.get("/healthz").status_code == 200


def test_no_other_site_may_read_an_answer(client: httpx.Client) -> None:
    for path in ("/healthz", "/v1/search?q=a", "/chat/"):
        headers = client.get(path, headers={"Origin": "https://evil.example"}).headers
        assert "access-control-allow-origin" not in headers
        assert "access-control-allow-credentials" not in headers


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nope", 404), ("DELETE", "/v1/ask", 405)]
)
def test_errors_of_http_itself_are_problems_too(
    client: httpx.Client, method: str, path: str, status: int
) -> None:
    response = client.request(method, path, headers={"Accept-Language": "en"})
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"].isascii()


def test_nothing_is_loaded_from_another_site_to_read_the_interface(client: httpx.Client) -> None:
    for path in ("/docs", "/redoc"):
        assert client.get(path).status_code == 404


def test_an_unforeseen_error_tells_nothing_of_its_inside(vigie: Vigie, tmp_path: Path) -> None:
    class Broken(type(vigie.catalogue)):  # type: ignore[misc]
        def get(self, *args: object) -> None:
            raise ValueError("mot de passe : azerty")

    broken = replace(vigie, catalogue=Broken(f"sqlite:///{tmp_path / 'base.db'}"))

    async def fetch() -> httpx.Response:
        app = create_app(broken)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app) as state,
            httpx.AsyncClient(transport=with_state(transport, state)) as client,
        ):
            return await client.get("http://localhost/v1/documents/x")

    response = asyncio.run(fetch())
    assert response.status_code == 500
    assert response.json()["code"] == "internal"
    assert "azerty" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"


def with_state(transport: httpx.ASGITransport, state: Any) -> httpx.ASGITransport:
    """A server gives each request a copy of the lifespan's state; this transport does not."""
    inner = transport.app

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await inner(scope | {"state": dict(state)}, receive, send)

    transport.app = app
    return transport


def test_the_chat_refuses_requests_of_other_sites(client: httpx.Client) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}
    for path in ("/chat/gradio_api/app_id", "/chat/theme.css", "/chat/config"):
        assert client.get(path, headers=headers).status_code == 403


def test_the_chat_opens_from_a_link_on_another_site(client: httpx.Client) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
    assert client.get("/chat/", headers=headers).status_code == 200


def test_every_script_of_the_chat_page_carries_the_nonce(client: httpx.Client) -> None:
    response = client.get("/chat/", headers={"Accept": "text/html", "Accept-Language": "fr"})
    policy = response.headers["content-security-policy"]
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    assert len(nonce) >= 20 and "unsafe-eval" not in policy
    assert response.text.count("<script") == response.text.count(f'<script nonce="{nonce}"') > 0
    assert re.search(r'<html\s+lang="fr"', response.text)
    again = client.get("/chat/", headers={"Accept": "text/html"})
    assert nonce not in again.headers["content-security-policy"]


def test_a_page_sent_in_pieces_is_rewritten_whole() -> None:
    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"text/html"), (b"content-length", b"31")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for piece in (b'<html lang="en"><scr', b"ipt>1</script>"):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    sent: list[Message] = []

    async def collect(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "path": "/chat/", "method": "GET", "headers": []}
    asyncio.run(ChatDoor(page, "fr")(scope, no_body, collect))
    start, body = sent
    assert body["body"].startswith(b'<html lang="fr"><script nonce="')
    assert dict(start["headers"])[b"content-length"] == str(len(body["body"])).encode()


async def no_body() -> Message:
    return {"type": "http.disconnect"}


def test_a_taken_port_is_told_before_anything_slow() -> None:
    with bound("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InvalidValue, match=str(port)):
            bound("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
    ],
)
def test_the_address_opens_from_this_machine(host: str, url: str) -> None:
    assert address(host, 80) == url


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("rapport 2024.pdf", "rapport 2024.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\dossiers\\bilan.docx", "bilan.docx"),
        (".cache", "cache"),
        ("a\x00b<c>.txt", "a_b_c_.txt"),
        ("", "document"),
        (None, "document"),
        ("..", "document"),
    ],
)
def test_an_upload_keeps_a_name_that_stays_in_its_folder(given: str | None, kept: str) -> None:
    assert safe_name(given) == kept


def test_a_long_name_keeps_its_suffix() -> None:
    name = safe_name("é" * 300 + ".pdf")
    assert name.endswith(".pdf") and len(name.encode()) <= 201
