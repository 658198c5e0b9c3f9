"""Only the page that the server opened gets anything: each check by itself, over a real server on loopback."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Generator
from dataclasses import dataclass, field

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from pipeline.desk.serving.access import ENTRANCE, Access
from tests.desk.serving.served import Answer, ask, listening_socket, serving


async def secret(request: Request) -> Response:
    """What nobody else may see."""
    return PlainTextResponse(f"secret {request.state.nonce}")


PATHS = ("/", "/static/desk.js", "/api/state", "/audio.wav")
APP = Starlette(routes=[Route(path, secret, methods=["GET", "POST"]) for path in (*PATHS, "/api/updates")])


@dataclass
class Desk:
    """A served application, and what its page would send."""

    access: Access
    port: int
    entered: list[str] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """The server's own origin."""
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, content: bytes = b"", **headers: str | None) -> Answer:
        """Send what a browser would, with these headers in place of its own; None for none."""
        own = {"Host": f"127.0.0.1:{self.port}", "Origin": self.origin if method == "POST" else None}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {name: value for name, value in (own | named).items() if value is not None}
        return ask(self.port, method, path, given, content)

    def enter(self, token: str) -> Answer:
        """Exchange a token."""
        return self.ask("POST", ENTRANCE, json.dumps({"token": token}).encode())

    def new_token(self) -> str:
        """A token from the address that the user gets."""
        return self.access.new_address().partition("#token=")[2]

    def cookie(self) -> str:
        """A cookie, for a new token."""
        return self.enter(self.new_token()).headers["set-cookie"].partition(";")[0]


@pytest.fixture(scope="module")
def desk() -> Generator[Desk]:
    """A desk whose routes have a secret each."""
    with listening_socket() as listener:
        port = listener.getsockname()[1]
        entered: list[str] = []
        access = Access(APP, port, lambda: entered.append("entered"))
        with serving(access, listener):
            yield Desk(access, port, entered)


def test_a_token_is_exchanged_for_a_cookie_once(desk: Desk) -> None:
    """The token of the address gives a cookie; the second time it gives nothing."""
    token = desk.new_token()
    before = len(desk.entered)

    first, second = desk.enter(token), desk.enter(token)

    assert (first.status, first.content) == (204, b"")
    assert re.fullmatch(
        rf"cuemark-desk-{desk.port}=[\w-]{{43}}; HttpOnly; Path=/; SameSite=strict", first.headers["set-cookie"]
    )
    assert (second.status, "set-cookie" in second.headers) == (401, False)
    assert len(desk.entered) == before + 1


def test_the_token_is_in_the_fragment(desk: Desk) -> None:
    """No server, log or Referer gets a fragment; a token has 256 random bits."""
    address = desk.access.new_address()

    assert re.fullmatch(rf"http://127\.0\.0\.1:{desk.port}/#token=[\w-]{{43}}", address)
    assert address != desk.access.new_address()


def test_a_new_address_voids_the_old_one(desk: Desk) -> None:
    """Only the last address works."""
    old, new = desk.new_token(), desk.new_token()

    assert [desk.enter(old).status, desk.enter(new).status] == [401, 204]


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b'{"token": 1}', b'{"token": ""}', b'{"token": "\\ud800"}', b'{"token": "\xf0"}', b"[" * 900],
)
def test_a_wrong_token_gives_no_cookie(desk: Desk, content: bytes) -> None:
    """Whatever is sent in place of the token is refused, and does not spend the right one."""
    token = desk.new_token()

    answer = desk.ask("POST", ENTRANCE, content)

    assert (answer.status, "set-cookie" in answer.headers) == (401, False)
    assert desk.enter(token).status == 204


def test_a_token_that_is_too_long_is_not_read(desk: Desk) -> None:
    """A large body is refused."""
    assert desk.enter("a" * 100_000).status == 401


def test_a_token_is_not_taken_from_the_query(desk: Desk) -> None:
    """The token is sent by POST alone."""
    assert desk.ask("GET", f"{ENTRANCE}?token={desk.new_token()}").status == 405


@pytest.mark.parametrize("path", ["/api/state", "/audio.wav", "/api/updates", "/nothing"])
def test_without_the_cookie_there_is_nothing(desk: Desk, path: str) -> None:
    """Only the empty page and its script are given without the cookie."""
    wrong = desk.cookie()[:-1] + "!"

    for cookie in (None, "", wrong, wrong.partition("=")[0] + "=", 'a"=\x01;;=', "cuemark-desk-1=x"):
        answer = desk.ask("GET", path, Cookie=cookie)
        assert (answer.status, b"secret" in answer.content) == (401, False)
    assert desk.ask("GET", path, Cookie=desk.cookie()).status in {200, 404}


