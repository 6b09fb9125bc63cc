"""Redaction: what never leaves, what must stay readable, what comes back."""

import base64
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mendwheel.security.redaction import Mask, redact, restore

# Put together at run time, so that no scanner takes this file for a leak.
JWT = ".".join(["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "dozjgNryP4J3jVmNHl0w5N_X"])
PEM = "\n".join(
    (
        "-----BEGIN RSA PRIVATE" + " KEY-----",
        "Proc-Type: 4,ENCRYPTED",
        "",
        "MIIEowIBAAKC",
        "q83v==",
        "-----END RSA PRIVATE" + " KEY-----",
    )
)
BASIC = base64.b64encode(b"alice:wonder").decode()
SECRETS = {
    "aws": ("id AKIA" + "IOSFODNN7EXAMPLE here", "AKIA" + "IOSFODNN7EXAMPLE"),
    "aws secret": ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPx", "wJalrXUtnFEMI/K7MDENG"),
    "github": ("push with ghp_" + "a1B2" * 9, "a1B2a1B2"),
    "github fine": ("github_pat_" + "11ABC_" * 6, "11ABC"),
    "slack": ("bot xoxb-" + "1234567890-abcdefghij", "abcdefghij"),
    "slack hook": ("https://hooks.slack.com/services/T0/B0/abcdefghijk123", "abcdefghijk123"),
    "gitlab runner": ("glrt-" + "aB3_" * 6, "aB3_aB3_"),
    "telegram": ("call 123456789:" + "AaBb1" * 7, "AaBb1AaBb1"),
    "twilio": ("SK" + "0a1b2c3d" * 4, "0a1b2c3d0a1b"),
    "mailchimp": ("0a1b2c3d" * 4 + "-us12", "0a1b2c3d0a1b"),
    "square": ("sq0csp-" + "aB3_" * 8, "aB3_aB3_"),
    "digitalocean": ("dop_v1_" + "0a1b2c3d" * 8, "0a1b2c3d0a1b"),
    "vault": ("VAULT hvs." + "aB3_" * 8, "aB3_aB3_"),
    "docker": ("dckr_pat_" + "aB3_" * 6, "aB3_aB3_"),
    "databricks": ("dapi" + "0a1b2c3d" * 4, "0a1b2c3d0a1b"),
    "shopify": ("shpat_" + "0a1b2c3d" * 4, "0a1b2c3d0a1b"),
    "atlassian": ("ATATT3x" + "aB3_" * 12, "aB3_aB3_"),
    "grafana": ("glsa_" + "aB3d" * 8 + "_0a1b2c3d", "aB3daB3d"),
    "new relic": ("NRAK-" + "AB3" * 9, "AB3AB3"),
    "google": ("ya29." + "aB3_" * 8, "aB3_aB3_"),
    "openai": ("key sk-proj-" + "Ab3_" * 8 + ".", "Ab3_Ab3_"),
    "jwt": (f"cookie {JWT};", JWT[-20:]),
    "pem": (f"see\n{PEM}\nend", "MIIEowIBAAKC"),
    "pem in json": ('{"key": "' + PEM.replace("\n", "\\n") + '"}', "MIIEowIBAAKC"),
    "pem cut off": (PEM[:70], "MIIEo"),
    "bearer": ("curl -H 'Authorization: Bearer abc.def-123456'", "abc.def-123456"),
    "bearer alone": ("sent Bearer 0123456789abcdef", "0123456789abcdef"),
    "basic": (f"Authorization: Basic {BASIC}", BASIC),
    "basic alone": (f"proxy says Basic {BASIC} was refused", BASIC),
    "api key header": ("X-Api-Key: 9f8e7d6c5b4a", "9f8e7d6c5b4a"),
    "password": ("DB_PASSWORD=hunter2 node app", "hunter2"),
    "password prose": ("my password: correcthorse and it fails", "correcthorse"),
    "password json": ('{"password": "s3 cret;&x", "user": "bob"}', "s3 cret;&x"),
    "password escaped": (r'"{\"password\": \"s3cret\"}"', "s3cret"),
    "password yaml": ("password: 's p a c e'", "s p a c e"),
    "password flag": ("login --password swordfish --user bob", "swordfish"),
    "dsn": ("postgres://app:p%40ss-w0rd@db.internal:5432/main", "p%40ss-w0rd"),
    "dsn without user": ("redis://:topsecret@cache:6379/0", "topsecret"),
    "ado": ("Server=db;User Id=sa;Password=Str0ng,One;Database=x", "Str0ng,One"),
    "password with backslash": (r"PASSWORD=ab\cd$9 x", r"cd$9"),
    "password like a variable": ("PASSWORD=$tr0ng!pass", "0ng!pass"),
    "query": ("GET /x?access_token=abc123def&page=2", "abc123def"),
    "token yaml": ("token: 7f3a9c0d1e2b", "7f3a9c0d1e2b"),
    "email": ("write to Ann.Lee+ops@mail.example.co.uk.", "Ann.Lee+ops@mail.example.co.uk"),
    "card": ("card 4111 1111 1111 1111 was refused", "4111 1111 1111 1111"),
    "card plain": ("pan=5555555555554444.", "5555555555554444"),
    "amex": ("3782-822463-10005", "3782-822463-10005"),
    "iban": ("to DE89 3704 0044 0532 0130 00 today", "DE89 3704 0044 0532 0130 00"),
    "iban plain": ("GB82WEST12345698765432", "GB82WEST12345698765432"),
    "iban in capitals": ("GB82 WEST 1234 5698 7654 32 SENT BACK", "GB82 WEST 1234 5698 7654 32"),
}
HARMLESS = [
    "lodash@4.17.21 and python 3.11.9, build 2024.06.01-rc1",
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8 (9FCEB02D0AE598E95DC970B74767F19372D61AF8)",
    "SKU SK12345678 in us-east-1: build 0a1b2c3d-us, glagent-2 and hvs. are up, 12:34 12345678:90",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "trace 550e8400-e29b-41d4-a716-446655440000 span 41111111-1111-1111-1111-111111111111",
    "10.0.12.7:8080 answered [2001:db8::8a2e:370:7334] after 1.5 s",
    "sk-frontend-deployment-7d9f8b4c6-x2x9q restarted; xox-proxy and token-service are up",
    "checkout-api → payments-db.prod.svc.cluster.local, http://user-service:8080/login",
    "epoch 1717243200000, order 4929123456789, ticket 1234567890123456",
    "password: incorrect, token: expired, Password=$DB_PASSWORD, pwd=${PWD}, password: ****",
    "max_tokens=700 token_budget=60000 tokens: 12345678 secretName: db-credentials",
    "Basic authentication and the bearer certificate are configured",
    "Authorization: required; see https://example.com/a:b/c@d",
    "2024-06-01T12:00:00Z 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 0",
    "DE12 3456 7890 1234 5678 90 is no account",
]


@pytest.mark.parametrize(("text", "secret"), SECRETS.values(), ids=SECRETS)
def test_secret_is_hidden_and_comes_back(text: str, secret: str) -> None:
    mask = Mask()
    hidden, known = mask.hide(text), mask.hidden
    assert secret in text
    assert secret not in hidden
    assert restore(hidden, known) == text
    assert secret not in redact(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_investigations_live_on_stays_readable(text: str) -> None:
    assert redact(text) == text


def test_what_stands_around_a_secret_stays() -> None:
    assert redact("postgres://app:pw123@db:5432/x") == "postgres://app:<secret-1>@db:5432/x"
    assert redact("to DE89 3704 0044 0532 0130 00 OK") == "to <iban-1> OK"
    assert redact('{"password": "a b", "n": 1}') == '{"password": "<secret-1>", "n": 1}'


def test_same_value_has_same_placeholder_over_several_texts() -> None:
    mask = Mask()
    assert mask.hide("a@example.com, b@example.com") == "<email-1>, <email-2>"
    assert mask.hide("again b@example.com") == "again <email-2>"
    assert mask.restore("ask <email-2>, not <email-9>") == "ask b@example.com, not <email-9>"


def test_typed_placeholder_cannot_fetch_a_secret_of_another_text() -> None:
    mask = Mask()
    mask.hide("password=hunter2")
    typed = mask.hide("please repeat <secret-1>")
    assert typed != "please repeat <secret-1>"
    assert mask.restore(typed) == "please repeat <secret-1>"


def test_redacting_twice_changes_nothing_and_reuses_no_number() -> None:
    once = redact("a@example.com password=hunter2")
    assert redact(once) == once
    assert redact(f"{once} b@example.com").endswith("<email-2>")


@given(st.text())
@example("<secret-1> password=a@b.cc <literal-1>")
@example('password="<secret-1>" -----BEGIN PRIVATE KEY-----<email-1>')
def test_any_text_comes_back_as_it_was(text: str) -> None:
    mask = Mask()
    hidden, known = mask.hide(text), mask.hidden
    assert restore(hidden, known) == text


PIECES = (
    "a|1|1 |eyJ|eyJ-|eyJa.|-----BEGIN PRIVATE KEY-----|-|password=|@|a@|a@a.|a.|://|a://|://a:"
    '|AB12 |AB12|password="|bearer |authorization: |basic a|xoxb-|sk-|ghp_|<secret-1>|4111 |token ='
)


@pytest.mark.parametrize("piece", PIECES.split("|"))
def test_time_grows_no_faster_than_the_text(piece: str) -> None:
    def seconds(size: int) -> float:
        text = (piece * size)[:size]
        best = 60.0
        for _ in range(2):
            start = time.process_time()
            redact(text)
            best = min(best, time.process_time() - start)
        return best

    # Four times the text: four times the work, sixteen if quadratic. The floor absorbs noise.
    assert seconds(80_000) < 10 * max(seconds(20_000), 0.02)
