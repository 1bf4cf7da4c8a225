"""Which web addresses are public: told from the address alone, and from what a name resolves to."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

#: Names that never lead out of a network of one's own.
_LOCAL_ENDINGS = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa", "test", "invalid")
#: Ranges of IPv6 that carry an address of IPv4, which may be a private one.
_CARRIERS = (
    IPv6Network("64:ff9b::/96"),
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("2002::/16"),
    IPv6Network("2001::/32"),
)


def is_public(address: str) -> bool:
    """Return whether a numeric address is reachable for everyone, and for nobody alone."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
        elif any(parsed in network for network in _CARRIERS):
            return False
    return parsed.is_global and not parsed.is_multicast


def names_public_host(href: str) -> bool:
    """Return whether a web address is http or https, at its usual port, and names a host that could be public.

    What the name resolves to is not asked here.
    """
    try:
        parts = urlsplit(href)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host or parts.username is not None or parts.password is not None:
        return False
    if port is not None and port != {"http": 80, "https": 443}[parts.scheme]:
        return False
    if ":" in host:
        return is_public(host)
    labels = host.rstrip(".").split(".")
    # Browsers read 127.1, 0x7f000001 and 2130706433 as numeric addresses, too.
    if _reads_as_number(labels[-1]):
        return len(labels) == 4 and is_public(host)
    named = len(labels) > 1 and all(labels)
    return named and not any(
        host.rstrip(".") == each or host.rstrip(".").endswith("." + each) for each in _LOCAL_ENDINGS
    )


def _reads_as_number(label: str) -> bool:
    return label.isdigit() or label.lower().startswith("0x")
