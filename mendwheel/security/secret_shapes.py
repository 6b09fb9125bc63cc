"""What secrets and personal data look like. Known shapes only: no guessing by entropy.

A guess would eat commit hashes, UUIDs and pod names, which is what investigations live on. Every
pattern is linear: repeats are bounded, or start only where the run before them ended.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple


class Shape(NamedTuple):
    """One kind of secret. Group `secret` is what is hidden; without it, the whole match."""

    kind: str
    pattern: re.Pattern[str]
    is_real: Callable[[str], bool] = lambda found: True


_NOT_INSIDE = r"(?<![A-Za-z0-9_-])"
_TOKENS = "|".join(
    (
        r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])",  # AWS
        r"gh[opusr]_[A-Za-z0-9]{36,255}",
        r"github_pat_[A-Za-z0-9_]{22,255}",
        r"gl(?:pat|dt|ft|rt|ptt|cbt|imt|soat|agent|oas)-[A-Za-z0-9_-]{20,255}",  # GitLab
        r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,255}",  # Slack
        r"xapp-\d-[A-Za-z0-9-]{10,255}",
        r"sk-(?:proj|ant|svcacct|admin|or)-[A-Za-z0-9_-]{16,255}",
        r"sk-[A-Za-z0-9]{32,255}",
        r"[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}",  # Stripe
        r"AIza[A-Za-z0-9_-]{35}",
        r"npm_[A-Za-z0-9]{36}",
        r"pypi-[A-Za-z0-9_-]{50,255}",
        r"hf_[A-Za-z0-9]{30,255}",
        r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
        r"\d{8,10}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])",  # Telegram
        r"SK[0-9a-f]{32}(?![0-9a-f])",  # Twilio
        r"[0-9a-f]{32}-us\d{1,2}(?!\d)",  # Mailchimp
        r"sq0(?:csp|atp)-[A-Za-z0-9_-]{22,43}",  # Square
        r"do[opr]_v1_[0-9a-f]{64}",  # DigitalOcean
        r"hv[sbr]\.[A-Za-z0-9_-]{24,255}",  # Vault
        r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,64}",
        r"dapi[0-9a-f]{32}(?![0-9a-f])",  # Databricks
        r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",  # Shopify
        r"ATATT3[A-Za-z0-9_=-]{40,255}",  # Atlassian
        r"glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}",  # Grafana
        r"NRAK-[A-Z0-9]{27}",  # New Relic
        r"ya29\.[A-Za-z0-9_-]{20,255}",  # Google OAuth
        r"eyJ[A-Za-z0-9_-]{5,}+\.[A-Za-z0-9_-]{5,}+\.[A-Za-z0-9_-]*+",  # JSON web token
    )
)
_VALUE = (
    r"""(?:\\?"(?P<a>[^"\\\n]{1,512})|'(?P<b>[^'\n]{1,512})"""
    r"""|(?P<secret>(?:[^\s"';&<>\\]|\\(?!["'nrt])){3,512}))"""
)
_BETWEEN = r"""\\?["']?\s{0,3}(?:[:=]|=>|:=)\s{0,3}"""
_LOGIN = r"(?:password|passwd|passphrase|pwd)"
_KEY = (
    r"(?:(?:client|shared|app|webhook|signing)[_-]?secret|secret|(?:access|auth|refresh|bot|id)"
    r"[_-]?token|token|(?:secret[_-]?access|api|access|account|private|secret)[_-]?key)"
)
_SAYS_HOW_IT_IS = re.compile(
    r"changed|disabled|empty|enabled|expired|false|hidden|incorrect|invalid|missing|mismatch"
    r"|no|none|not|null|redacted|rejected|required|reset|rotated|set|true|undefined|unknown"
    r"|unset|valid|wrong|yes",
    re.IGNORECASE,
)
_STANDS_FOR_ONE = re.compile(
    r"\$\{?[a-z_][\w.-]*\}?|\$\(.*|%[a-z_]\w*%|\{\{.*|<.*|\*+|x{3,}|\.{3,}", re.IGNORECASE
)
_CARD_NETWORK = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7]|62|35)\d{14}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}"
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12}"
)


