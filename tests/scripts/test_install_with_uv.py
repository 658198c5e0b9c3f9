"""uv gets the index, folders, proxy and certificates that pip is set to, or pip installs."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import install_with_uv
from scripts.install_with_uv import PROXY_VARIABLES, NotForUvError, UvCall, read_settings, translate

LISTED = """\
For variant 'user', will try loading '/etc/pip.conf'
global.index-url='https://index.example/simple'
global.extra-index-url='\\nhttps://one.example/simple\\nhttps://two.example/simple'
global.timeout='15'
global.retries=''
install.index-url='https://install.example/simple'
download.find-links='/nowhere'
:env:.default-timeout='60'
"""


@pytest.fixture
def without_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the proxy of the machine away."""
    monkeypatch.setattr(install_with_uv, "getproxies", dict)


def variables(settings: dict[str, str], **environ: str) -> dict[str, str]:
    """What uv gets besides the two settings that it always gets."""
    found = translate(settings, environ).environment
    assert found.pop("UV_INDEX_STRATEGY") == "unsafe-best-match"
    assert found.pop("UV_NO_CONFIG") == "true"
    found.pop("UV_SYSTEM_CERTS", None)
    return found


def test_settings_are_read_in_the_order_that_pip_has() -> None:
    """Lets the environment override ``[install]`` and that one ``[global]``; other sections do not count."""
    assert read_settings(LISTED) == {
        "index-url": "https://install.example/simple",
        "extra-index-url": "https://one.example/simple\nhttps://two.example/simple",
        "timeout": "60",
    }


@pytest.mark.usefixtures("without_proxy")
def test_indexes_and_folders(tmp_path: Path) -> None:
    """Names each place that pip would look at, and none that pip would leave out."""
    settings = {
        "index-url": "https://me:secret@index.example/simple",
        "extra-index-url": f"{tmp_path.as_uri()} file:///missing/simple http://plain.example/simple http://ok.example/s",
        "find-links": f"{tmp_path} /missing https://links.example/page.html",
        "trusted-host": "ok.example",
        "constraint": "a.txt b.txt",
    }

    assert variables(settings) == {
        "UV_DEFAULT_INDEX": "https://me:secret@index.example/simple",
        "UV_INDEX": f"{tmp_path.as_uri()} http://ok.example/s",
        "UV_FIND_LINKS": f"{tmp_path},https://links.example/page.html",
        "UV_INSECURE_HOST": "ok.example",
    }
    assert translate(settings, {}).options == ("--constraints=a.txt", "--constraints=b.txt")


@pytest.mark.usefixtures("without_proxy")
@pytest.mark.parametrize(
    ("location", "is_used"),
    [
        ("http://localhost:8080/simple", True),
        ("http://127.0.0.1/simple", True),
        ("http://host.example:8080/simple", True),
        ("http://host.example/simple", False),
        ("https://other.example/simple", True),
    ],
)
def test_without_encryption_only_a_trusted_host_or_this_machine(location: str, *, is_used: bool) -> None:
    """Leaves out what pip calls neither trusted nor secure; a port is part of the trust."""
    found = variables({"extra-index-url": location, "trusted-host": "host.example:8080"})

    assert (found.get("UV_INDEX") == location) is is_used


@pytest.mark.usefixtures("without_proxy")
def test_certificates(tmp_path: Path) -> None:
    """Takes pip's own setting, or else the variables that pip reads, and no others."""
    environ = {"REQUESTS_CA_BUNDLE": "requests.pem", "SSL_CERT_FILE": "ssl.pem", "SSL_CERT_DIR": "certs"}

    assert variables({"cert": "pip.pem"}, **environ)["SSL_CERT_FILE"] == "pip.pem"
    assert variables({}, **environ)["SSL_CERT_FILE"] == "requests.pem"
    assert variables({"cert": str(tmp_path)}, **environ)["SSL_CERT_DIR"] == str(tmp_path)
    assert "SSL_CERT_FILE" not in variables({"cert": str(tmp_path)}, **environ)
    assert variables({"client-cert": "me.pem"})["SSL_CLIENT_CERT"] == "me.pem"


