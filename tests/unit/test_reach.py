"""Where webhooks may go: never into the hub's own network."""

import pytest

from sync.engine.reach import LONGEST_URL, Reach, address_refused, check_url, is_allowed

OUTSIDE = ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"]
INSIDE = ["127.0.0.1", "10.0.0.8", "172.16.3.4", "192.168.1.1", "::1", "fd00::1", "::ffff:127.0.0.1"]
ALWAYS_REFUSED = [
    "169.254.169.254",
    "168.63.129.16",
    "0.0.0.0",  # noqa: S104 - nothing is bound to it
    "224.0.0.1",
    "255.255.255.255",
    "100.64.0.1",
    "::",
    "fe80::1%eth0",
    "ff02::1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "nonsense",
]


def code_of(url: str, reach: Reach = Reach.PUBLIC) -> str | None:
    problem = check_url(url, reach)
    return None if problem is None else problem.code


@pytest.mark.parametrize("address", OUTSIDE)
@pytest.mark.parametrize("reach", Reach)
def test_a_public_address_is_allowed(address: str, reach: Reach) -> None:
    assert is_allowed(address, reach)


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_of_the_own_network_is_allowed_on_a_developers_machine_only(address: str) -> None:
    assert (is_allowed(address, Reach.LOCAL), is_allowed(address, Reach.PUBLIC)) == (True, False)


@pytest.mark.parametrize("address", ALWAYS_REFUSED)
@pytest.mark.parametrize("reach", Reach)
def test_an_address_that_no_receiver_has_is_refused_everywhere(address: str, reach: Reach) -> None:
    assert not is_allowed(address, reach)


@pytest.mark.parametrize("url", ["https://r.example/hooks?a=b", "https://r.example:8443", "https://93.184.216.34/x"])
@pytest.mark.parametrize("reach", Reach)
def test_an_address_over_https_is_taken(url: str, reach: Reach) -> None:
    assert code_of(url, reach) is None


@pytest.mark.parametrize(
    "url", ["http://r.example/x", "http://127.0.0.1:8080/x", "http://localhost:1", "http://[::1]/"]
)
def test_plain_http_is_taken_on_a_developers_machine_only(url: str) -> None:
    assert (code_of(url, Reach.LOCAL), code_of(url)) == (None, "HTTPS_REQUIRED")


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "metadata.google.internal",
        "printer.local",
        "127.0.0.1",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "169.254.169.254",
        "2130706433",
        "0x7f000001",
        "127.1",
        "0177.0.0.1",
        "127.0.0.1.",
    ],
)
def test_a_host_in_the_own_network_is_refused_however_it_is_written(host: str) -> None:
    assert check_url(f"https://{host}/x", Reach.PUBLIC) == address_refused()


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "169.254.169.254"])
def test_a_developers_machine_takes_no_odd_addresses_either(host: str) -> None:
    assert code_of(f"http://{host}/x", Reach.LOCAL) == "ADDRESS_REFUSED"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "r.example/x",
        "ftp://r.example/x",
        "https://",
        "https:///x",
        "https://user@r.example/x",
        "https://user:word@r.example/x",
        "https://r.example/x#part",
        "https://r.example/x#",
        "https://r.example:port/x",
        "https://r.example:99999/x",
        "https://[::1/x",
        "https://r.example/a b",
        "https://r.example/\n",
        "https://r.example\\@evil.example/x",
        "https://bücher.example/x",
        "https://127.0.0.\N{CIRCLED DIGIT ONE}/x",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    assert code_of(url) == "INVALID_URL"


def test_an_address_has_a_longest_length() -> None:
    longest = "https://r.example/".ljust(LONGEST_URL, "x")
    assert (code_of(longest), code_of(longest + "x")) == (None, "OUT_OF_RANGE")
