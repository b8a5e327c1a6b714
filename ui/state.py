"""What a request finds ready: the assistant, the doors, and who is asking."""

import asyncio
from typing import Annotated, TypedDict

from fastapi import Depends, Request

from vigie.assistant.answers import Caller
from vigie.assistant.build import Vigie
from vigie.ingest.documents import Audience
from vigie.ingest.errors import NotAllowed
from vigie.ui.access import Access, Identity, WrongKey
from vigie.ui.languages import preferred


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


def identity_of(request: Request) -> Identity:
    """What the request's own credential opens; raises WrongKey."""
    return access_of(request).identify(request.method, request.headers)


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
TheLanguage = Annotated[str, Depends(language_of)]
TheBase = Annotated[str, Depends(base_of)]


def caller_of(identity: TheIdentity) -> Caller:
    """The caller as the assistant knows it; the answer speaks the question's language."""
    return Caller(identity.audience)


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
