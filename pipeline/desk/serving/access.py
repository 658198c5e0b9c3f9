"""Who may talk to the desk: the page that this server opened in the user's own browser, and nothing else.

Other users of the machine, other pages in the same browser, and names of other sites that lead to this machine (DNS
rebinding) are kept out by what is checked before any route is reached::

    Host               exactly the address that the server gave, on every request
    Sec-Fetch-Site     where the browser sends it: the page's own requests; another site may only open the page
    Origin             exactly the server's own, on every request that writes
    cookie             everything but the empty page and its script: given once for a token, which is sent by POST

The token is in the fragment of the address, which browsers send to no server and put into no Referer.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie

import msgspec
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ENTRANCE = "/api/enter"
"""Where a token is exchanged for the cookie."""

_OPEN_PREFIX = "/static/"
_READS = frozenset({"GET", "HEAD"})
_MOST_TOKEN_BYTES = 1_000
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class _Entering(msgspec.Struct):
    token: str


@dataclass(slots=True)
class Access:
    """ASGI middleware that lets requests through to ``app``, or refuses them.

    The nonce for styles in the page is in the request's state, as ``request.state.nonce``.

    Args:
        app: what is protected.
        port: on which the server listens.
        entered: is called after a token was exchanged for a cookie.
    """

    app: ASGIApp
    port: int
    entered: Callable[[], None]
    _cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32), init=False)
    _token: str | None = field(default=None, init=False)

    @property
    def host(self) -> str:
        """The only value of the header ``Host``."""
        return f"127.0.0.1:{self.port}"

    @property
    def cookie_name(self) -> str:
        """The cookie's name, with the port: cookies of one host are sent to all of its ports."""
        return f"cuemark-desk-{self.port}"

    def new_address(self) -> str:
        """Return an address with a new token, which can be used once; an older token is void."""
        self._token = secrets.token_urlsafe(32)
        return f"http://{self.host}/#token={self._token}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update({**_HEADERS, "Content-Security-Policy": _POLICY.format(nonce=nonce)})
            await send(message)

        respond = self._refusal(scope)
        if respond is None and scope["path"] == ENTRANCE:
            respond = await self._enter(scope, receive)
        await (respond or self.app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        """Return why a request is not let through; None if it is."""
        headers, path = Headers(scope=scope), scope["path"]
        reads = scope["method"] in _READS
        if headers.getlist("host") != [self.host]:
            return PlainTextResponse("this server has another name\n", 403)
        if not _is_ours(headers, opens_page=reads and path == "/"):
            return PlainTextResponse("another site may not ask this\n", 403)
        if not reads and headers.getlist("origin") != [f"http://{self.host}"]:
            return PlainTextResponse("another page may not write\n", 403)
        if path in {"/", ENTRANCE} or path.startswith(_OPEN_PREFIX) or self._has_cookie(headers):
            return None
        return PlainTextResponse("open the address that the terminal shows\n", 401)

    def _has_cookie(self, headers: Headers) -> bool:
        try:
            given = SimpleCookie("; ".join(headers.getlist("cookie"))).get(self.cookie_name)
        except CookieError:
            return False
        return given is not None and hmac.compare_digest(given.value.encode(), self._cookie.encode())

    async def _enter(self, scope: Scope, receive: Receive) -> Response:
        if scope["method"] != "POST":
            return PlainTextResponse("send the token by POST\n", 405)
        try:
            given = msgspec.json.decode(await limited_body(receive, _MOST_TOKEN_BYTES), type=_Entering).token
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TooLargeError):
            given = ""
        if self._token is None or not hmac.compare_digest(given.encode("utf-8", "replace"), self._token.encode()):
            return PlainTextResponse("this address was used already; the terminal shows a new one\n", 401)
        self._token = None
        response = Response(status_code=204)
        response.set_cookie(self.cookie_name, self._cookie, httponly=True, samesite="strict")
        self.entered()
        return response


def _is_ours(headers: Headers, *, opens_page: bool) -> bool:
    """Return whether a request comes from the page itself, as far as the browser says; any site may open the page."""
    site = headers.getlist("sec-fetch-site")
    if opens_page:
        return (
            headers.get("sec-fetch-mode", "navigate") == "navigate"
            and headers.get("sec-fetch-dest", "document") == "document"
        )
    return site in ([], ["same-origin"])


class TooLargeError(Exception):
    """A request has more content than it may have."""


async def limited_body(receive: Receive, most: int) -> bytes:
    """Return the content of a request.

    Raises:
        TooLargeError: it has more than ``most`` bytes.
    """
    content = bytearray()
    while True:
        message = await receive()
        content += message.get("body", b"")
        if len(content) > most:
            raise TooLargeError
        if not message.get("more_body", False):
            return bytes(content)
