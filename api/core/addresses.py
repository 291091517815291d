"""Addresses of visitors: what each is counted under."""

import ipaddress
from typing import Final

# A household or a small office has one such network; an address more costs nothing to get.
IPV6_NETWORK_BITS: Final = 64


def network_of(address: str) -> str:
    """What an address is counted under: itself, or the network that an IPv6 address is one of."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    return str(ipaddress.ip_network((found, IPV6_NETWORK_BITS), strict=False))


def is_this_machine(address: str) -> bool:
    """Whether it is loopback. A proxy here names the address it speaks for, which then counts."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
