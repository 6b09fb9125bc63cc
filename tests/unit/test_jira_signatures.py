"""Only who knows the secret is heard, and of several headers the strongest one decides."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from pydantic import SecretStr

from mendwheel.integrations.jira.signatures import Unsigned, verify

KEY = "a-secret-of-the-tests-that-is-long-enough"
SECRET = SecretStr(KEY)
BODY = b'{"webhookEvent": "jira:issue_created", "issue": {"key": "LP-1"}}'


def signed(method: str = "sha256", key: str = KEY, body: bytes = BODY) -> dict[str, str]:
    made = hmac.new(key.encode(), body, getattr(hashlib, method)).hexdigest()
    return {"x-hub-signature": f"{method}={made}"}


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def token(key: str = KEY, algorithm: str = "HS256", **claims: Any) -> str:
    now = int(time.time())
    said = {"iss": "client-id", "iat": now, "exp": now + 180, "qsh": "context-qsh"} | claims
    return jwt.encode({k: v for k, v in said.items() if v is not None}, key, algorithm=algorithm)


def unsecured() -> str:
    """A token that names no algorithm and bears no signature."""
    parts = ({"alg": "none", "typ": "JWT"}, {"exp": int(time.time()) + 180})
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts]
    return b".".join([*coded, b""]).decode()


@pytest.mark.parametrize("method", ["sha256", "sha384", "sha512"])
def test_a_signature_over_the_raw_body_is_accepted(method: str) -> None:
    verify(signed(method), BODY, SECRET)


def test_a_signature_in_capitals_is_the_same_signature() -> None:
    header = signed()["x-hub-signature"].partition("=")[2].upper()
    verify({"x-hub-signature": f"SHA256={header}"}, BODY, SECRET)


@pytest.mark.parametrize("header", [{"x-automation-webhook-token": KEY}, bearer(KEY)])
def test_the_shared_secret_itself_is_accepted(header: dict[str, str]) -> None:
    verify(header, BODY, SECRET)


def test_a_token_of_an_oauth_app_is_accepted() -> None:
    verify(bearer(token()), BODY, SECRET)
    verify(bearer(token(aud="anybody", sub="an-account")), BODY, SECRET)


REFUSED: dict[str, Callable[[], dict[str, str]]] = {
    "nothing": dict,
    "other secret": lambda: signed(key="another-secret-of-somebody-else"),
    "other body": lambda: signed(body=BODY + b" "),
    "sha1": lambda: signed("sha1"),
    "md5": lambda: signed("md5"),
    "no method": lambda: {"x-hub-signature": signed()["x-hub-signature"].partition("=")[2]},
    "empty signature": lambda: {"x-hub-signature": "sha256="},
    "not hexadecimal": lambda: {"x-hub-signature": "sha256=ä"},
    "wrong shared token": lambda: {"x-automation-webhook-token": KEY[:-1]},
    "empty shared token": lambda: {"x-automation-webhook-token": ""},
    "wrong bearer": lambda: bearer("x" * len(KEY)),
    "no bearer": lambda: {"authorization": "Bearer "},
    "basic": lambda: {"authorization": f"Basic {KEY}"},
    "alg none": lambda: bearer(unsecured()),
    "another algorithm": lambda: bearer(token(algorithm="HS512", key=KEY * 2)),
    "another algorithm, right secret": lambda: bearer(token(algorithm="HS384", key=KEY)),
    "another secret": lambda: bearer(token(key="another-secret-that-is-long-enough-too")),
    "expired": lambda: bearer(token(exp=int(time.time()) - 3600)),
    "never expires": lambda: bearer(token(exp=None)),
    "from the future": lambda: bearer(token(iat=int(time.time()) + 3600)),
    "no token at all": lambda: bearer("a.b.c"),
}


@pytest.mark.parametrize("header", REFUSED.values(), ids=REFUSED)
@pytest.mark.filterwarnings("ignore:The HMAC key:UserWarning")  # the test signs with short ones
def test_what_is_not_signed_rightly_is_refused(header: Callable[[], dict[str, str]]) -> None:
    with pytest.raises(Unsigned) as refused:
        verify(header(), BODY, SECRET)
    assert KEY not in str(refused.value)


def test_a_wrong_signature_is_not_saved_by_the_right_token() -> None:
    with pytest.raises(Unsigned):
        verify(signed(key="another-secret-of-somebody-else") | bearer(KEY), BODY, SECRET)
    with pytest.raises(Unsigned):
        verify({"x-automation-webhook-token": "wrong"} | bearer(KEY), BODY, SECRET)


@pytest.mark.parametrize("header", [signed(), bearer(KEY), bearer("None"), bearer(""), {}])
def test_without_a_secret_nothing_is_taken(header: dict[str, str]) -> None:
    with pytest.raises(Unsigned, match="MENDWHEEL_JIRA_WEBHOOK_SECRET"):
        verify(header, BODY, None)


def test_a_short_secret_signs_bodies_but_no_tokens() -> None:
    short = "sixteen-letters!"
    verify(signed(key=short), BODY, SecretStr(short))
    head, claims = token().split(".")[:2]
    made = hmac.new(short.encode(), f"{head}.{claims}".encode(), hashlib.sha256).digest()
    forged = f"{head}.{claims}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"
    with pytest.raises(Unsigned, match="32 bytes"):
        verify(bearer(forged), BODY, SecretStr(short))
