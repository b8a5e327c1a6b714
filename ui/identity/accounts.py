"""Accounts of staff: a name and a password, or a provider's word; Argon2id at rest."""

import hashlib
import secrets
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.exc import IntegrityError

from vigie.index.rows import aware, now
from vigie.index.schema import Database
from vigie.ingest.documents import Audience
from vigie.ingest.errors import InvalidValue, NotFound, Reason
from vigie.ui.identity.keys import digits, moment
from vigie.ui.identity.schema import accounts
from vigie.ui.identity.who import EVERYTHING, READING, Bearer, Identity, Scope

# What its own documentation advises (RFC 9106, low memory): 64 MiB and about 50 ms each.
HASHER = PasswordHasher()
# Passwords hashed at the same time: 64 MiB each must not add up.
HASHING = threading.Semaphore(2)
# CNIL, deliberation 2022-100: with attempts limited, 12 characters are ample.
SHORTEST, LONGEST = 12, 200
LONGEST_NAME, NAME_ROOM = 200, 180
ID_DIGITS = STAMP_DIGITS = 12
# Scopes of a member of staff; an administrator has them all.
STAFF = READING | {Scope.INGEST}
ADMINISTRATOR = EVERYTHING
# The account made by the first start, and the bytes of its password.
FIRST, FIRST_BYTES = "admin", 32


@dataclass(frozen=True, slots=True)
class Account:
    """A person who signs in; `local` is false for an account of a provider."""

    id: str
    name: str
    audience: Audience
    scopes: frozenset[Scope]
    stamp: str
    local: bool
    created: datetime
    used: datetime | None
    disabled: datetime | None

    @property
    def identity(self) -> Identity:
        """Who has signed in."""
        return Identity(
            self.audience,
            known=True,
            id=f"user:{self.id}",
            name=self.name,
            scopes=self.scopes,
            kind=Bearer.SESSION,
        )


