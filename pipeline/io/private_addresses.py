"""Addresses that are not public: this machine, its networks, and the services of its provider.

An address that a stranger names must not lead there (server-side request forgery, CWE-918).
"""

from __future__ import annotations

import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import unquote, urlsplit

_PRIVATE_DOMAINS = ("localhost", "local", "internal", "home.arpa")
"""Domains that are never public: RFC 6761, RFC 6762, ICANN's reservation of 2024, RFC 8375."""

_PRIVATE_NETWORKS = (
    ip_network("192.0.0.0/24"),  # RFC 6890, with a provider's metadata; Python before 3.11.10 knows only a part of it
    ip_network("168.63.129.16/32"),  # Azure's platform service: a public address, inside each of its machines' networks
    ip_network("64:ff9b:1::/48"),  # RFC 8215: translation for local use; Python before 3.11.10 does not know it
    ip_network("2002::/16"),  # 6to4, obsolete (RFC 7526): it may contain any IPv4 address
)
"""Networks that are not public, and that ``ipaddress`` does not know in each version of Python."""

_NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are the IPv4 address to which the network translates."""


def is_private_ip(text: str) -> bool:
    """Whether an IP address is not public, in whatever form IPv6 contains an IPv4 address.

    Private are all addresses that IANA's registries do not call globally reachable (loopback, private, link-local,
    unique local, shared), multicast, reserved and site-local ones, and those of a provider's own services.

    Raises:
        ValueError: it is not an IP address.

    >>> is_private_ip("::ffff:10.0.0.1"), is_private_ip("100.64.0.1"), is_private_ip("8.8.8.8")
    (True, True, False)
    """
    return _is_private(ip_address(text))


def names_private_host(url: str) -> bool:
    """Whether the text of an address shows that its host is private; no name server is asked.

    An IP address counts in each form that systems accept, such as ``127.1``, ``0x7f.1`` and ``2130706433``. A name
    counts if it has no dot or ends in a domain that is never public.

    >>> names_private_host("http://2130706433/"), names_private_host("https://example.org/")
    (True, False)
    """
    try:
        host = unquote(urlsplit(url).hostname or "").rstrip(".").casefold()
    except ValueError:  # no valid address: it leads nowhere
        return False
    ip = _ip_of(host)
    if ip is not None:
        return _is_private(ip)
    return "." not in host or host.endswith(tuple(f".{domain}" for domain in _PRIVATE_DOMAINS))


def _is_private(ip: IPv4Address | IPv6Address) -> bool:
    if isinstance(ip, IPv6Address) and (ip.ipv4_mapped or ip in _NAT64):
        return _is_private(IPv4Address(int(ip) & 0xFFFF_FFFF))
    if not ip.is_global or ip.is_multicast or ip.is_reserved:
        return True
    return any(ip in network for network in _PRIVATE_NETWORKS) or (isinstance(ip, IPv6Address) and ip.is_site_local)


def _ip_of(host: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address that a host's text is for the system; None for a name."""
    with suppress(ValueError):
        return ip_address(host)
    with suppress(OSError, ValueError):  # the forms of BSD's inet_aton, which getaddrinfo accepts as well
        return IPv4Address(socket.inet_aton(host))
    return None
