"""An internet in this process: names with their addresses, and public addresses that lead to servers here.

Only the standard library's and urllib3's ways to the network are replaced; what is tested stays as it is.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest
from urllib3.util import connection

PUBLIC, OTHER_PUBLIC = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


def connect_internet(
    monkeypatch: pytest.MonkeyPatch, names: Mapping[str, Sequence[str]], hosts: Mapping[str, str]
) -> list[str]:
    """Make names and public addresses work until the test ends; returns a list of the addresses that are connected to.

    Args:
        names: the IP addresses of each name.
        hosts: the address (``http://127.0.0.1:8000``) of the server that answers at a public IP address, at any port.
    """
    reached: list[str] = []
    resolve, connect = socket.getaddrinfo, connection.create_connection

    def fake_getaddrinfo(host: str, port: int, *args: Any) -> list[Any]:  # noqa: ANN401 -- the library's
        found = (resolve(ip, port, *args) for ip in names.get(host, (host,)))
        return [address for addresses in found for address in addresses]

    def fake_connection(address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:  # noqa: ANN401 -- the same
        reached.append(address[0])
        if address[0] in hosts:
            server = urlsplit(hosts[address[0]])
            address = (str(server.hostname), int(server.port or 0))
        return connect(address, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", fake_getaddrinfo)
    monkeypatch.setattr(connection, "create_connection", fake_connection)
    return reached
