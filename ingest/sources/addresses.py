"""Which addresses of the internet may be read: never those of this machine's own network.

A page that is to be read names a host, and that name may be anybody's: it is resolved here, once,
and the connection goes to the very address that was checked (see `transport`).
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Iterator

from vigie.ingest.errors import PageRefused, Reason, Unavailable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Host and port to the addresses that the system would connect to, in its order.
Resolver = Callable[[str, int], list[str]]

# 127.1, 0x7f000001, 017700000001, 2130706433: forms that the C library takes for addresses, and
# that nobody writes who means a public site.
NUMBERS = re.compile(r"(?:0[xX][0-9a-fA-F]*|\d+)(?:\.(?:0[xX][0-9a-fA-F]*|\d+))*\.?")
# Virtual machines tell their secrets to whoever asks here; not all of it is link-local.
METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "169.254.169.254",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "fd00:ec2::254",
    )
)
# RFC 6052 and RFC 8215: IPv4 addresses inside IPv6 ones, which a gateway takes out again.
TRANSLATED = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48")))
# RFC 4291 §2.5.5.1, deprecated, and still understood by some systems.
COMPATIBLE = ipaddress.IPv6Network("::/96")
# RFC 6598: what providers share between customers.
SHARED = ipaddress.IPv4Network("100.64.0.0/10")


def system_resolver(host: str, port: int) -> list[str]:
    """As the C library resolves it; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


def checked_addresses(
    url: str, host: str, port: int, *, allow_private: bool, resolve: Resolver
) -> list[str]:
    """Where to connect, in order; raises PageRefused if any address of the host is not allowed.

    Any, and not only the first: a name with one public and one private address is a trick.
    Raises Unavailable for a name without address.
    """
    bare = host.strip("[]")
    if not _is_plain(bare):
        raise PageRefused(url=url, reason=Reason("sync.address_form"))
    try:
        found = [ipaddress.ip_address(text.partition("%")[0]) for text in resolve(bare, port)]
    except (OSError, UnicodeError, ValueError) as error:
        raise Unavailable(what=url, reason=Reason("sync.no_address")) from error
    if not found:
        raise Unavailable(what=url, reason=Reason("sync.no_address"))
    for address in found:
        if not is_allowed(address, allow_private=allow_private):
            raise PageRefused(url=url, reason=Reason("sync.private_address"))
    return [str(address) for address in found]


def is_allowed(address: Address, *, allow_private: bool) -> bool:
    """True for a public unicast address whose IPv4 parts are public too.

    `allow_private` also allows loopback and local networks; never link-local, multicast, reserved
    or unspecified addresses, nor those of a metadata service.
    """
    return all(_is_allowed(part, allow_private) for part in (address, *_inside(address)))


def _is_plain(host: str) -> bool:
    """False for numbers that are no ordinary IPv4 address."""
    if not NUMBERS.fullmatch(host):
        return True
    try:
        return str(ipaddress.IPv4Address(host)) == host
    except ValueError:
        return False


def _is_allowed(address: Address, allow_private: bool) -> bool:
    if address in METADATA or address.is_multicast or address.is_link_local:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.is_site_local:
        return False
    # An IPv4 address in IPv6 is judged by itself; Python calls its wrapping reserved.
    if any(True for _ in _inside(address)):
        return True
    if address.is_loopback or address.is_private or address in SHARED:
        return allow_private and not address.is_unspecified and not _is_this_network(address)
    return address.is_global and not address.is_reserved


def _is_this_network(address: Address) -> bool:
    """0.0.0.0/8 reaches this machine on many systems; 240.0.0.0/4 is nobody's."""
    return isinstance(address, ipaddress.IPv4Address) and (
        address.packed[0] == 0 or address.is_reserved
    )


def _inside(address: Address) -> Iterator[ipaddress.IPv4Address]:
    """IPv4 addresses that an IPv6 one stands for: mapped, compatible, 6to4, Teredo, translated."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    last = ipaddress.IPv4Address(address.packed[-4:])
    compatible = address in COMPATIBLE and int(address) > 0xFFFF
    if address.ipv4_mapped or compatible or any(address in each for each in TRANSLATED):
        yield last
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