def _is_value(found: str) -> bool:
    """Not a variable, a mask or a word that says how the secret is."""
    word = found.rstrip(".,:)]")
    return not _SAYS_HOW_IT_IS.fullmatch(word) and not _STANDS_FOR_ONE.fullmatch(word or found)


def _is_opaque(found: str) -> bool:
    """After a colon people also write prose ("token: refreshed"); a key has digits."""
    return _is_value(found) and len(found) >= 8 and any(letter.isdigit() for letter in found)


def _is_bearer(found: str) -> bool:
    return len(found) >= 20 or any(letter.isdigit() for letter in found)


def _is_basic(found: str) -> bool:
    try:
        return b":" in base64.b64decode(found + "=" * (-len(found) % 4), validate=True)
    except binascii.Error:
        return False


def is_card(found: str) -> bool:
    """A number of a card network whose Luhn sum holds."""
    digits = [int(letter) for letter in found if letter.isdigit()]
    if not _CARD_NETWORK.fullmatch("".join(map(str, digits))):
        return False
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def is_iban(found: str) -> bool:
    """An account number whose ISO 7064 checksum holds."""
    letters = found.replace(" ", "")
    moved = letters[4:] + letters[:4]
    return 15 <= len(letters) <= 34 and int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


def _patterns() -> Iterator[Shape]:
    def shape(
        kind: str, pattern: str, is_real: Callable[[str], bool] = lambda found: True, flags: int = 0
    ) -> Shape:
        return Shape(kind, re.compile(pattern, flags), is_real)

    any_case = re.IGNORECASE
    # Order matters: the widest first, so that no later shape sees a piece of an earlier one.
    yield shape(
        "secret",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^-]*+(?:-(?!----)[^-]*+)*+"
        r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?",
    )
    yield shape("secret", r"https://hooks\.slack\.com/(?P<secret>[A-Za-z]{1,20}/[\w/]{10,200})")
    yield shape(
        "secret",
        r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{0,100}:(?P<secret>[^\s/@]{1,200})@",
        _is_value,
        any_case,
    )
    yield shape(
        "secret",
        r"\bauthorization\\?[\"']?\s{0,3}[:=]\s{0,3}\\?[\"']?(?:[a-z]{1,20}\s{1,3})?"
        r"(?P<secret>[A-Za-z0-9._~+/=-]{8,}+)",
        _is_bearer,
        any_case,
    )
    yield shape("secret", r"\bbearer\s{1,3}(?P<secret>[\w.~+/=-]{8,}+)", _is_bearer, any_case)
    yield shape("secret", r"\bbasic\s{1,3}(?P<secret>[A-Za-z0-9+/=]{8,}+)", _is_basic, any_case)
    yield shape("secret", f"{_NOT_INSIDE}(?:{_TOKENS})")
    yield shape("secret", f"{_LOGIN}{_BETWEEN}{_VALUE}", _is_value, any_case)
    yield shape("secret", rf"{_KEY}\\?[\"']?\s{{0,3}}=>?\s{{0,3}}{_VALUE}", _is_value, any_case)
    yield shape("secret", rf"{_KEY}{_BETWEEN}{_VALUE}", _is_opaque, any_case)
    yield shape(
        "secret",
        rf"--(?:{_LOGIN}|{_KEY})\s{{1,3}}(?P<secret>[^\s\"'<>-][^\s\"'<>]{{2,511}})",
        _is_value,
        any_case,
    )
    yield shape(
        "email",
        r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])",
    )
    yield shape(
        "card",
        r"(?<![\w.-])(?:\d{13,19}|\d{4}(?:[ -]\d{4}){3}(?:[ -]\d{3})?|\d{4}[ -]\d{6}[ -]\d{4,5})"
        r"(?![\w-]|\.\d)",
        is_card,
    )


SHAPES = tuple(_patterns())
"""In the order in which they are looked for."""

IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
"""A superset: words in capitals may follow. `is_iban` says how much of it is one."""
