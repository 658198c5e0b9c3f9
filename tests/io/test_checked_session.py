from __future__ import annotations

import datetime as dt
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipeline.io.checked_session import CheckedSession, PrivateAddressError
from tests.io.fake_internet import OTHER_PUBLIC, PUBLIC, connect_internet
from tests.listening.http_servers import Site, serving


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connect without a proxy, unless a test sets one."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def get(url: str, *, allow_private: bool = False) -> tuple[bytes, bool]:
    """Return the content at an address, and whether it came from a private one."""
    with CheckedSession(allow_private=allow_private) as session, session.get(url, timeout=5) as response:
        return response.content, session.private


def test_a_private_address_needs_permission() -> None:
    """Nothing is sent without it."""
    with serving(Site({"/a": b"inside"})) as server:
        with pytest.raises(PrivateAddressError, match=r"^127\.0\.0\.1 is an address of this machine or its network"):
            get(f"{server.url}/a")
        assert server.history == []
        assert get(f"{server.url}/a", allow_private=True) == (b"inside", True)


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "localhost", "0", "[::1]", "[::ffff:127.0.0.1]"])
def test_every_spelling_of_this_machine_is_refused(host: str) -> None:
    """The address that the system makes of it is checked."""
    with serving(Site({"/a": b"inside"})) as server:
        with pytest.raises((PrivateAddressError, requests.exceptions.InvalidURL)):
            get(f"http://{host}:{server.url.rpartition(':')[2]}/a")
        assert server.history == []


def test_a_name_that_resolves_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text of the address looks public; the address that a name server gives is not connected to."""
    reached = connect_internet(monkeypatch, {"example.org": ["10.0.0.5"]}, {})

    with pytest.raises(PrivateAddressError, match=r"^example\.org \(10\.0\.0\.5\) is an address of this machine"):
        get("http://example.org/a")
    assert reached == []


def test_only_the_public_addresses_of_a_name_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name may have addresses of both kinds."""
    with serving(Site({"/a": b"outside"})) as server:
        names = {"example.org": ["10.0.0.5", PUBLIC]}
        reached = connect_internet(monkeypatch, names, {PUBLIC: server.url})

        assert get("http://example.org/a") == (b"outside", False)
    assert reached == [PUBLIC]


def test_the_next_address_of_a_name_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that does not answer is not the end."""
    with serving(Site({"/a": b"outside"})) as server, serving(Site({})) as stopped:
        dead = stopped.url
    with serving(Site({"/a": b"outside"})) as server:
        reached = connect_internet(
            monkeypatch, {"example.org": [OTHER_PUBLIC, PUBLIC]}, {OTHER_PUBLIC: dead, PUBLIC: server.url}
        )

        assert get("http://example.org/a") == (b"outside", False)
    assert reached == [OTHER_PUBLIC, PUBLIC]


def test_a_redirection_from_outside_to_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if the first address had permission: a public server may not use it."""
    with (
        serving(Site({"/secret": b"inside"})) as inside,
        serving(Site({}, redirects={"/a": f"{inside.url}/secret"})) as outside,
    ):
        connect_internet(monkeypatch, {"example.org": [PUBLIC]}, {PUBLIC: outside.url})
        for allowed in (False, True):
            with pytest.raises(PrivateAddressError):
                get("http://example.org/a", allow_private=allowed)

        assert inside.history == []


def test_a_redirection_back_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that was allowed once is not used again: inside, outside, inside."""
    inside = Site({"/secret": b"inside"}, redirects={"/a": "http://example.org/b"}, keep_alive=True)
    with serving(inside), serving(Site({}, redirects={"/b": f"{inside.url}/secret"})) as outside:
        connect_internet(monkeypatch, {"example.org": [PUBLIC]}, {PUBLIC: outside.url})
        with pytest.raises(PrivateAddressError):
            get(f"{inside.url}/a", allow_private=True)

    assert [path for _, path, _ in inside.history] == ["/a"]


def test_what_is_inside_may_lead_inside_and_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server of the own network may redirect to another one there, and to a public one."""
    with serving(Site({"/b": b"inside"})) as second, serving(Site({"/c": b"outside"})) as outside:
        first = Site({}, redirects={"/a": f"{second.url}/b", "/x": "http://example.org/c"})
        with serving(first):
            connect_internet(monkeypatch, {"example.org": [PUBLIC]}, {PUBLIC: outside.url})

            assert get(f"{first.url}/a", allow_private=True) == (b"inside", True)
            assert get(f"{first.url}/x", allow_private=True) == (b"outside", False)


def test_a_redirection_to_another_scheme_is_refused(tmp_path: Path) -> None:
    """Only http and https are followed."""
    (tmp_path / "secret").write_text("secret")
    for target in ((tmp_path / "secret").as_uri(), "ftp://127.0.0.1/x", "gopher://127.0.0.1/x"):
        with serving(Site({}, redirects={"/a": target})) as server, pytest.raises(requests.exceptions.InvalidSchema):
            get(f"{server.url}/a", allow_private=True)


def test_behind_a_proxy_the_text_of_the_address_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy itself may be private; it resolves names, so only what the text shows can be refused."""
    with serving(Site({"http://example.org/a": b"outside", "http://127.1/a": b"inside"})) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert get("http://example.org/a") == (b"outside", False)
        for address in ("http://127.1/a", "http://2130706433/a", "http://localhost/a", "http://[::ffff:10.0.0.1]/a"):
            with pytest.raises(PrivateAddressError):
                get(address)
        assert len(proxy.history) == 1
        assert get("http://127.1/a", allow_private=True) == (b"inside", True)


def test_the_body_of_a_redirection_is_not_read() -> None:
    """It may never end."""
    with (
        endless_redirection() as (url, sent),
        CheckedSession(allow_private=True) as session,
        pytest.raises(requests.exceptions.ConnectionError),
    ):
        session.get(f"{url}/a", timeout=5)

    assert sum(sent) < 64 << 20


@contextmanager
def endless_redirection() -> Iterator[tuple[str, list[int]]]:
    """Serve a redirection with a body of 256 MB to a port that nobody listens at."""
    sent: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:9/")
            self.end_headers()
            try:
                for _ in range(256):
                    self.wfile.write(b"x" * (1 << 20))
                    sent.append(1 << 20)
            except ConnectionError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's
            """Print nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", sent
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_name_of_a_host_is_still_checked_by_tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The connection is made to an address, and the certificate has to be of the name."""
    certificate = tmp_path / "certificate.pem"
    write_certificate(certificate, "example.org")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with encrypted_server(certificate) as url:
        connect_internet(monkeypatch, {"example.org": [PUBLIC], "example.com": [PUBLIC]}, {PUBLIC: url})

        assert get("https://example.org/a") == (b"outside", False)
        with pytest.raises(requests.exceptions.SSLError):
            get("https://example.com/a")


def write_certificate(path: Path, name: str) -> None:
    """Write a key and a certificate of it for a name, valid for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    built = x509.CertificateBuilder(
        subject, subject, key.public_key(), x509.random_serial_number(), now, now + dt.timedelta(1)
    )
    built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    signed = built.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(
        key, hashes.SHA256()
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))


@contextmanager
def encrypted_server(certificate: Path) -> Iterator[str]:
    """Serve one file over TLS."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "7")
            self.end_headers()
            self.wfile.write(b"outside")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's
            """Print nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # a client that does not trust it hangs up
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
