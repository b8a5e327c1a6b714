"""A widget answers on the sites that it was made for, for the public, so many times a day."""

from datetime import UTC, datetime

import httpx
import pytest

from vigie.assistant.build import Vigie
from vigie.ingest.documents import Document
from vigie.ingest.errors import InvalidValue
from vigie.ui.identity.store import Identities
from vigie.ui.identity.who import QuotaSpent
from vigie.ui.identity.widgets import Widget, origin_of, seconds_left

SITE, OTHER = "https://asso.example", "https://ailleurs.example"
QUESTION = {"question": "Qui a créé le Fonds Rivage ?"}


@pytest.fixture
def widget(identities: Identities) -> Widget:
    return identities.widgets.create("Accueil", [SITE], 50)


def headers(widget: Widget, origin: str | None = SITE) -> dict[str, str]:
    given = {"X-Vigie-Widget": widget.id}
    return given | ({"Origin": origin} if origin else {})


def test_a_widget_answers_on_its_site(widget: Widget, client: httpx.Client) -> None:
    answer = client.post("/v1/ask", json=QUESTION, headers=headers(widget))
    assert answer.status_code == 200 and "Lumen" in answer.json()["text"]
    assert answer.headers["access-control-allow-origin"] == SITE
    assert "origin" in answer.headers["vary"].lower()
    assert "access-control-allow-credentials" not in answer.headers
    found = client.get(f"/v1/search?q=fonds&widget={widget.id}", headers={"Origin": SITE})
    assert found.status_code == 200
    assert found.headers["access-control-allow-origin"] == SITE


def test_errors_may_be_read_on_its_site_too(widget: Widget, client: httpx.Client) -> None:
    wrong = client.post("/v1/ask", json={"question": 3}, headers=headers(widget))
    assert wrong.status_code == 422
    assert wrong.headers["access-control-allow-origin"] == SITE


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        OTHER,
        "http://asso.example",
        "https://asso.example:8443",
        "https://asso.example.evil.example",
        "https://evil.example/https://asso.example",
        "https://asso.example/",
        "https://ASSO.example",
        "https://www.asso.example",
    ],
)
def test_no_other_site_gets_or_reads_anything(
    widget: Widget, client: httpx.Client, origin: str | None
) -> None:
    refused = client.post("/v1/ask", json=QUESTION, headers=headers(widget, origin))
    assert refused.status_code == 403 and refused.json()["code"] == "origin_refused"
    assert "access-control-allow-origin" not in refused.headers


def test_a_widget_sees_public_documents_whatever_else_is_shown(
    widget: Widget, staff: httpx.Client, hidden: Document
) -> None:
    found = staff.get("/v1/search?q=Bernacle", headers=headers(widget)).json()
    assert hidden.id not in {hit["document_id"] for hit in found["hits"]}
    assert hidden.id in str(staff.get("/v1/search?q=Bernacle").json())


def test_only_the_doors_of_widgets_are_open_to_other_sites(
    widget: Widget, client: httpx.Client
) -> None:
    for path in ("/v1/programmes", "/v1/documents/x", "/", "/chat/config", "/healthz"):
        answer = client.get(path, headers=headers(widget))
        assert "access-control-allow-origin" not in answer.headers


def asked_before(origin: str, method: str = "POST") -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "content-type,x-vigie-widget",
    }


def test_a_preflight_is_answered_for_sites_of_widgets_alone(
    widget: Widget, identities: Identities, client: httpx.Client
) -> None:
    for path in ("/v1/ask", "/v1/search", f"/v1/ask?widget={widget.id}"):
        allowed = client.options(path, headers=asked_before(SITE))
        assert allowed.status_code == 204
        assert allowed.headers["access-control-allow-origin"] == SITE
        assert "x-vigie-widget" in allowed.headers["access-control-allow-headers"]
    for path, origin in (
        ("/v1/ask", OTHER),
        ("/v1/ask", "null"),
        ("/v1/ask?widget=w_inconnu", SITE),
        ("/v1/programmes", SITE),
        ("/v1/ingest", SITE),
    ):
        refused = client.options(path, headers=asked_before(origin))
        assert refused.status_code >= 400
        assert "access-control-allow-origin" not in refused.headers


def test_a_revoked_widget_answers_nothing_more(
    widget: Widget, identities: Identities, client: httpx.Client
) -> None:
    assert client.get("/v1/search?q=a", headers=headers(widget)).status_code == 200
    identities.widgets.revoke(widget.id)
    assert client.get("/v1/search?q=a", headers=headers(widget)).status_code == 403


def test_a_widgets_day_is_counted_and_ends(identities: Identities, client: httpx.Client) -> None:
    small = identities.widgets.create("Petit", [SITE], 2)
    statuses = []
    for _ in range(3):
        answer = client.get("/v1/search?q=a", headers=headers(small))
        statuses.append(answer.status_code)
    assert statuses == [200, 200, 429]
    assert answer.json()["code"] == "quota_spent" and int(answer.headers["retry-after"]) > 0
    assert answer.headers["access-control-allow-origin"] == SITE


def test_a_count_outlives_the_server(identities: Identities, vigie: Vigie) -> None:
    small = identities.widgets.create("Petit", [SITE], 3)
    identities.widgets.spend(small)
    identities.widgets.spend(small)
    identities.finish()
    assert identities.widgets.asked_today()[small.id] == 2
    after = Identities(vigie.catalogue.database)
    after.widgets.spend(small)
    with pytest.raises(QuotaSpent):
        after.widgets.spend(small)
    after.finish()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://Asso.example/", "https://asso.example"),
        ("https://asso.example:443", "https://asso.example"),
        ("https://asso.example:8443", "https://asso.example:8443"),
        ("https://élan.example", "https://xn--lan-9la.example"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(given: str, kept: str) -> None:
    assert origin_of(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        "null",
        "*",
        "https://*.asso.example",
        "asso.example",
        "http://asso.example",
        "https://asso.example/page",
        "https://asso.example?x=1",
        "https://nom@asso.example",
        "https://asso.example:port",
        "javascript:alert(1)",
        "file:///tmp",
        "",
    ],
)
def test_what_is_no_exact_origin_is_refused(given: str) -> None:
    with pytest.raises(InvalidValue):
        origin_of(given)


def test_the_day_ends_at_midnight() -> None:
    assert seconds_left(datetime(2026, 5, 4, 23, 59, 0, tzinfo=UTC)) == 61