def test_the_page_and_its_script_need_no_cookie(desk: Desk) -> None:
    """The page has to be there before it can exchange the token; it has nothing of the document."""
    assert [desk.ask("GET", path).status for path in ("/", "/static/desk.js")] == [200, 200]
    assert desk.ask("GET", "/static/../api/state").status == 404


@pytest.mark.parametrize("path", PATHS)
def test_another_name_of_this_machine_is_refused(desk: Desk, path: str) -> None:
    """A page of another site, whose name now leads to this machine, gets nothing: the host is compared whole."""
    cookie = desk.cookie()

    for host in ("evil.example", "localhost", f"localhost:{desk.port}", f"127.0.0.1:{desk.port}.", "127.0.0.1", None):
        answer = desk.ask("GET", path, Host=host, Cookie=cookie)
        assert answer.status in {400, 403}  # 400: HTTP itself demands a host
        assert b"secret" not in answer.content


def test_two_hosts_are_refused(desk: Desk) -> None:
    """A request with two hosts is ambiguous."""
    request = f"GET /api/state HTTP/1.1\r\nHost: 127.0.0.1:{desk.port}\r\nHost: evil.example\r\n"
    request += f"Cookie: {desk.cookie()}\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", desk.port)) as connection:
        connection.sendall(request.encode())
        answer = b"".join(iter(lambda: connection.recv(10_000), b""))

    assert answer.split()[1] in {b"400", b"403"}
    assert b"secret" not in answer


def test_another_origin_may_not_write(desk: Desk) -> None:
    """Every writing request names the server's own origin, exactly; also the one with the token."""
    cookie, token = desk.cookie(), desk.new_token()
    wrong = (
        None,
        "null",
        "http://evil.example",
        f"https://127.0.0.1:{desk.port}",
        "http://127.0.0.1",
        desk.origin + "/",
    )

    for origin in wrong:
        assert desk.ask("POST", "/api/updates", b"{}", Origin=origin, Cookie=cookie).status == 403
        assert desk.ask("POST", ENTRANCE, json.dumps({"token": token}).encode(), Origin=origin).status == 403
    assert desk.ask("POST", "/api/updates", b"{}", Cookie=cookie).status == 200
    assert desk.enter(token).status == 204


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", ""])
def test_another_site_may_not_ask(desk: Desk, method: str, site: str) -> None:
    """Where the browser says who asks, only the page itself may; another port of this machine is the same site."""
    cookie = desk.cookie()

    assert desk.ask(method, "/api/state", Sec_Fetch_Site=site, Cookie=cookie).status == 403
    assert desk.ask("GET", "/static/desk.js", Sec_Fetch_Site=site).status == 403
    assert desk.ask(method, "/api/state", Sec_Fetch_Site="same-origin", Cookie=cookie).status == 200


def test_the_page_can_be_opened_from_anywhere_but_not_framed(desk: Desk) -> None:
    """The redirect file is another site; it may open the page, but nobody may put it into a frame or fetch it."""
    opened = desk.ask("GET", "/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document")
    framed = desk.ask("GET", "/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="iframe")
    fetched = desk.ask("GET", "/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors", Sec_Fetch_Dest="script")

    assert [one.status for one in (opened, framed, fetched)] == [200, 403, 403]


@pytest.mark.parametrize("path", [*PATHS, "/nothing"])
def test_every_answer_has_the_headers(desk: Desk, path: str) -> None:
    """Answers, refused ones too, are kept by nobody, read as nothing else, and used by no other site."""
    for answer in (desk.ask("GET", path, Cookie=desk.cookie()), desk.ask("GET", path, Host="evil.example")):
        expected = {
            "referrer-policy": "no-referrer",
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            "cross-origin-resource-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
        }
        assert answer.headers.items() >= expected.items()
        policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
        nonce = policy.pop("style-src")
        assert re.fullmatch(r"'self' 'nonce-[\w-]{22}'", nonce)
        assert policy == {
            "default-src": "'none'", "script-src": "'self'", "img-src": "'self' data:", "media-src": "'self'",
            "connect-src": "'self'", "frame-ancestors": "'none'", "base-uri": "'none'", "form-action": "'none'",
        }  # fmt: skip


def test_the_nonce_is_new_each_time_and_known_to_the_page(desk: Desk) -> None:
    """The page gets the nonce that its own policy has; no other page has the same."""
    first, second = desk.ask("GET", "/"), desk.ask("GET", "/")

    nonces = [one.content.decode().split()[1] for one in (first, second)]
    assert all(
        f"'nonce-{nonce}'" in one.headers["content-security-policy"]
        for nonce, one in zip(nonces, (first, second), strict=True)
    )
    assert nonces[0] != nonces[1]
