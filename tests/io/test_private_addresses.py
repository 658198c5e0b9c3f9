from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.io.private_addresses import is_private_ip, names_private_host

PRIVATE = (
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",  # noqa: S104 -- not bound to
    "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16", "198.18.0.1", "224.0.0.251",
    "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1",
    "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::1",
    "2002:7f00:1::", "2001:db8::1", "2001::1",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8")


@pytest.mark.parametrize("ip", PRIVATE)
def test_private_addresses_are_recognized(ip: str) -> None:
    """This machine, its networks, its provider's services and reserved addresses, also inside IPv6."""
    assert is_private_ip(ip)
    assert names_private_host(f"http://[{ip}]:8080/x" if ":" in ip else f"https://ann@{ip}:8080/x")


@pytest.mark.parametrize("ip", PUBLIC)
def test_public_addresses_are_recognized(ip: str) -> None:
    """Their neighbours are public."""
    assert not is_private_ip(ip)
    assert not names_private_host(f"http://[{ip}]/" if ":" in ip else f"http://{ip}/")


LOOPBACK = IPv4Network("127.0.0.0/8")


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_as_what_it_contains(ip: IPv4Address) -> None:
    """IPv6 offers no way around the check."""
    for prefix in (0xFFFF << 32, 0x64FF9B << 96):
        assert is_private_ip(str(IPv6Address(prefix | int(ip)))) == is_private_ip(str(ip))


@given(st.sampled_from(PRIVATE).filter(lambda ip: "." in ip and ":" not in ip).map(IPv4Address), st.data())
def test_every_spelling_of_a_private_address_is_recognized(ip: IPv4Address, data: st.DataObject) -> None:
    """Numbers of 8, 16, 24 and 32 bits, in decimal, octal and hexadecimal: what ``getaddrinfo`` accepts."""
    parts = ip.packed[: data.draw(st.integers(0, 3))]
    numbers = [*parts, int.from_bytes(ip.packed[len(parts) :])]
    spelled = [
        data.draw(st.sampled_from(["{}", "0x{:x}", "0X{:08X}", "0{:o}", "00{:o}"])).format(each) for each in numbers
    ]

    assert names_private_host(f"http://{'.'.join(spelled)}/")


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "a.localhost", "printer.local", "db.internal", "nas.home.arpa", "intranet", "127.1",
     "2130706433", "0x7f.1", "%31%32%37.0.0.1", "017700000001"],
)  # fmt: skip
def test_names_that_are_never_public_are_recognized(host: str) -> None:
    """Reserved domains, names without a dot, and other spellings of addresses."""
    assert names_private_host(f"http://{host}/")


@pytest.mark.parametrize(
    "url", ["https://example.org/", "https://localhost.example.org/", "https://internal.org", "http://[::1"]
)
def test_other_names_are_left_to_the_connection(url: str) -> None:
    """No name server is asked, and an invalid address leads nowhere."""
    assert not names_private_host(url)
