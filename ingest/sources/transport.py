"""Connections that go to the address that was checked, and to no other.

A second resolution between check and connection is what DNS rebinding lives on: here the request
itself carries the address, and the host's name stays in its header and in the TLS handshake.
"""

import ssl
from functools import cached_property

import httpx

from vigie.ingest.sources.addresses import Resolver, checked_addresses, system_resolver

PORTS = {"http": 80, "https": 443}
# One request at a time to each host: what is kept open is for the next page.
LIMITS = httpx.Limits(max_connections=1, max_keepalive_connections=1)


class CheckedTransport(httpx.BaseTransport):
    """Resolves, checks and connects; raises PageRefused and Unavailable before anything is sent.

    Each host has connections of its own: those of another host at the same address were
    authenticated under another name.
    """

    def __init__(self, *, allow_private: bool = False, resolve: Resolver = system_resolver) -> None:
        self._allow_private = allow_private
        self._resolve = resolve
        self._hosts: dict[tuple[str, str, int], httpx.HTTPTransport] = {}

    @cached_property
    def _ssl(self) -> ssl.SSLContext:
        """Reading the authorities takes a tenth of a second, which folders need not wait."""
        return httpx.create_ssl_context()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request, without following what it redirects to."""
        url = request.url
        name = url.raw_host.decode("ascii")
        port = url.port or PORTS[url.scheme]
        addresses = checked_addresses(
            str(url), name, port, allow_private=self._allow_private, resolve=self._resolve
        )
        transport = self._transport(url.scheme, name, port)
        *others, last = addresses
        for address in others:
            try:
                return transport.handle_request(pinned(request, address, name))
            except httpx.ConnectError:  # often IPv6 where there is none: the next may answer
                continue
        return transport.handle_request(pinned(request, last, name))

    def _transport(self, scheme: str, name: str, port: int) -> httpx.HTTPTransport:
        key = (scheme, name, port)
        if key not in self._hosts:
            verify = self._ssl if scheme == "https" else False
            self._hosts[key] = httpx.HTTPTransport(verify=verify, limits=LIMITS)
        return self._hosts[key]

    def close(self) -> None:
        """Closes every connection."""
        for transport in self._hosts.values():
            transport.close()
        self._hosts.clear()


def pinned(request: httpx.Request, address: str, name: str) -> httpx.Request:
    """The request, sent to the address and still addressed to the name."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions=request.extensions | {"sni_hostname": name.strip("[]")},
    )
