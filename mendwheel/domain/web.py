"""What an address in settings has to be, wherever it stands."""

import re

_ADDRESS = re.compile(
    r"(?i:https?)://(?P<who>[^/?#\s]*@)?"
    r"(?:\[[0-9a-fA-F:.]+\]|[^/?#\s@:\[\]\\]+)(?::(?P<port>\d{1,5}))?(?=[/?#]|\Z)"
)

LONGEST_LINK = 4000
_ENDS_A_LINK = re.compile(r"[\s<>\"'`\\|]")


def web_address(
    value: str,
    *,
    like: str = "https://example.net",
    instead: str = "the setting for the token",
) -> str:
    """`value` as it is. Errors give an address `like` this, and where a secret goes `instead`.

    Raises:
        ValueError: no http(s) address, or one with a password in it.
    """
    found = _ADDRESS.match(value)
    if found is None or not value.isprintable() or not 0 < int(found["port"] or 80) < 65_536:
        raise ValueError(f"needs http:// or https:// and a host, as in {like}")
    if found["who"]:
        raise ValueError(f"holds a password: put it into {instead}")
    return value


def web_link(value: str | None) -> str | None:
    """`value` where people can safely be sent there: http(s), whole, without a password; or None.

    What would end a link in some kind of text (blanks, quotes, angle brackets) stands in none.
    """
    if not value or len(value) > LONGEST_LINK or _ENDS_A_LINK.search(value):
        return None
    try:
        return web_address(value)
    except ValueError:
        return None
