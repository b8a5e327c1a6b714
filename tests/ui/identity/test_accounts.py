"""An account opens sessions, and ends them."""

import asyncio
from collections.abc import Callable

import httpx
import pytest
import sqlalchemy as sa

from vigie.assistant.build import Vigie
from vigie.index.schema import Database, open_database
from vigie.ingest.documents import Audience, Document
from vigie.ingest.errors import InvalidValue, NotFound
from vigie.ui.identity.accounts import ADMINISTRATOR, STAFF
from vigie.ui.identity.attempts import BY_ACCOUNT, BY_ADDRESS, PERIOD_SECONDS, Attempts
from vigie.ui.identity.schema import accounts
from vigie.ui.identity.store import Identities

PASSWORD = "une marée bien haute"


@pytest.fixture
def claire(identities: Identities, request: pytest.FixtureRequest) -> str:
    """An account of this test alone, whose name is given."""
    name = f"claire.{abs(hash(request.node.name))}"
    identities.accounts.create(name, PASSWORD, Audience.STAFF, STAFF)
    return name


def sign_in(browser: httpx.Client, name: str, password: str = PASSWORD) -> httpx.Response:
    return browser.post("/login", data={"name": name, "password": password, "next": "/x"})


def test_a_password_is_kept_as_argon2id_only(claire: str, vigie: Vigie) -> None:
    with vigie.catalogue.database.reads.connect() as connection:
        chosen = sa.select(accounts).where(accounts.c.name == claire)
        row = connection.execute(chosen).mappings().one()
    assert row["password"].startswith("$argon2id$") and PASSWORD not in repr(dict(row))


def test_a_member_of_staff_signs_in_with_a_name_in_any_case(
    claire: str, browser: httpx.Client, hidden: Document
) -> None:
    signed = sign_in(browser, f" {claire.upper()} ")
    assert (signed.status_code, signed.headers["location"]) == (303, "/x")
    cookie = signed.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    assert browser.get(f"/sources/{hidden.id}").status_code == 200
    assert browser.post("/logout").status_code == 303
    assert browser.get(f"/sources/{hidden.id}").status_code == 404


@pytest.mark.parametrize("end", ["disable", "password"])
def test_disabling_an_account_or_changing_its_password_ends_its_sessions(
    claire: str, identities: Identities, browser: httpx.Client, hidden: Document, end: str
) -> None:
    sign_in(browser, claire)
    assert browser.get(f"/sources/{hidden.id}").status_code == 200
    ends: dict[str, Callable[[], None]] = {
        "disable": lambda: identities.accounts.disable(claire),
        "password": lambda: identities.accounts.set_password(claire, "une autre marée haute"),
    }
    ends[end]()
    assert browser.get(f"/sources/{hidden.id}").status_code == 404
    assert sign_in(browser, claire).status_code == 401


def test_a_name_that_is_not_there_is_told_like_a_wrong_password(
    claire: str, browser: httpx.Client
) -> None:
    wrong, unknown = sign_in(browser, claire, "n’importe quoi"), sign_in(browser, "inconnue")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text == unknown.text and "set-cookie" not in unknown.headers


def test_another_site_signs_nobody_in(claire: str, client: httpx.Client) -> None:
    form = {"name": claire, "password": PASSWORD}
    refused = client.post("/login", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 401 and "set-cookie" not in refused.headers


def test_the_cookie_is_for_https_only_when_the_public_address_is(tmp_path) -> None:
    from vigie.assistant.settings import Settings
    from vigie.ui.access import Access
    from vigie.ui.sign_in import opened

    for url, secure in (("https://vigie.example", True), ("http://vigie.example", False)):
        doors = Access.of(Settings(data_dir=tmp_path, public_url=url))
        cookie = opened(doors, doors.visitor, "/").headers["set-cookie"]
        assert ("Secure" in cookie) is secure


def test_whoever_fails_too_often_waits_with_the_right_password_too(
    claire: str, vigie: Vigie
) -> None:
    from vigie.ui.server import create_app

    app_attempts = Attempts()
    for _ in range(BY_ACCOUNT):
        app_attempts.failed(claire, "192.0.2.1")

    async def refused() -> httpx.Response:
        app = create_app(vigie)
        access = next(m.kwargs["access"] for m in app.user_middleware if "access" in m.kwargs)
        access.identities.attempts = app_attempts

        async def with_state(scope, receive, send):  # type: ignore[no-untyped-def]
            await app(scope | {"state": {"vigie": vigie, "access": access}}, receive, send)

        transport = httpx.ASGITransport(with_state)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.post("/login", data={"name": claire, "password": PASSWORD})

    response = asyncio.run(refused())
    assert response.status_code == 429 and int(response.headers["retry-after"]) > 0
    assert "set-cookie" not in response.headers


def test_attempts_are_counted_by_account_and_by_address_for_a_while() -> None:
    time = 0.0
    attempts = Attempts(lambda: time)
    for number in range(BY_ACCOUNT):
        assert attempts.wait("claire", f"192.0.2.{number}") == 0
        attempts.failed("claire", f"192.0.2.{number}")
    assert attempts.wait("claire", "198.51.100.1") > 0
    assert attempts.wait("paul", "192.0.2.1") == 0
    for number in range(BY_ADDRESS):
        attempts.failed(f"nom{number}", "203.0.113.1")
    assert attempts.wait("paul", "203.0.113.1") > 0
    time = PERIOD_SECONDS + 1
    assert attempts.wait("claire", "203.0.113.1") == 0


def test_signing_in_well_counts_against_nobody() -> None:
    attempts = Attempts()
    for _ in range(BY_ADDRESS * 2):
        attempts.failed("claire", "192.0.2.1")
        attempts.succeeded("claire", "192.0.2.1")
    assert attempts.wait("claire", "192.0.2.1") == 0


@pytest.mark.parametrize("password", ["", "trop court", "x" * 201])
def test_a_password_that_cannot_be_one_is_refused_and_not_repeated(
    identities: Identities, password: str
) -> None:
    with pytest.raises(InvalidValue) as error:
        identities.accounts.create("paul", password, Audience.STAFF, STAFF)
    assert not password or password not in str(error.value)


def test_a_name_is_taken_once(claire: str, identities: Identities) -> None:
    with pytest.raises(InvalidValue):
        identities.accounts.create(claire.upper(), PASSWORD, Audience.STAFF, STAFF)
    with pytest.raises(NotFound):
        identities.accounts.disable("personne")


def test_the_first_administrator_is_made_once(tmp_path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/vigie.db")
    store = Identities(Database(engine, engine.execution_options(reads_only=True))).accounts
    password = store.first()
    assert password and len(password) >= 43 and store.first() is None
    account = store.signed_in("admin", password)
    assert account and account.scopes == ADMINISTRATOR and account.audience is Audience.STAFF
    engine.dispose()
