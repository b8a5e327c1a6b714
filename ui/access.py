"""Who is at the door: a key or a session opens an audience, nothing in the request's body does.

Keys are random and long, so their SHA-256 is what is kept and compared, in constant time.
"""

import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vigie.assistant.answers import Caller
from vigie.assistant.settings import Settings
from vigie.ingest.documents import Audience
from vigie.ui.identity.store import Identities
from vigie.ui.identity.who import EVERYTHING, READING, Bearer, Scope
from vigie.ui.identity.who import Identity as Identity
from vigie.ui.identity.who import WrongKey as WrongKey

if TYPE_CHECKING:
    from vigie.ui.identity.oidc import Provider

COOKIE = "vigie_session"
# A working day and its margins: a staff member signs in once in the morning.
SESSION_SECONDS = 12 * 3600
# Methods that change nothing, which a link on another site may use (RFC 9110 §9.2.1).
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# A household has a /64 of its own: its addresses are one visitor's (RFC 6177 §2).
VISITOR_BITS = {4: 32, 6: 64}
# Hexadecimal digits that tell a day's visitors apart.
VISITOR_DIGITS = 16


class Access:
    """The doors of one server: its keys, its sessions and what a visitor without key sees.

    Keys and accounts of the database open once `identities` is set.
    """

    def __init__(
        self,
        visitor: Audience,
        keys: Mapping[str, Audience],
        secret: bytes,
        run_token: str | None = None,
        secure: bool = False,
    ) -> None:
        self.visitor = Identity(visitor)
        self.secure = secure
        self.identities: Identities | None = None
        self.provider: Provider | None = None
        self._keys = {_sha256(key): _of_settings(audience) for key, audience in keys.items()}
        if run_token:
            self._keys[_sha256(run_token)] = Identity(
                Audience.STAFF, True, owner=True, id="run", scopes=EVERYTHING, kind=Bearer.RUN
            )
        # A session must not outlive the key that opened it: the keys sign it too.
        digests = b"".join(sorted(_sha256(key) for key in keys))
        self._secret = hashlib.sha256(secret + digests).digest()

    @classmethod
    def of(cls, settings: Settings, run_token: str | None = None) -> "Access":
        """Doors as configured; an unset key opens nothing."""
        chosen = {Audience.STAFF: settings.staff_key, Audience.PARTNER: settings.partner_key}
        keys = {
            key.get_secret_value(): audience
            for audience, key in chosen.items()
            if key and key.get_secret_value()
        }
        url = settings.public_url
        doors = cls(
            settings.chat_audience,
            keys,
            _session_secret(settings.data_dir),
            run_token,
            secure=url is not None and url.scheme == "https",
        )
        doors.provider = _provider(settings)
        return doors

    def identify(self, method: str, headers: Mapping[str, str], address: str = "") -> Identity:
        """Key first, then session, else a visitor; a key that opens nothing raises WrongKey.

        Credentials of another scheme are those of a proxy in front, and tell nothing here.
        """
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            identity = self.key(key.strip())
            if identity is None:
                raise WrongKey
            return identity
        if method not in SAFE_METHODS and is_cross_site(headers):
            return self.visitor_at(address)
        return self.session(_cookie(headers.get("cookie", ""))) or self.visitor_at(address)

    def caller(self, headers: Mapping[str, str], language: str | None = None) -> Caller:
        """The assistant's caller for a page that carries questions, such as the chat.

        Raises ScopeMissing for a key that may not ask.
        """
        identity = self.identify("GET", headers)
        identity.require(Scope.ASK)
        return Caller(identity.audience, language)

    def key(self, key: str) -> Identity | None:
        """What a key opens, None for an unknown, expired or revoked one."""
        given, opened = _sha256(key), None
        for digest, identity in self._keys.items():
            if hmac.compare_digest(digest, given):
                opened = identity
        if opened is None and self.identities is not None:
            return self.identities.keys.opened(key)
        return opened

    def visitor_at(self, address: str) -> Identity:
        """A visitor, told from others for a day by an address that cannot be read back."""
        try:
            found = ip_address(address)
            kept = found.packed[: VISITOR_BITS[found.version] // 8]
        except ValueError:
            kept = b""
        words = b"visitor %s %s" % (datetime.now(UTC).date().isoformat().encode(), kept)
        mark = hmac.new(self._secret, words, hashlib.sha256).hexdigest()[:VISITOR_DIGITS]
        return replace(self.visitor, id=f"visitor:{mark}")

    def issue(self, identity: Identity, now: float | None = None, stamp: str = "") -> str:
        """A session for an identity, readable by its bearer and sealed against change.

        `stamp` is that of the account that signed in; its next one ends the session.
        """
        expires = int((time.time() if now is None else now) + SESSION_SECONDS)
        # A key or an account of the database is asked again at each request.
        kept = identity.id.startswith(("key:", "user:")) and identity.id != _of_settings_id(
            identity.audience
        )
        subject = identity.id if kept else identity.audience.value
        payload = f"{subject}.{stamp}.{expires}.{secrets.token_urlsafe(9)}"
        return f"{payload}.{self._seal(payload)}"

    def session(self, value: str, now: float | None = None) -> Identity | None:
        """What a session opens; None when it is absent, forged, ended or past its end."""
        payload, _, seal = value.rpartition(".")
        if not hmac.compare_digest(self._seal(payload).encode(), seal.encode()):
            return None
        subject, stamp, expires, mark = payload.split(".")
        if float(expires) < (time.time() if now is None else now):
            return None
        kind, _, row = subject.partition(":")
        if not row:
            opened = _of_settings(Audience(subject))
            return replace(opened, id=f"session:{mark}", kind=Bearer.SESSION)
        if self.identities is None:
            return None
        if kind == "user":
            return self.identities.accounts.identity(row, stamp)
        found = self.identities.keys.identity(row)
        return replace(found, kind=Bearer.SESSION) if found else None

    def sealed(self, words: str, seconds: int) -> str:
        """Words that this server knows again, for so long; their bearer can read them."""
        payload = f"{words}.{int(time.time()) + seconds}"
        return f"{payload}.{self._seal('sealed ' + payload)}"

    def unsealed(self, value: str) -> str | None:
        """The words that were sealed, None when they were changed or it is too late."""
        payload, _, seal = value.rpartition(".")
        words, _, end = payload.rpartition(".")
        right = hmac.compare_digest(self._seal("sealed " + payload).encode(), seal.encode())
        return words if right and int(end) > time.time() else None

    def _seal(self, payload: str) -> str:
        return hmac.new(self._secret, payload.encode(), hashlib.sha256).hexdigest()


def _provider(settings: Settings) -> "Provider | None":
    """The provider of the settings, none without an issuer; raises InvalidValue."""
    if settings.oidc_issuer is None:
        return None
    # Imported on use: most installations do without it.
    from vigie.ui.identity.oidc import Provider
    from vigie.ui.identity.rules import rules_of

    secret = settings.oidc_client_secret
    return Provider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        secret.get_secret_value() if secret else "",
        rules_of(settings.oidc_audiences),
    )


def _of_settings(audience: Audience) -> Identity:
    """What a key of the settings opens: that of staff is its administrator's."""
    scopes = EVERYTHING if audience is Audience.STAFF else READING
    return Identity(audience, True, id=_of_settings_id(audience), scopes=scopes, kind=Bearer.KEY)


def _of_settings_id(audience: Audience) -> str:
    """Shorter than the id of any key of the database."""
    return f"key:{audience}"


def is_cross_site(headers: Mapping[str, str]) -> bool:
    """True when the browser says that another site sent this request."""
    return headers.get("sec-fetch-site") == "cross-site"


def local_path(target: str | None) -> str:
    """Where to go after signing in: a path of this server, "/" for anything else."""
    # Browsers drop tabs and line breaks and read a backslash as a slash.
    if not target or not target.startswith("/") or any(c in target for c in "\\\t\r\n"):
        return "/"
    parts = urlsplit(target)
    return "/" if parts.scheme or parts.netloc or target.startswith("//") else target


def _cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _sha256(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _session_secret(data_dir: Path) -> bytes:
    """32 random bytes kept beside the index, so that a restart signs nobody out."""
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / "session.key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        secret = secrets.token_bytes(32)
        file.write(secret)
    return secret
