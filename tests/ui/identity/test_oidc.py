"""Signing in through a provider: a real one over HTTP, and everything that it may get wrong."""

import asyncio
import importlib.util
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from joserfc.jwk import RSAKey

from vigie.assistant.build import Vigie
from vigie.ingest.documents import Audience, Document
from vigie.ingest.errors import InvalidValue
from vigie.ui.access import Access
from vigie.ui.identity.oidc import Provider
from vigie.ui.identity.rules import Rule, audience_of, rules_of
from vigie.ui.identity.store import Identities
from vigie.ui.server import create_app

# Test modules are no package: the provider beside this one is loaded by its path.
SPEC = importlib.util.spec_from_file_location(
    "openid_provider", Path(__file__).with_name("provider.py")
)
assert SPEC and SPEC.loader
openid_provider = importlib.util.module_from_spec(SPEC)
sys.modules[SPEC.name] = openid_provider
SPEC.loader.exec_module(openid_provider)

RULES = "equipe=staff, partenaires=partner, @asso.example=partner"
STAFF = {"sub": "claire", "email": "claire@asso.example", "groups": ["equipe"]}


@pytest.fixture(scope="module")
def running() -> Iterator[Any]:
    with openid_provider.serving(openid_provider.OpenIdProvider()) as provider:
        yield provider


@pytest.fixture
def provider(running: Any) -> Any:
    running.person, running.changes, running.signing, running.metadata = dict(STAFF), {}, None, {}
    return running


@pytest.fixture(scope="module")
def doors(vigie: Vigie, running: Any) -> Iterator[tuple[Access, str]]:
    """A server of its own, whose settings name the provider."""
    given = {
        "oidc_issuer": running.issuer,
        "oidc_client_id": openid_provider.CLIENT_ID,
        "oidc_client_secret": openid_provider.CLIENT_SECRET,
        "oidc_audiences": RULES,
    }
    settings = type(vigie.settings)(**vigie.settings.model_dump() | given)
    access = Access.of(settings)

    async def made() -> Any:
        return create_app(vigie, access)

    app = asyncio.run(made())
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield access, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def visitor(doors: tuple[Access, str]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=doors[1], timeout=30, trust_env=False) as opened:
        yield opened


def there(visitor: httpx.Client, path: str = "/login/provider?next=/x") -> str:
    """The address that the provider sends the browser back to."""
    leaving = visitor.get(path)
    assert leaving.status_code == 303, leaving.text
    return httpx.get(leaving.headers["location"], trust_env=False).headers["location"]


def test_someone_of_the_organisation_signs_in_and_reads(
    provider: Any, visitor: httpx.Client, hidden: Document
) -> None:
    assert 'href="/login/provider?next=%2F' in visitor.get("/login").text
    back = visitor.get(there(visitor))
    assert (back.status_code, back.headers["location"]) == (303, "/x")
    assert visitor.get(f"/sources/{hidden.id}").status_code == 200


def test_an_account_of_the_provider_is_one_person_and_can_be_disabled(
    provider: Any, visitor: httpx.Client, identities: Identities, hidden: Document
) -> None:
    provider.person = {"sub": "léa", "email": "lea@asso.example", "groups": ["/equipe"]}
    for _ in range(2):
        assert visitor.get(there(visitor)).status_code == 303
    (account,) = [item for item in identities.accounts.all() if item.name == "lea@asso.example"]
    assert not account.local
    identities.accounts.disable("lea@asso.example")
    assert visitor.get(f"/sources/{hidden.id}").status_code == 404
    assert visitor.get(there(visitor)).status_code == 401


def test_a_name_that_is_taken_opens_no_other_account(
    provider: Any, visitor: httpx.Client, identities: Identities
) -> None:
    local = identities.accounts.create("chef", "mot de passe du chef", Audience.STAFF, {"admin"})
    provider.person = {"sub": "x", "preferred_username": "chef", "groups": ["partenaires"]}
    assert visitor.get(there(visitor)).status_code == 303
    again = next(item for item in identities.accounts.all() if item.name == "chef")
    assert (again.id, again.stamp) == (local.id, local.stamp)


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "autre"},
        {"nonce": None},
        {"aud": "autre"},
        {"aud": None},
        {"iss": "https://autre.example"},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"azp": "autre"},
        {"at_hash": "faux"},
        {"groups": [], "email_verified": False},
        {"groups": ["inconnu"], "email": "claire@autre.example", "email_verified": True},
        {"groups": "equipe"},
    ],
    ids=str,
)
def test_a_token_that_is_wrong_in_one_thing_opens_nothing(
    provider: Any, visitor: httpx.Client, changes: dict[str, Any]
) -> None:
    provider.changes = changes
    refused = visitor.get(there(visitor))
    assert refused.status_code == 401
    assert not any("vigie_session" in each for each in refused.headers.get_list("set-cookie"))


