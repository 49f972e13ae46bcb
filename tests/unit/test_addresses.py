"""Where a webhook may be sent to, and how what is sent is signed."""

import socket
from typing import Any

import pytest

from blackboard.addresses import Guard, is_public
from blackboard.courier import Courier, Letter, mint_secret, read_wait, sign
from blackboard.errors import Invalid

INSIDE = [
    *("127.0.0.1", "127.255.255.254", "0.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
    *("168.63.129.16", "203.0.113.1", "::", "::1", "::7f00:1", "fe80::1", "fe80::1%lo", "fc00::1", "fd00:ec2::254", "ff02::1"),
    *("fec0::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:1::1"),
    *("2001:db8::1", "no address", ""),
]
OUTSIDE = ["8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.255.255", "100.128.0.1", "2606:4700:4700::1111"]


def standing_for(*addresses: str) -> Any:
    """A look-up in which every name stands for these."""
    return lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]


@pytest.mark.parametrize("address", INSIDE)
@pytest.mark.item("S12")
def test_what_is_no_public_address_is_refused(address: str) -> None:
    """Our machine, private and shared networks, metadata, groups, and whatever wraps one of them."""
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_a_public_address_may_be_sent_to(address: str) -> None:
    """Also next to the border of a private network."""
    assert is_public(address)


@pytest.mark.item("S12")
async def test_a_name_that_also_leads_inside_is_refused() -> None:
    """One private address among public ones is enough."""
    with pytest.raises(Invalid, match=r"10\.0\.0\.1"):
        await Guard(look_up=standing_for("8.8.8.8", "10.0.0.1")).find("example.com", 443)


async def test_what_was_judged_is_what_is_connected_to() -> None:
    """The addresses themselves, each once, and not the name."""
    assert await Guard(look_up=standing_for("8.8.8.8", "8.8.8.8", "1.1.1.1")).find("example.com", 443) == ["8.8.8.8", "1.1.1.1"]


@pytest.mark.item("S12")
async def test_a_name_that_changes_after_it_was_judged_leads_nowhere_else() -> None:
    """It is judged again by whoever connects, and nobody looks it up after that."""
    answers = iter(["8.8.8.8", "127.0.0.1"])
    guard = Guard(look_up=lambda *_, **__: standing_for(next(answers))())
    courier = Courier(guard)
    await guard.check("https://example.com/")
    receipt = await courier.deliver(Letter("msg_1", "https://example.com/", b"{}", [mint_secret()]))
    await courier.close()

    assert (receipt.status, "127.0.0.1, which is no public address" in receipt.error) == (None, True)


async def test_a_host_that_is_listed_may_be_anywhere() -> None:
    """At any port, in clear, whatever its case."""
    guard = Guard(["Hooks.internal"], look_up=standing_for("10.0.0.1"))
    target = guard.parse("http://HOOKS.internal:9000/in?a=1")

    assert (target, target.authority) == (("http", "hooks.internal", 9000, "/in?a=1"), "hooks.internal:9000")
    assert await guard.find(target.host, target.port) == ["10.0.0.1"]


async def test_a_host_that_is_listed_allows_no_other() -> None:
    """Not even one that ends alike."""
    with pytest.raises(Invalid, match=r"10\.0\.0\.1"):
        await Guard(["internal"], look_up=standing_for("10.0.0.1")).check("https://hooks.internal/")


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://a.b\\@127.0.0.1/",
            "https://a.b/\t",
            "https://ä.de/",
            "https://a.b/\r\nHost: c",
            "https://a.b@c/",
            "//a.b/",
            "a.b",
        ),
        *(
            "https://@a.b/",
            "https://a.b:0/",
            "https://a.b:x/",
            "https://%31/",
            "https://[::1",
            "https://",
            "",
            "file:///etc/passwd",
        ),
        *("https://a.b/" + "x" * 2000, "https://a.b?c#d", "https://a*b/"),
    ],
)
@pytest.mark.item("S12")
def test_a_url_of_another_form_is_refused(url: str) -> None:
    """Whatever two parsers could read in two ways."""
    with pytest.raises(Invalid):
        Guard().parse(url)


def test_an_address_in_brackets_keeps_them_in_the_header() -> None:
    """As HTTP wants it."""
    assert Guard().parse("https://[2606:4700:4700::1111]/x").authority == "[2606:4700:4700::1111]"


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The example of its specification, and one signature for each secret."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    letter = Letter("msg_p5jXN8AQM9LWM0D4loKWxJek", "", b'{"test": 2432232314}', [secret, secret])
    signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    assert sign(letter, 1614265330)["webhook-signature"] == f"{signature} {signature}"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("0", 0.0), ("120", 120.0), ("99999999999999", 3600.0), ("", None), ("soon", None), ("-1", None), ("1e3", None)),
        *(
            ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
            ("Wed, 21 Oct 9999 07:28:00 GMT", 3600.0),
            ("Wed, 21 Oct 2015 07:28:00", 0.0),
        ),
    ],
)
def test_a_wait_that_was_asked_for_is_bounded(text: str, seconds: float | None) -> None:
    """A number of seconds or a date, at most an hour; anything else says nothing."""
    assert read_wait(text) == seconds
