"""What a credential opens: an audience, and what may be done with it."""

from dataclasses import dataclass, field
from enum import StrEnum

from vigie.ingest.documents import Audience
from vigie.ingest.errors import NotAllowed


class Scope(StrEnum):
    """What may be done; reading documents and programmes is part of `search`."""

    SEARCH = "search"
    ASK = "ask"
    FEEDBACK = "feedback"
    INGEST = "ingest"
    ADMIN = "admin"


# What everyone may do with what they see, and what the keys of the settings always could.
READING = frozenset({Scope.SEARCH, Scope.ASK, Scope.FEEDBACK})
EVERYTHING = frozenset(Scope)


class Bearer(StrEnum):
    """What was shown at the door; `run` is the token of this machine's own commands."""

    VISITOR = "visitor"
    KEY = "key"
    SESSION = "session"
    WIDGET = "widget"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a request's credential opens; `owner` is the person at the server's own data folder.

    `known` is false for a visitor and for a widget. `id` is stable and no secret: "key:…",
    "user:…", "session:…", "widget:…", "visitor:…"; limits and conversations are counted by it.
    Two identities are equal when they open the same doors to documents.
    """

    audience: Audience
    known: bool = False
    owner: bool = False
    id: str = field(default="visitor:", compare=False)
    name: str = field(default="", compare=False)
    scopes: frozenset[Scope] = field(default=READING, compare=False)
    kind: Bearer = field(default=Bearer.VISITOR, compare=False)

    def require(self, scope: Scope) -> None:
        """Raises ScopeMissing when the credential was not given this scope."""
        if scope not in self.scopes:
            raise ScopeMissing(scope=scope.value)


class WrongKey(NotAllowed):
    """A key was given and opens nothing; no values."""


class ScopeMissing(NotAllowed):
    """The credential is good, but not for this; values: scope."""

    code = "scope_missing"


class OriginRefused(NotAllowed):
    """A widget was used from a site that it was not made for, or no longer exists; no values."""

    code = "origin_refused"


class QuotaSpent(NotAllowed):
    """All that a widget may ask in a day has been asked; values: retry_after (seconds)."""

    code = "quota_spent"
