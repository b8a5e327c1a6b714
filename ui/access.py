"""Who is at the door: a key or a session opens an audience, nothing in the request's body does.

Keys are random and long, so their SHA-256 is what is kept and compared, in constant time.
"""

import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

from vigie.assistant.answers import Caller
from vigie.assistant.settings import Settings
from vigie.ingest.documents import Audience
from vigie.ingest.errors import NotAllowed

COOKIE = "vigie_session"
# A working day and its margins: a staff member signs in once in the morning.
SESSION_SECONDS = 12 * 3600
# Methods that change nothing, which a link on another site may use (RFC 9110 §9.2.1).
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class WrongKey(NotAllowed):
    """A key was given and opens nothing; no values."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a request's credential opens; `owner` is the person at the server's own data folder.

    `known` is false for a visitor without key or session.
    """

    audience: Audience
    known: bool = False
    owner: bool = False


class Access:
    """The doors of one server: its keys, its sessions and what a visitor without key sees."""

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
        self._keys = {_sha256(key): Identity(audience, True) for key, audience in keys.items()}
        if run_token:
            self._keys[_sha256(run_token)] = Identity(Audience.STAFF, True, owner=True)
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
        return cls(
            settings.chat_audience,
            keys,
            _session_secret(settings.data_dir),
            run_token,
            secure=url is not None and url.scheme == "https",
        )

    def identify(self, method: str, headers: Mapping[str, str]) -> Identity:
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
            return self.visitor
        return self.session(_cookie(headers.get("cookie", ""))) or self.visitor

    def caller(self, headers: Mapping[str, str], language: str | None = None) -> Caller:
        """The assistant's caller for a page that carries questions, such as the chat."""
        return Caller(self.identify("GET", headers).audience, language)

    def key(self, key: str) -> Identity | None:
        """What a key opens, None for an unknown one."""
        given, opened = _sha256(key), None
        for digest, identity in self._keys.items():
            if hmac.compare_digest(digest, given):
                opened = identity
        return opened

    def issue(self, identity: Identity, now: float | None = None) -> str:
        """A session for an identity, readable by its bearer and sealed against change."""
        expires = int((time.time() if now is None else now) + SESSION_SECONDS)
        payload = f"{identity.audience}.{expires}.{secrets.token_urlsafe(9)}"
        return f"{payload}.{self._seal(payload)}"

    def session(self, value: str, now: float | None = None) -> Identity | None:
        """What a session opens; None when it is absent, forged or past its end."""
        payload, _, seal = value.rpartition(".")
        if not hmac.compare_digest(self._seal(payload).encode(), seal.encode()):
            return None
        audience, expires, _ = payload.split(".")
        if float(expires) < (time.time() if now is None else now):
            return None
        return Identity(Audience(audience), known=True)

    def _seal(self, payload: str) -> str:
        return hmac.new(self._secret, payload.encode(), hashlib.sha256).hexdigest()


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