@pytest.mark.usefixtures("without_proxy")
@pytest.mark.parametrize(
    ("pip", "settings", "is_system"),
    [
        ("26.3", {}, True),
        ("23.2.1", {}, False),
        ("23.2.1", {"use-feature": "truststore"}, True),
        ("26.3", {"use-deprecated": "legacy-certs"}, False),
        ("26.3", {"cert": "pip.pem"}, False),
    ],
)
def test_without_a_file_the_certificates_are_those_that_this_pip_uses(
    monkeypatch: pytest.MonkeyPatch, pip: str, settings: dict[str, str], *, is_system: bool
) -> None:
    """Uses the system's where pip does, which depends on its version."""
    monkeypatch.setattr(install_with_uv, "version", lambda _: pip)

    assert ("UV_SYSTEM_CERTS" in translate(settings, {}).environment) is is_system


def test_a_proxy_of_pip_is_for_all_addresses() -> None:
    """Replaces what the environment says and its exceptions; a host and a port make an address."""
    found = variables({"proxy": "me:secret@proxy.example:3128"}, NO_PROXY="index.example", HTTPS_PROXY="http://other")

    names = [*PROXY_VARIABLES, *(name.upper() for name in PROXY_VARIABLES)]
    assert found == dict.fromkeys(names, "http://me:secret@proxy.example:3128")


def test_the_proxy_of_the_system_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names the proxy that Python finds, in the environment or in the system's preferences."""
    monkeypatch.setattr(install_with_uv, "getproxies", lambda: {"https": "http://proxy.example", "ftp": "ftp://other"})

    assert variables({}) == {"HTTPS_PROXY": "http://proxy.example", "https_proxy": "http://proxy.example"}


@pytest.mark.usefixtures("without_proxy")
def test_downloads() -> None:
    """Waits and tries as pip would, asks the same program for passwords and keeps nothing where pip keeps nothing."""
    settings = {"timeout": "2.5", "retries": "7", "keyring-provider": "subprocess", "no-cache-dir": "off"}

    assert variables(settings) == {
        "UV_HTTP_TIMEOUT": "3",
        "UV_HTTP_RETRIES": "7",
        "UV_KEYRING_PROVIDER": "subprocess",
        "UV_NO_CACHE": "true",
    }


@pytest.mark.usefixtures("without_proxy")
def test_the_cache_is_on_the_disk_that_pip_is_set_to(tmp_path: Path) -> None:
    """Puts uv's cache next to pip's, unless the user says where it is."""
    settings = {"cache-dir": str(tmp_path)}

    assert variables(settings) == {"UV_CACHE_DIR": str(tmp_path / "uv")}
    assert variables(settings, UV_CACHE_DIR="mine") == {"UV_CACHE_DIR": "mine"}


@pytest.mark.usefixtures("without_proxy")
def test_settings_of_uv_do_not_count() -> None:
    """Drops an index that only uv is set to, and keeps the rest of the environment."""
    found = variables({"quiet": "3", "progress-bar": "off"}, UV_INDEX_URL="https://uv.example/simple", NETRC="logins")

    assert found == {"NETRC": "logins"}


@pytest.mark.usefixtures("without_proxy")
def test_options() -> None:
    """Switches the index off in any spelling of yes, even one that is missing, and limits the kinds of packages."""
    settings = {"no-index": "Yes", "index-url": "/missing", "only-binary": ":all:", "no-binary": "one,two"}

    assert translate(settings, {}).options == (
        *("--no-index", "--only-binary=:all:"),
        *("--no-binary=one", "--no-binary=two"),
    )


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"require-hashes": "1"}, "require-hashes has no counterpart"),
        ({"keyring-provider": "import"}, "keyring-provider is 'import'"),
        ({"trusted-host": "*"}, "trusted-host has a wildcard"),
        ({"index-url": "/missing/simple"}, "index-url names a place that is missing or not trusted"),
        ({"index-url": "http://plain.example/simple"}, "index-url names a place that is missing or not trusted"),
        ({"find-links": __file__}, "find-links names something other than a folder"),
        ({"use-feature": "fast-deps"}, "use-feature and use-deprecated"),
    ],
)
def test_what_uv_cannot_honour_is_named(settings: dict[str, str], reason: str) -> None:
    """Refuses instead of leaving a setting of pip out."""
    with pytest.raises(NotForUvError, match=reason):
        translate(settings, {})


def test_no_password_is_on_the_command_line() -> None:
    """Keeps every address in the environment, which other users of the machine cannot read."""
    call = translate({"index-url": "https://me:secret@index.example/simple", "proxy": "me:secret@proxy.example"}, {})

    assert isinstance(call, UvCall)
    assert "secret" not in " ".join(call.options)


def test_uv_is_pinned() -> None:
    """Takes the version of constraints.txt."""
    name, _, version = install_with_uv.pinned_uv().partition("==")

    assert name == "uv"
    assert version[0].isdigit()
