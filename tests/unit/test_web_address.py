"""An address in settings is one that can be asked, and holds no secret."""

import pytest

from mendwheel.domain.web import web_address


@pytest.mark.parametrize(
    "value",
    [
        "http://127.0.0.1:9090",
        "https://[::1]:8443/v1",
        "https://bücher.example/{component}?q=a b",
        "HTTPS://example.net",
    ],
)
def test_an_address_is_taken_as_it_is(value: str) -> None:
    assert web_address(value) == value


@pytest.mark.parametrize(
    "value",
    [
        *("example.net", "ftp://example.net", "http://", "https:///path", "http:example.net"),
        *("http://[::1", "http://h:99999", "http://h:0", "http://h:x", "file:///etc/passwd"),
        *("http://a b/", "http://h/\r\nX: y", "http://h\n", "javascript://example.net"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_an_example(value: str) -> None:
    with pytest.raises(ValueError, match="needs http:// or https:// and a host, as in https://x"):
        web_address(value, like="https://x")


@pytest.mark.parametrize("value", ["http://u:p@h", "https://token@h/x", "http://@h"])
def test_a_password_is_not_repeated_and_has_its_own_place(value: str) -> None:
    with pytest.raises(ValueError, match=r"^holds a password: put it into the_key$"):
        web_address(value, instead="the_key")
