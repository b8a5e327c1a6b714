"""Only a credential opens a door."""

import stat
from pathlib import Path

import pytest

from vigie.assistant.settings import Settings
from vigie.ingest.documents import Audience
from vigie.ui.access import COOKIE, SESSION_SECONDS, Access, Identity, WrongKey, local_path

KEYS = {"cle-staff": Audience.STAFF, "cle-partenaire": Audience.PARTNER}


def access(keys: dict[str, Audience] = KEYS) -> Access:
    return Access(Audience.PUBLIC, keys, b"secret", run_token="jeton")


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def test_each_key_opens_its_own_audience() -> None:
    doors = access()
    assert doors.identify("GET", {}) == Identity(Audience.PUBLIC)
    assert doors.identify("GET", bearer("cle-staff")).audience is Audience.STAFF
    assert doors.identify("GET", bearer("cle-partenaire")).audience is Audience.PARTNER
    assert doors.identify("GET", bearer("jeton")) == Identity(Audience.STAFF, True, owner=True)


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "bearer faux", "Bearer é"])
def test_a_key_that_opens_nothing_is_never_taken_for_a_visitor(value: str) -> None:
    with pytest.raises(WrongKey):
        access().identify("GET", {"authorization": value})


def test_the_password_of_a_proxy_in_front_opens_nothing() -> None:
    headers = {"authorization": "Basic Y2xlLXN0YWZm"}
    assert access().identify("GET", headers) == Identity(Audience.PUBLIC)


def test_a_session_lasts_until_its_end_and_not_longer() -> None:
    doors = access()
    session = doors.issue(Identity(Audience.STAFF, True), now=1000)
    opened = doors.session(session, now=1000 + SESSION_SECONDS - 1)
    assert opened == Identity(Audience.STAFF, True)
    assert doors.session(session, now=1000 + SESSION_SECONDS + 1) is None


def test_a_session_cannot_be_forged_changed_or_carried_over_a_change_of_key() -> None:
    doors = access()
    session = doors.issue(Identity(Audience.PARTNER, True))
    assert doors.session(session.replace("partner", "staff")) is None
    for value in ("", ".", "staff.99999999999.x.", "staff.1.x.é", session[:-1], session + "0"):
        assert doors.session(value) is None
    assert access({"nouvelle": Audience.STAFF}).session(session) is None


def test_a_session_counts_for_links_but_not_for_another_sites_form() -> None:
    doors = access()
    session = doors.issue(Identity(Audience.STAFF, True))
    headers = {"cookie": f"{COOKIE}={session}", "sec-fetch-site": "cross-site"}
    assert doors.identify("GET", headers).audience is Audience.STAFF
    assert doors.identify("POST", headers).audience is Audience.PUBLIC


def test_an_unset_or_empty_key_opens_nothing(tmp_path: Path) -> None:
    doors = Access.of(Settings(data_dir=tmp_path, staff_key=""))
    with pytest.raises(WrongKey):
        doors.identify("GET", bearer(""))
    assert doors.key("") is None


def test_sessions_survive_a_restart_and_their_secret_is_private(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, staff_key="cle")
    session = Access.of(settings).issue(Identity(Audience.STAFF, True))
    assert Access.of(settings).session(session)
    assert stat.S_IMODE((tmp_path / "session.key").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "",
        None,
        "x",
    ],
)
def test_signing_in_never_leads_to_another_site(target: str | None) -> None:
    assert local_path(target) == "/"


def test_signing_in_leads_back_to_the_page_asked_for() -> None:
    assert local_path("/sources/x?start=1#passage") == "/sources/x?start=1#passage"
