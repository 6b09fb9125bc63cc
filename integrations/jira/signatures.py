"""Who sent a webhook: a signature over its body, a token of Atlassian's, or the shared secret.

Fail closed: without a secret nothing is taken. The first of these headers that is there decides,
so that a wrong signature is not saved by another header:

- `X-Hub-Signature: METHOD=HEX`, HMAC of the raw body (webhooks of Jira's administration)
- `X-Automation-Webhook-Token: SECRET` (rules of Jira Automation)
- `Authorization: Bearer TOKEN`, where TOKEN is the secret itself (Automation, Data Center) or a
  JWT signed with it (webhooks that an OAuth 2.0 app registered; the secret is the client secret)
"""

import hashlib
import hmac
from collections.abc import Mapping

import jwt
from pydantic import SecretStr

SETTING = "MENDWHEEL_JIRA_WEBHOOK_SECRET"

METHODS = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
"""What Jira may name before `=`; SHA-1 is refused."""

LEEWAY = 60
"""Seconds that clocks may differ by."""


class Unsigned(Exception):
    """The sender is not who it should be. The message holds nothing that was sent."""


def verify(headers: Mapping[str, str], body: bytes, secret: SecretStr | None) -> None:
    """`headers` by lower-case names; `body` as it came. Raises Unsigned."""
    if secret is None:
        raise Unsigned(f"no webhook is taken without a secret: set {SETTING} and give it to Jira")
    key = secret.get_secret_value()
    signature = headers.get("x-hub-signature")
    token = headers.get("x-automation-webhook-token")
    if signature is not None:
        _signed(signature, body, key)
    elif token is not None:
        if not _same(token, key):
            raise Unsigned(f"wrong X-Automation-Webhook-Token: give the rule the one in {SETTING}")
    else:
        _borne(headers.get("authorization", ""), key)


def _signed(signature: str, body: bytes, key: str) -> None:
    method, _, given = signature.partition("=")
    hashing = METHODS.get(method.strip().lower())
    if hashing is None:
        raise Unsigned(f"X-Hub-Signature has another method than {', '.join(METHODS)}")
    expected = hmac.new(key.encode(), body, hashing).hexdigest()
    if not _same(given.strip().lower(), expected):
        raise Unsigned(f"wrong X-Hub-Signature: give Jira's webhook the secret in {SETTING}")


def _borne(authorization: str, key: str) -> None:
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise Unsigned(f"not signed: give Jira's webhook or rule the secret in {SETTING}")
    if _same(token, key):
        return
    if token.count(".") != 2:
        raise Unsigned(f"wrong bearer token: give Jira the one in {SETTING}")
    _atlassian(token, key)


def _atlassian(token: str, key: str) -> None:
    """A JWT as Atlassian signs it for webhooks of an OAuth 2.0 app.

    What it names as issuer, audience and subject is not documented and adds nothing: only the
    app and Atlassian know the secret. Nor is its query hash compared: it is over an address, not
    over the body, and behind a proxy ours is another one.
    """
    try:
        jwt.decode(
            token,
            key,
            algorithms=["HS256"],
            leeway=LEEWAY,
            options={
                "require": ["exp"],
                "verify_aud": False,
                "verify_sub": False,
                "enforce_minimum_key_length": True,
            },
        )
    except jwt.ExpiredSignatureError:
        raise Unsigned("the token of this webhook has expired: compare the clocks") from None
    except jwt.InvalidKeyError:
        raise Unsigned(f"a JWT needs a secret of 32 bytes at least: lengthen {SETTING}") from None
    except jwt.PyJWTError:
        raise Unsigned(f"wrong token: set {SETTING} to the app's client secret") from None


def _same(given: str, expected: str) -> bool:
    """In constant time; digests, because their length tells nothing."""
    return hmac.compare_digest(
        hashlib.sha256(given.encode("utf-8", "surrogatepass")).digest(),
        hashlib.sha256(expected.encode()).digest(),
    )
