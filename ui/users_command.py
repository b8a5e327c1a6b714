"""What `vigie users` does, and the first administrator."""

import getpass
import sys

from vigie.assistant.settings import Settings
from vigie.ingest.documents import Audience
from vigie.ingest.errors import InvalidValue, Reason
from vigie.ingest.messages import message
from vigie.ui.identity.accounts import ADMINISTRATOR, FIRST, STAFF
from vigie.ui.identity.store import Identities
from vigie.ui.identity.who import READING
from vigie.ui.keys_command import day, identities_of, table
from vigie.ui.terminal import OK, Terminal


def create(settings: Settings, name: str, audience: Audience, admin: bool) -> int:
    """Exit status of `vigie users create`; raises InvalidValue."""
    terminal = Terminal(settings.language)
    scopes = STAFF if audience is Audience.STAFF else READING
    password = asked(settings.language)
    with identities_of(settings) as identities:
        chosen = ADMINISTRATOR if admin else scopes
        account = identities.accounts.create(name, password, audience, chosen)
    terminal.say("keys.user_created", name=account.name)
    return OK


def listed(settings: Settings) -> int:
    """Exit status of `vigie users list`."""
    terminal = Terminal(settings.language)
    with identities_of(settings) as identities:
        found = identities.accounts.all()
    states = {(False, False): "provider", (True, False): "enabled"}
    rows = [
        (
            account.name,
            account.audience.value,
            ",".join(sorted(account.scopes)),
            day(account.used, settings.language),
            message(
                "keys.state_"
                + states.get((account.local, account.disabled is not None), "disabled"),
                settings.language,
            ),
        )
        for account in found
    ]
    table(terminal, ("name", "audience", "scopes", "used", "state"), rows)
    return OK


def disable(settings: Settings, name: str) -> int:
    """Exit status of `vigie users disable`; raises NotFound."""
    with identities_of(settings) as identities:
        identities.accounts.disable(name)
    Terminal(settings.language).say("keys.user_disabled", name=name)
    return OK


def password(settings: Settings, name: str) -> int:
    """Exit status of `vigie users password`; raises NotFound and InvalidValue."""
    given = asked(settings.language)
    with identities_of(settings) as identities:
        identities.accounts.set_password(name, given)
    Terminal(settings.language).say("keys.user_password", name=name)
    return OK


def asked(language: str) -> str:
    """A password typed twice unseen, or the first line of standard input when nobody types.

    Never an argument: those are seen by every program of the machine.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    given = getpass.getpass(message("keys.password_prompt", language))
    if getpass.getpass(message("keys.password_again", language)) != given:
        expected = Reason("keys.passwords_same")
        raise InvalidValue(name="password", value="…", expected=expected)
    return given


def welcome(settings: Settings, identities: Identities, terminal: Terminal) -> None:
    """Makes the first administrator when nobody could sign in, and tells its password once."""
    staff = settings.staff_key
    if (staff and staff.get_secret_value()) or identities.keys.all():
        return
    secret = identities.accounts.first()
    if secret is None:
        return
    terminal.say("keys.first_account", "bold")
    terminal.say("keys.first_name", name=FIRST)
    terminal.say("keys.first_password", password=secret)
    terminal.say("keys.first_change", name=FIRST)
