"""OpenID Connect: the organisation's own provider says who someone is, our rules what they see.

Authorization code with PKCE (RFC 7636), state and nonce; the id token's signature and claims are
checked by Authlib and joserfc. Only signatures by a public key are taken.
"""

import logging
import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from authlib.integrations.base_client.errors import OAuthError  # type: ignore[import-untyped]
from authlib.integrations.httpx_client import OAuth2Client  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from vigie.ingest.documents import Audience
from vigie.ingest.errors import NotAllowed, Reason
from vigie.ui.identity.rules import Rule, audience_of

log = logging.getLogger(__name__)

SCOPE = "openid email profile"
# Signatures by a public key alone: with HS256 the client's secret could sign, "none" signs nothing.
ALGORITHMS = ["RS256", "PS256", "ES256"]
WELL_KNOWN = "/.well-known/openid-configuration"
# Providers change keys within days and announce them; endpoints hardly ever change.
KEPT_SECONDS = 3600.0
ANSWER_SECONDS = 10.0
# Clocks of two machines (RFC 7519 §4.1.4: "usually no more than a few minutes").
LEEWAY_SECONDS = 60
SECRET_BYTES = 32
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class ProviderRefused(NotAllowed):
    """The provider sent nobody back, or nobody who may come in; values: host, reason."""

    code = "provider_refused"


@dataclass(frozen=True, slots=True)
class Departure:
    """What must be remembered, in the browser alone, while someone is at the provider."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Departure":
        """Unguessable, for one visit."""
        return cls(*(secrets.token_urlsafe(SECRET_BYTES) for _ in range(3)))


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who came back, and what the rules let them see."""

    subject: str
    name: str
    audience: Audience


class Provider:
    """One provider; its addresses and keys are fetched on first use and kept for an hour."""

    def __init__(
        self, issuer: str, client_id: str, client_secret: str, rules: Iterable[Rule]
    ) -> None:
        self.issuer = issuer
        self.host = urlsplit(issuer).hostname or issuer
        self._client_id, self._client_secret = client_id, client_secret
        self._rules = tuple(rules)
        self._known: tuple[float, dict[str, Any], KeySet] | None = None
        self._knowing = threading.Lock()

    def leave(self, callback: str, departure: Departure) -> str:
        """Address of the provider's own sign-in page; raises ProviderRefused."""
        metadata, _ = self._metadata()
        with self._client(callback) as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=departure.state,
                code_verifier=departure.verifier,
                nonce=departure.nonce,
            )
        return str(url)

    def arrive(self, callback: str, departure: Departure, came_back: str) -> Arrival:
        """Who the address that they came back to says they are; raises ProviderRefused."""
        given = parse_qs(urlsplit(came_back).query)
        state = given.get("state", [""])[0]
        # Another provider's answer (RFC 9207), or another browser's.
        named = given.get("iss", [self.issuer])[0]
        if not secrets.compare_digest(state.encode(), departure.state.encode()):
            raise self.refused("state")
        if named != self.issuer or "error" in given:
            raise self.refused("answer")
        metadata, _ = self._metadata()
        try:
            with self._client(callback) as client:
                token = client.fetch_token(
                    metadata["token_endpoint"],
                    authorization_response=came_back,
                    state=departure.state,
                    code_verifier=departure.verifier,
                )
            claims = self._claims(token, departure.nonce)
        except (OAuthError, JoseError, httpx.HTTPError, ValueError, KeyError) as error:
            # The words of these errors may carry what the provider sent.
            log.warning("sign-in through %s failed: %s", self.host, type(error).__name__)
            raise self.refused("answer") from error
        audience = audience_of(claims, self._rules)
        if audience is None:
            raise self.refused("rules")
        subject = str(claims["sub"])
        name = str(claims.get("email") or claims.get("preferred_username") or subject)
        return Arrival(subject, name, audience)

    def _claims(self, token: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        words = token["id_token"]
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        try:
            signed = jwt.decode(words, self._metadata()[1], registry=registry)
        except (InvalidKeyIdError, ValueError):
            # The key may be newer than those that were kept.
            signed = jwt.decode(words, self._metadata(anew=True)[1], registry=registry)
        options = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self._client_id},
        }
        params = {
            "nonce": nonce,
            "client_id": self._client_id,
            "access_token": token.get("access_token"),
        }
        claims = CodeIDToken(signed.claims, signed.header, options, params)
        claims.validate(leeway=LEEWAY_SECONDS)
        found: Mapping[str, Any] = claims
        return found

    def _metadata(self, anew: bool = False) -> tuple[dict[str, Any], KeySet]:
        with self._knowing:
            if anew or self._known is None or time.monotonic() > self._known[0]:
                try:
                    found = self._fetched()
                except (httpx.HTTPError, ValueError, KeyError, TypeError, JoseError) as error:
                    log.warning("%s does not answer: %s", self.host, type(error).__name__)
                    raise self.refused("silent") from error
                self._known = (time.monotonic() + KEPT_SECONDS, *found)
            return self._known[1], self._known[2]

    def _fetched(self) -> tuple[dict[str, Any], KeySet]:
        with httpx.Client(timeout=ANSWER_SECONDS) as client:
            address = encrypted(self.issuer.rstrip("/") + WELL_KNOWN)
            metadata: dict[str, Any] = client.get(address).raise_for_status().json()
            if metadata["issuer"] != self.issuer:
                raise ValueError("another issuer than the configured one")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                encrypted(metadata[name])
            keys = client.get(metadata["jwks_uri"]).raise_for_status().json()
        return metadata, KeySet.import_key_set(keys)

    def _client(self, callback: str) -> OAuth2Client:
        return OAuth2Client(
            self._client_id,
            self._client_secret,
            scope=SCOPE,
            redirect_uri=callback,
            code_challenge_method="S256",
            timeout=ANSWER_SECONDS,
        )

    def refused(self, why: str) -> ProviderRefused:
        """Why nobody comes in: the name of a message `keys.provider_…`."""
        return ProviderRefused(host=self.host, reason=Reason(f"keys.provider_{why}"))


def encrypted(url: str) -> str:
    """The address, which must be https, or on this machine; raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError("not encrypted")
    return url