class Accounts:
    """The accounts of the database, read anew for each request: disabling one counts at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._nobody: str | None = None

    def create(
        self, name: str, password: str, audience: Audience, scopes: Collection[Scope]
    ) -> Account:
        """Raises InvalidValue for a name that is taken or cannot be one, or a short password."""
        return self._insert(named(name), hashed(password), None, audience, scopes)

    def first(self) -> str | None:
        """The password of a first administrator, None when there is an account already."""
        password = secrets.token_urlsafe(FIRST_BYTES)
        with self._database.reads.connect() as connection:
            if connection.execute(sa.select(sa.func.count()).select_from(accounts)).scalar_one():
                return None
        self.create(FIRST, password, Audience.STAFF, ADMINISTRATOR)
        return password

    def all(self) -> list[Account]:
        """Every account by name, disabled ones among them."""
        chosen = sa.select(accounts).order_by(accounts.c.name)
        with self._database.reads.connect() as connection:
            return [_account(row) for row in connection.execute(chosen).mappings()]

    def disable(self, name: str) -> None:
        """Ends its sessions and lets nobody sign in; raises NotFound."""
        first = sa.func.coalesce(accounts.c.disabled, now())
        self._change(name, disabled=first, stamp=digits(STAMP_DIGITS))

    def set_password(self, name: str, password: str) -> None:
        """Ends its sessions, and lets it sign in again if it was disabled; raises NotFound.

        A provider's account has no password: it is not found either.
        """
        values = {"password": hashed(password), "stamp": digits(STAMP_DIGITS), "disabled": None}
        self._change(name, accounts.c.password.is_not(None), **values)

    def signed_in(self, name: str, password: str) -> Account | None:
        """The account that these open; it takes as long when there is no such account."""
        row = self._one(accounts.c.name == name.strip().lower()[:LONGEST_NAME])
        kept = row["password"] if row else None
        right = verified(kept or self._decoy(), password)
        if row is None or kept is None or not right or row["disabled"]:
            return None
        values: dict[str, Any] = {"used": now()}
        if HASHER.check_needs_rehash(kept):
            values["password"] = hashed(password)
        with self._database.writes.begin() as connection:
            # Nothing is written over a password that has changed meanwhile.
            chosen = (accounts.c.id == row["id"]) & (accounts.c.stamp == row["stamp"])
            connection.execute(accounts.update().where(chosen).values(values))
        return _account(row)

    def provided(
        self, issuer: str, subject: str, name: str, audience: Audience, scopes: Collection[Scope]
    ) -> Account | None:
        """The account of a provider's user, made at the first visit; None once disabled.

        Audience and scopes are what the provider's groups say today.
        """
        key = hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()
        row = self._one(accounts.c.subject == key)
        if row is None:
            try:
                return self._insert(named(name), None, key, audience, scopes)
            except InvalidValue:
                # A name proves nothing: whoever has it already keeps an account apart.
                other = f"{name[:NAME_ROOM]} ({key[:ID_DIGITS]})"
                return self._insert(named(other), None, key, audience, scopes)
        if row["disabled"]:
            return None
        values: dict[str, Any] = {"audience": audience.value, "scopes": sorted(scopes)}
        with self._database.writes.begin() as connection:
            chosen = accounts.update().where(accounts.c.id == row["id"])
            connection.execute(chosen.values(values | {"used": now()}))
        return _account({**row, **values})

    def identity(self, account_id: str, stamp: str) -> Identity | None:
        """Who a session was opened for, None when the account ended it since."""
        row = self._one((accounts.c.id == account_id) & accounts.c.disabled.is_(None))
        if row is None or not secrets.compare_digest(row["stamp"].encode(), stamp.encode()):
            return None
        return _account(row).identity

    def _one(self, which: sa.ColumnElement[bool]) -> Mapping[Any, Any] | None:
        with self._database.reads.connect() as connection:
            return connection.execute(sa.select(accounts).where(which)).mappings().first()

    def _insert(
        self,
        name: str,
        password: str | None,
        subject: str | None,
        audience: Audience,
        scopes: Collection[Scope],
    ) -> Account:
        row: dict[str, Any] = {
            "id": digits(ID_DIGITS),
            "name": name,
            "password": password,
            "subject": subject,
            "audience": audience.value,
            "scopes": sorted(scopes),
            "stamp": digits(STAMP_DIGITS),
            "created": now(),
            "used": None,
            "disabled": None,
        }
        try:
            with self._database.writes.begin() as connection:
                connection.execute(accounts.insert().values(row))
        except IntegrityError as error:
            raise InvalidValue(
                name="name", value=name, expected=Reason("keys.name_free")
            ) from error
        return _account(row)

    def _change(self, name: str, *also: sa.ColumnElement[bool], **values: Any) -> None:
        chosen = accounts.update().where(accounts.c.name == name.strip().lower(), *also)
        with self._database.writes.begin() as connection:
            if not connection.execute(chosen.values(**values)).rowcount:
                raise NotFound(what=Reason("keys.what_account"), id=name)

    def _decoy(self) -> str:
        if self._nobody is None:
            self._nobody = HASHER.hash(secrets.token_urlsafe())
        return self._nobody


def named(name: str) -> str:
    """A name as it is kept; raises InvalidValue for one that nobody could type."""
    kept = name.strip().lower()
    if not 0 < len(kept) <= LONGEST_NAME or not kept.isprintable():
        raise InvalidValue(name="name", value=kept[:40], expected=Reason("keys.name_form"))
    return kept


def hashed(password: str) -> str:
    """Argon2id with its own salt; raises InvalidValue, without its value, for a short password."""
    if not SHORTEST <= len(password) <= LONGEST:
        expected = Reason("keys.password_form", {"least": SHORTEST, "most": LONGEST})
        raise InvalidValue(name="password", value="…", expected=expected)
    with HASHING:
        return HASHER.hash(password)


def verified(kept: str, password: str) -> bool:
    """Whether this is the password of that hash."""
    try:
        with HASHING:
            return HASHER.verify(kept, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False


def _account(row: Mapping[Any, Any]) -> Account:
    return Account(
        row["id"],
        row["name"],
        Audience(row["audience"]),
        frozenset(map(Scope, row["scopes"])),
        row["stamp"],
        row["password"] is not None,
        aware(row["created"]),
        moment(row["used"]),
        moment(row["disabled"]),
    )
