"""No address of our own network is read, however it is written or resolved."""

import ipaddress

import pytest

from vigie.ingest.errors import PageRefused, Unavailable
from vigie.ingest.sources.addresses import checked_addresses, is_allowed, system_resolver

PUBLIC = ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
PRIVATE = ["127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.3.4", "192.168.1.1", "100.64.0.1", "::1",
           "fd12:3456::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
           "64:ff9b::7f00:1", "2002:7f00:1::", "2002:a00:1::"]  # fmt: skip
NEVER = ["0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.1.1", "224.0.0.1", "240.0.0.1",
         "255.255.255.255", "168.63.129.16", "100.100.100.200", "192.0.0.192", "::", "fe80::1",
         "fec0::1", "ff02::1", "fd00:ec2::254", "::ffff:169.254.169.254",
         "::ffff:0.0.0.0", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::"]  # fmt: skip


def check(host: str, *, allow_private: bool = False, to: list[str] | None = None) -> list[str]:
    resolve = (lambda name, port: to) if to is not None else system_resolver
    url = f"http://{host}/"
    return checked_addresses(url, host, 80, allow_private=allow_private, resolve=resolve)


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_is_allowed(text: str) -> None:
    assert is_allowed(ipaddress.ip_address(text), allow_private=False)


@pytest.mark.parametrize("text", PRIVATE)
def test_a_private_address_is_allowed_to_whom_it_was_opened_alone(text: str) -> None:
    assert not is_allowed(ipaddress.ip_address(text), allow_private=False)
    assert is_allowed(ipaddress.ip_address(text), allow_private=True)


@pytest.mark.parametrize("text", NEVER)
def test_some_addresses_are_never_allowed(text: str) -> None:
    for allow_private in (False, True):
        assert not is_allowed(ipaddress.ip_address(text), allow_private=allow_private)


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "0x7f.0.0.1", "017700000001", "0177.0.0.1", "127.1", "127.0.1",
     "127.0.0.1.", "0", "0x", "010.0.0.1", "08.8.8.8", "4294967295", "1.2.3.4.5"],
)  # fmt: skip
def test_numbers_that_hide_an_address_are_refused_even_where_private_ones_are_open(
    host: str,
) -> None:
    with pytest.raises(PageRefused):
        check(host, allow_private=True, to=["93.184.216.34"])


def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    with pytest.raises(PageRefused, match="allow_private"):
        check("site.example", to=["93.184.216.34", "10.0.0.1"])
    public = ["93.184.216.34", "1.1.1.1"]
    assert check("site.example", to=public) == public


def test_a_zone_does_not_hide_a_link_local_address() -> None:
    with pytest.raises(PageRefused):
        check("site.example", to=["fe80::1%eth0"])


def test_localhost_is_what_the_system_says_it_is() -> None:
    with pytest.raises(PageRefused):
        check("localhost")
    assert set(check("localhost", allow_private=True)) <= {"127.0.0.1", "::1"}


def test_a_name_without_address_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        check("site.example", to=[])
