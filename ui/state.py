"""What a request finds ready: the assistant, the doors, and who is asking."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, TypedDict

from fastapi import Depends, Request

from vigie.assistant.answers import Caller
from vigie.assistant.build import Vigie
from vigie.ingest.documents import Audience
from vigie.ingest.errors import NotAllowed
from vigie.ui.access import Access
from vigie.ui.identity.store import Identities
from vigie.ui.identity.who import Bearer, Identity, Scope, WrongKey
from vigie.ui.languages import preferred

# What counts against a widget's day: the two things that search.
COUNTED = frozenset({Scope.ASK, Scope.SEARCH})


class State(TypedDict):
    """Lifespan state; `ingestion` lets one ingestion at a time change the index."""

    vigie: Vigie
    access: Access
    ingestion: asyncio.Lock


def vigie_of(request: Request) -> Vigie:
    """The assistant of this server."""
    vigie: Vigie = request.state.vigie
    return vigie


def access_of(request: Request) -> Access:
    """The doors of this server."""
    access: Access = request.state.access
    return access


def identities_of(request: Request) -> Identities:
    """Keys, accounts and widgets of this server."""
    identities = access_of(request).identities
    assert identities is not None, "create_app gives them to the doors"
    return identities


def identity_of(request: Request) -> Identity:
    """What the request's own credential opens, found once; raises WrongKey.

    A widget's door has been passed before, and other credentials beside it count for nothing.
    """
    found: Identity | None = getattr(request.state, "identity", None)
    if found is None:
        widget = getattr(request.state, "widget", None)
        address = request.client.host if request.client else ""
        access = access_of(request)
        found = (
            widget.identity if widget else access.identify(request.method, request.headers, address)
        )
        request.state.identity = found
    return found


def language_of(request: Request) -> str:
    """Language of messages: Accept-Language, else the configured one."""
    return preferred(request.headers.get("accept-language"), vigie_of(request).settings.language)


def base_of(request: Request) -> str:
    """Address under which the reader reaches this server, without a final slash."""
    public = vigie_of(request).settings.public_url
    return str(public or request.base_url).rstrip("/")


TheVigie = Annotated[Vigie, Depends(vigie_of)]
TheAccess = Annotated[Access, Depends(access_of)]
TheIdentity = Annotated[Identity, Depends(identity_of)]
TheIdentities = Annotated[Identities, Depends(identities_of)]
TheLanguage = Annotated[str, Depends(language_of)]
TheBase = Annotated[str, Depends(base_of)]


def caller_of(identity: TheIdentity) -> Caller:
    """The caller as the assistant knows it; the answer speaks the question's language."""
    return Caller(identity.audience)


def needs(scope: Scope) -> Callable[..., Any]:
    """A dependency, for `Depends`, that gives the identity once it has this scope.

    Raises ScopeMissing, and QuotaSpent for a widget whose day is spent.
    """

    def allowed(request: Request, identity: TheIdentity) -> Identity:
        if identity.kind is Bearer.VISITOR and scope not in identity.scopes:
            # Nothing was shown: what is missing is a key.
            raise WrongKey
        identity.require(scope)
        if identity.kind is Bearer.WIDGET and scope in COUNTED:
            identities_of(request).widgets.spend(request.state.widget)
        return identity

    return allowed


def staff_of(identity: TheIdentity) -> Identity:
    """A member of staff who showed a key or a session; a visitor never is one."""
    if not identity.known:
        raise WrongKey
    if identity.audience is not Audience.STAFF:
        raise NotAllowed
    return identity


def owner_of(identity: TheIdentity) -> Identity:
    """The person at the server's own data folder, who alone may name paths of this machine."""
    if not identity.owner:
        raise NotAllowed
    return identity


TheCaller = Annotated[Caller, Depends(caller_of)]
Staff = Annotated[Identity, Depends(staff_of)]
Owner = Annotated[Identity, Depends(owner_of)]
