"""Where messages may go: to addresses of the public internet, and to networks that the operator allows.

A webhook's address is chosen by whoever has a key, and the service stands where it can reach what that caller cannot.
So a name is resolved once, every address it has is judged, and the connection goes to the very address that was judged.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from api.settings import BadSetting

if TYPE_CHECKING:
    from collections.abc import Sequence

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address
    Network = ipaddress.IPv4Network | ipaddress.IPv6Network

TRANSLATED = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")))
"""IPv6 networks whose addresses stand for IPv4 ones, private ones among them."""
LONGEST_URL = 2_000
PORTS = {"https": 443, "http": 80}


class Forbidden(Exception):
    """Nothing is sent there; the message says why."""


@dataclass(frozen=True)
class Target:
    """Where a message goes.

    Parameters
    ----------
    host, port
        As the webhook's address names them.
    address
        What the host was resolved to.
    """

    scheme: str
    host: str
    port: int
    address: str


def allowed_networks(text: str) -> tuple[Network, ...]:
    """Networks from their comma-separated list; raises `BadSetting` where one is none."""
    try:
        return tuple(ipaddress.ip_network(each.strip()) for each in text.split(",") if each.strip())
    except ValueError as error:
        raise BadSetting(f"webhook_networks {text!r} not understood: {error}") from error


def check_url(url: str, networks: Sequence[Network]) -> tuple[str, str, int]:
    """Scheme, host and port of an address that may be a webhook's, as far as can be told without asking for its name.

    Raises
    ------
    Forbidden
        It is no https address, has a password in it, or names a private address.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Forbidden(f"This is no address: {error}.") from error
    if parts.scheme not in PORTS or (parts.scheme == "http" and not networks):
        raise Forbidden("The address must begin with https://.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Forbidden("The address may have no name, password or fragment in it: messages are signed instead.")
    host = parts.hostname or ""
    if not host or len(url) > LONGEST_URL or not url.isascii() or any(each.isspace() for each in url) or port == 0:
        raise Forbidden("The address names no host, or has signs that no address has.")
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        pass  # A name: it is judged when it is resolved.
    else:
        _judge(literal, parts.scheme, networks)
    return parts.scheme, host, port or PORTS[parts.scheme]


def resolve(url: str, networks: Sequence[Network]) -> Target:
    """Where a message to this address goes.

    Raises
    ------
    Forbidden
        To no place that it may go to, or the name has no address.
    """
    scheme, host, port = check_url(url, networks)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Forbidden(f"The host {host} has no address.") from error
    addresses = [str(each[4][0]) for each in found]
    for address in addresses:
        # All of them: a name with one private address among public ones is a trick.
        _judge(ipaddress.ip_address(address), scheme, networks)
    return Target(scheme, host, port, addresses[0])


def _judge(address: Address, scheme: str, networks: Sequence[Network]) -> None:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    address = mapped or address
    if any(address in network for network in networks):
        return
    if scheme != "https":
        raise Forbidden("The address must begin with https://.")
    is_translated = any(address in network for network in TRANSLATED)
    if not address.is_global or address.is_multicast or is_translated:
        raise Forbidden("The host is at an address that is not of the public internet.")
