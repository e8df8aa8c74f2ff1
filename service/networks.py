"""Where a request comes from, as far as it can be counted: a network address, of IPv6 the network it lies in."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from starlette.types import Scope

SUBNET: Final = 64
"""Bits of an IPv6 address that are the network's; whoever has one has all 2**64 addresses in it (RFC 4291, 2.5.4)."""


def network_of(scope: Scope) -> str:
    """The network address a request comes from, for counting; blank where the server does not tell."""
    client = scope.get("client")
    return network(str(client[0])) if client else ""


def network(host: str) -> str:
    """An address of IPv4 as it is, one of IPv6 as its network; what is neither as it stands.

    >>> network("2001:db8::1"), network("::ffff:192.0.2.1")
    ('2001:db8::/64', '192.0.2.1')
    """
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, SUBNET), strict=False))