def test_a_token_of_another_key_opens_nothing(provider: Any, visitor: httpx.Client) -> None:
    for kid in ("a", "b"):
        provider.signing = RSAKey.generate_key(2048, {"kid": kid})
        assert visitor.get(there(visitor)).status_code == 401


def test_a_new_key_of_the_provider_is_fetched(provider: Any, visitor: httpx.Client) -> None:
    assert visitor.get(there(visitor)).status_code == 303
    former, provider.key = provider.key, RSAKey.generate_key(2048, {"kid": "c"})
    try:
        assert visitor.get(there(visitor)).status_code == 303
    finally:
        provider.key = former


def test_a_return_counts_in_the_browser_that_left_and_once(
    provider: Any, visitor: httpx.Client, doors: tuple[Access, str]
) -> None:
    address = there(visitor)
    with httpx.Client(trust_env=False) as victim:
        assert victim.get(address).status_code == 401
    assert visitor.get(address.replace("state=", "state=x")).status_code == 401
    # Whatever came back, the browser's part is spent.
    assert visitor.get(address).status_code == 401


def test_the_answer_of_another_provider_is_refused(provider: Any, visitor: httpx.Client) -> None:
    address = there(visitor)
    assert "iss=" in address
    mixed = address.partition("&iss=")[0] + "&iss=https%3A%2F%2Fautre.example"
    assert visitor.get(mixed).status_code == 401


def test_a_refusal_of_the_provider_is_told(provider: Any, visitor: httpx.Client) -> None:
    state = there(visitor).partition("state=")[2].partition("&")[0]
    back = f"/login/provider/callback?error=access_denied&state={state}"
    refused = visitor.get(back)
    assert refused.status_code == 401 and "127.0.0.1" in refused.text


def test_what_was_kept_in_the_browser_cannot_be_changed_or_kept_too_long(
    doors: tuple[Access, str],
) -> None:
    access, _ = doors
    sealed = access.sealed("a.b.c.d", 60)
    assert access.unsealed(sealed) == "a.b.c.d"
    assert access.unsealed(sealed.replace("a.b", "x.b")) is None
    assert access.unsealed(access.sealed("a", -1)) is None
    for value in ("", ".", "a.b.c.d"):
        assert access.unsealed(value) is None
    # What seals a departure does not open a session.
    assert access.session(access.sealed("staff..", 60)) is None


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://autre.example"},
        {"token_endpoint": "http://autre.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
    ids=str,
)
def test_a_provider_that_says_it_is_another_is_not_used(
    provider: Any, metadata: dict[str, str]
) -> None:
    from vigie.ui.identity.oidc import Departure, ProviderRefused

    provider.metadata = metadata
    used = Provider(provider.issuer, "vigie", "secret", [])
    with pytest.raises(ProviderRefused):
        used.leave("http://127.0.0.1/callback", Departure.new())


def test_without_a_provider_its_door_is_not_there(client: httpx.Client) -> None:
    assert client.get("/login/provider").status_code == 404
    assert "/login/provider" not in client.get("/login").text


def test_the_widest_rule_that_fits_decides() -> None:
    rules = rules_of(RULES)
    assert rules[0] == Rule("equipe", Audience.STAFF)
    verified = {"email": "x@ASSO.example", "email_verified": True}
    assert audience_of(verified, rules) is Audience.PARTNER
    assert audience_of(verified | {"roles": ["equipe"]}, rules) is Audience.STAFF
    assert audience_of({"email": "x@asso.example"}, rules) is None
    assert audience_of({"email": "x@sub.asso.example", "email_verified": True}, rules) is None
    for wrong in ("", "equipe", "equipe=tous", "=staff", "@=staff", "a=staff,,"):
        with pytest.raises(InvalidValue):
            rules_of(wrong)
