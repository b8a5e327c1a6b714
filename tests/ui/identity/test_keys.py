"""A key opens what it was made for, from the moment it is made to the moment it ends."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import sqlalchemy as sa

from vigie.assistant.build import Vigie
from vigie.index.rows import now
from vigie.ingest.documents import Audience, Document
from vigie.ingest.errors import InvalidValue, NotFound
from vigie.ui.identity.keys import FORM
from vigie.ui.identity.schema import keys
from vigie.ui.identity.store import Identities
from vigie.ui.identity.who import EVERYTHING, READING, Scope
from vigie.ui.keys_command import end_of, scopes_of


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_only_the_hash_of_a_key_is_kept(identities: Identities, vigie: Vigie) -> None:
    key, words = identities.keys.create("essai", Audience.STAFF, READING)
    assert FORM.fullmatch(words) and key.id in words
    with vigie.catalogue.database.reads.connect() as connection:
        row = connection.execute(sa.select(keys).where(keys.c.id == key.id)).mappings().one()
    assert words.rpartition("_")[2] not in repr(dict(row)) + repr(key)
    assert len(row["hash"]) == 32


def test_a_key_opens_its_audience_and_nothing_once_revoked(
    identities: Identities, client: httpx.Client, hidden: Document
) -> None:
    path = f"/v1/documents/{hidden.id}"
    staff, words = identities.keys.create("équipe", Audience.STAFF, READING)
    _, partner = identities.keys.create("partenaire", Audience.PARTNER, READING)
    assert client.get(path, headers=bearer(words)).status_code == 200
    assert client.get(path, headers=bearer(partner)).status_code == 404
    identities.keys.revoke(staff.id)
    refused = client.get(path, headers=bearer(words))
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")


def test_a_key_ends_on_its_day(identities: Identities, client: httpx.Client) -> None:
    past = now() - timedelta(seconds=1)
    _, ended = identities.keys.create("finie", Audience.STAFF, READING, past)
    _, open_ = identities.keys.create("en cours", Audience.STAFF, READING, now() + timedelta(1))
    assert client.get("/v1/search?q=a", headers=bearer(ended)).status_code == 401
    assert client.get("/v1/search?q=a", headers=bearer(open_)).status_code == 200


@pytest.mark.parametrize("change", ["id", "secret", "longer", "case", "prefix"])
def test_a_key_that_is_almost_right_opens_nothing(
    identities: Identities, client: httpx.Client, change: str
) -> None:
    key, words = identities.keys.create("essai", Audience.STAFF, READING)
    last = "a" if words[-1] != "a" else "b"
    wrong = {
        "id": words.replace(key.id, "0" * 12),
        "secret": words[:-1] + last,
        "longer": words + "a",
        "case": words.swapcase(),
        "prefix": words.replace("sk_vigie", "sk_autre"),
    }[change]
    assert client.get("/v1/search?q=a", headers=bearer(wrong)).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "scope", "body"),
    [
        ("POST", "/v1/ask", Scope.ASK, {"json": {"question": "Qui a créé le Fonds Rivage ?"}}),
        ("GET", "/?q=Qui+a+cree+le+Fonds+Rivage", Scope.ASK, {}),
        ("GET", "/v1/search?q=fonds", Scope.SEARCH, {}),
        ("GET", "/v1/programmes", Scope.SEARCH, {}),
        ("GET", "/v1/documents/inconnu", Scope.SEARCH, {}),
        ("GET", "/sources/inconnu", Scope.SEARCH, {}),
        ("POST", "/v1/ingest", Scope.INGEST, {"files": {"files": ("a.txt", b"un texte")}}),
    ],
)
def test_a_scope_that_is_missing_is_named(
    identities: Identities, client: httpx.Client, method: str, path: str, scope: Scope, body: dict
) -> None:
    _, words = identities.keys.create("sans", Audience.STAFF, EVERYTHING - {scope})
    refused = client.request(method, path, headers=bearer(words), **body)
    assert refused.status_code == 403
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "scope_missing" and scope.value in refused.json()["detail"]
    _, alone = identities.keys.create("avec", Audience.PUBLIC, {scope})
    allowed = client.request(method, path, headers=bearer(alone), **body)
    # A public key may ingest nothing, whatever its scopes.
    assert allowed.status_code == {Scope.INGEST: 403}.get(scope, allowed.status_code)
    assert "scope_missing" not in allowed.text


def test_the_last_use_is_written_once_a_minute(
    identities: Identities, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, words = identities.keys.create("usage", Audience.PUBLIC, READING)
    written: list[object] = []
    monkeypatch.setattr(identities.keys._later, "do", written.append)
    for _ in range(5):
        assert identities.keys.opened(words)
    assert len(written) == 1
    written[0]()  # type: ignore[operator]
    used = next(item.used for item in identities.keys.all() if item.id == key.id)
    assert used and abs((now() - used).total_seconds()) < 30


def test_no_answer_waits_for_the_last_use_to_be_written(
    identities: Identities, vigie: Vigie, client: httpx.Client
) -> None:
    _, words = identities.keys.create("occupée", Audience.PUBLIC, READING)
    with vigie.catalogue.database.writes.begin():
        # Another writer holds the database.
        assert client.get("/v1/search?q=a", headers=bearer(words), timeout=5).status_code == 200


def test_a_key_signs_in_until_it_is_revoked(
    identities: Identities, browser: httpx.Client, hidden: Document
) -> None:
    key, words = identities.keys.create("équipe", Audience.STAFF, READING)
    signed = browser.post("/login", data={"key": words})
    assert signed.status_code == 303 and words not in signed.headers["set-cookie"]
    assert browser.get(f"/sources/{hidden.id}").status_code == 200
    identities.keys.revoke(key.id)
    assert browser.get(f"/sources/{hidden.id}").status_code == 404


def test_revoking_what_is_not_there_is_told(identities: Identities) -> None:
    with pytest.raises(NotFound, match="nulle"):
        identities.keys.revoke("nulle")


def test_an_end_is_a_day_to_come_or_a_number_of_days() -> None:
    assert end_of(None) is None
    assert end_of("2031-01-31") == datetime(2031, 2, 1, tzinfo=UTC)
    ninety = end_of("90d")
    assert ninety and timedelta(90) < ninety - now() <= timedelta(91)
    for wrong in ("2001-01-01", "demain", "99999999d", "-3d", ""):
        with pytest.raises(InvalidValue):
            end_of(wrong)


def test_scopes_are_among_those_that_exist() -> None:
    assert scopes_of("ask, search") == {Scope.ASK, Scope.SEARCH}
    for wrong in ("", "ask,tout", "ask,"):
        with pytest.raises(InvalidValue):
            scopes_of(wrong)


def test_visitors_are_told_apart_without_their_address(vigie: Vigie) -> None:
    from vigie.ui.access import Access

    doors = Access.of(vigie.settings)
    first, second = doors.visitor_at("192.0.2.7").id, doors.visitor_at("192.0.2.8").id
    assert re.fullmatch(r"visitor:[0-9a-f]{16}", first) and first != second
    assert doors.visitor_at("2001:db8::1").id == doors.visitor_at("2001:db8::2").id
    assert doors.visitor_at("2001:db8::1").id != doors.visitor_at("2001:db8:0:1::1").id
