"""An HTTP session that checks to which address it really connects, at each hop of a redirection.

The first address may be private if somebody trustworthy has named it: the user, or a source that is private itself.
Each redirection may lead to a private address only from a private one. So a public server cannot use this program to
reach a network that only this machine can reach.

A name is resolved once, and the connection is made to one of the addresses that were checked, so that a name server
cannot give another answer in between. A proxy resolves names itself: behind it, only the text of an address is checked.
"""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError
from urllib3.util.connection import allowed_gai_family

from pipeline.io.private_addresses import is_private_ip, names_private_host


class PrivateAddressError(Exception):
    """An address that a stranger named leads to a private one; ``str`` says which and what to do."""

    def __init__(self, host: str, ip: str | None = None) -> None:
        where = f"{host} ({ip})" if ip and ip != host else host
        super().__init__(
            f"{where} is an address of this machine or its network, to which a public feed, page or redirection may "
            "not lead; if you trust it, name it yourself in a manifest"
        )


class CheckedSession(requests.Session):
    """A session for one download.

    Attributes:
        private: whether the next hop may be private; after a response, whether the last hop was.
    """

    def __init__(self, *, allow_private: bool) -> None:
        super().__init__()
        self.private = allow_private
        adapter = _CheckedAdapter(self)
        self.mount("http://", adapter)
        self.mount("https://", adapter)


class _CheckedAdapter(HTTPAdapter):
    """Sends each hop over a new connection, because only new connections are checked."""

    def __init__(self, session: CheckedSession) -> None:
        self._session = session
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 -- the library's
        """Make connections that are checked."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _checked_pools(self._session)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401 -- the library's
        """Send one hop.

        Raises:
            PrivateAddressError: it leads to a private address and may not.
        """
        url = request.url or ""
        if select_proxy(url, kwargs.get("proxies")):
            private = names_private_host(url)
            if private and not self._session.private:
                raise PrivateAddressError(urlsplit(url).hostname or url)
            self._session.private = private
        response = super().send(request, *args, **kwargs)
        if response.is_redirect:
            # Its connection is not kept: only new connections are checked. Its body is of no use, and the library would
            # read it, even if it never ends.
            response.close()
            response._content = b""  # noqa: SLF001 -- the library's way to say that nothing is left to read
        return response


def _checked_pools(session: CheckedSession) -> dict[str, type[HTTPConnectionPool]]:
    """Return the classes of connection pools, by scheme, whose connections are checked."""

    class Http(_Checked, HTTPConnection):
        checked_by = session

    class Https(_Checked, HTTPSConnection):
        checked_by = session

    class HttpPool(HTTPConnectionPool):
        ConnectionCls = Http

    class HttpsPool(HTTPSConnectionPool):
        ConnectionCls = Https

    return {"http": HttpPool, "https": HttpsPool}


class _Checked(HTTPConnection):
    """A connection to one of its host's addresses that the session may reach."""

    checked_by: CheckedSession

    def _new_conn(self) -> socket.socket:
        """Connect to the first address that answers; the name of the host stays, because TLS checks it."""
        host, errors = self._dns_host, list[HTTPError]()
        for ip in self._reachable(host.strip("[]")):
            self._dns_host = ip
            try:
                connected = super()._new_conn()
            except (NewConnectionError, ConnectTimeoutError) as e:
                errors.append(e)
            else:
                self.checked_by.private = is_private_ip(ip)
                return connected
            finally:
                self._dns_host = host
        raise errors[-1]

    def _reachable(self, host: str) -> list[str]:
        try:
            found = socket.getaddrinfo(host, self.port, allowed_gai_family(), socket.SOCK_STREAM)
        except socket.gaierror as e:
            raise NameResolutionError(self.host, self, e) from e
        ips = list(dict.fromkeys(str(address[0]) for *_, address in found))
        reachable = ips if self.checked_by.private else [ip for ip in ips if not is_private_ip(ip)]
        if not reachable:
            raise PrivateAddressError(self.host, ips[0])
        return reachable
