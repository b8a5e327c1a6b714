"""Addresses as text, which may be anything: none of these raises."""

from urllib.parse import urljoin, urlsplit


def is_address(text: str) -> bool:
    """True for http and https addresses, false for anything else, a path for one."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:  # brackets that are no IPv6 address
        return False


def host(url: str | None) -> str:
    """Host of an address without `www.`, empty for none."""
    try:
        return (urlsplit(url or "").hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def joined(base: str, address: str | None) -> str:
    """The absolute address that a page at `base` means, empty for none or one malformed."""
    try:
        return urljoin(base, address) if address else ""
    except ValueError:
        return ""
