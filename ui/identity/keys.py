"""API keys: `sk_vigie_<id>_<secret>`, shown once; the id finds the row, the hash decides."""

import hashlib
import hmac
import re
import secrets
import string
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from vigie.index.rows import aware, now
from vigie.index.schema import Database
from vigie.ingest.documents import Audience
from vigie.ingest.errors import NotFound, Reason
from vigie.ui.identity.later import Later
from vigie.ui.identity.schema import keys
from vigie.ui.identity.who import Bearer, Identity, Scope

BASE62 = string.digits + string.ascii_letters
# 43 digits of base 62 hold 256 bits; 12 digits are told apart among any number of keys.
SECRET_DIGITS, ID_DIGITS = 43, 12
FORM = re.compile(rf"sk_vigie_([0-9A-Za-z]{{{ID_DIGITS}}})_[0-9A-Za-z]{{{SECRET_DIGITS}}}")
# A date of use is for finding keys that nobody uses: to the minute is more than enough.
USED_SECONDS = 60.0
# What an unknown id is compared with, so that it takes as long as a wrong secret.
NOTHING = bytes(32)


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is kept: not the key itself."""

    id: str
    name: str
    audience: Audience
    scopes: frozenset[Scope]
    created: datetime
    expires: datetime | None
    used: datetime | None
    revoked: datetime | None

    def opens(self, at: datetime) -> bool:
        """False once revoked or expired."""
        return self.revoked is None and (self.expires is None or at < self.expires)

    @property
    def identity(self) -> Identity:
        """Who shows it."""
        return Identity(
            self.audience,
            known=True,
            id=f"key:{self.id}",
            name=self.name,
            scopes=self.scopes,
            kind=Bearer.KEY,
        )


class Keys:
    """The keys of the database, read anew for each request: a revocation counts at once."""

    def __init__(self, database: Database, later: Later) -> None:
        self._database, self._later = database, later
        self._noted: dict[str, float] = {}
        self._noting = threading.Lock()

    def create(
        self,
        name: str,
        audience: Audience,
        scopes: Collection[Scope],
        expires: datetime | None = None,
    ) -> tuple[Key, str]:
        """The new key and the words to show once."""
        key_id = digits(ID_DIGITS)
        secret = f"sk_vigie_{key_id}_{digits(SECRET_DIGITS)}"
        row: dict[str, Any] = {
            "id": key_id,
            "name": name,
            "hash": hashed(secret),
            "audience": audience.value,
            "scopes": sorted(scopes),
            "created": now(),
            "expires": expires,
        }
        with self._database.writes.begin() as connection:
            connection.execute(keys.insert().values(row))
        made = Key(key_id, name, audience, frozenset(scopes), row["created"], expires, None, None)
        return made, secret

    def all(self) -> list[Key]:
        """Every key that was made, oldest first, revoked ones among them."""
        chosen = sa.select(keys).order_by(keys.c.created, keys.c.id)
        with self._database.reads.connect() as connection:
            return [_key(row) for row in connection.execute(chosen).mappings()]

    def revoke(self, key_id: str) -> None:
        """From the next request on it opens nothing; raises NotFound."""
        chosen = keys.update().where(keys.c.id == key_id)
        # The first date stands.
        chosen = chosen.values(revoked=sa.func.coalesce(keys.c.revoked, now()))
        with self._database.writes.begin() as connection:
            if not connection.execute(chosen).rowcount:
                raise NotFound(what=Reason("keys.what_key"), id=key_id)

    def opened(self, words: str) -> Identity | None:
        """What these words open; None for what is no key, or no longer one."""
        form = FORM.fullmatch(words)
        if form is None:
            return None
        row = self._row(form[1])
        right = hmac.compare_digest(row["hash"] if row else NOTHING, hashed(words))
        return self._alive(row) if row and right else None

    def identity(self, key_id: str) -> Identity | None:
        """Who a session was opened for by this key, None when the key no longer opens."""
        return self._alive(row) if (row := self._row(key_id)) else None

    def _row(self, key_id: str) -> Mapping[Any, Any] | None:
        with self._database.reads.connect() as connection:
            return connection.execute(sa.select(keys).where(keys.c.id == key_id)).mappings().first()

    def _alive(self, row: Mapping[Any, Any]) -> Identity | None:
        key = _key(row)
        if not key.opens(now()):
            return None
        self._note(key.id)
        return key.identity

    def _note(self, key_id: str) -> None:
        moment = time.monotonic()
        with self._noting:
            if moment - self._noted.get(key_id, -USED_SECONDS) < USED_SECONDS:
                return
            self._noted[key_id] = moment
        at = now()

        def write() -> None:
            with self._database.writes.begin() as connection:
                connection.execute(keys.update().where(keys.c.id == key_id).values(used=at))

        self._later.do(write)


def digits(count: int) -> str:
    """Random digits of base 62."""
    return "".join(secrets.choice(BASE62) for _ in range(count))


def hashed(words: str) -> bytes:
    """SHA-256; for long random words only."""
    return hashlib.sha256(words.encode()).digest()


def moment(found: datetime | None) -> datetime | None:
    """A date of the database with its zone."""
    return aware(found) if found else None


def _key(row: Mapping[Any, Any]) -> Key:
    return Key(
        row["id"],
        row["name"],
        Audience(row["audience"]),
        frozenset(map(Scope, row["scopes"])),
        aware(row["created"]),
        moment(row["expires"]),
        moment(row["used"]),
        moment(row["revoked"]),
    )
