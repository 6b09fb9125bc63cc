"""The policy file's own examples of who may decide: tried when it is read, with the reason."""

import pytest

from mendwheel.policy.examples import check, tried
from mendwheel.policy.file import PolicyError, parse

FILE = """
mode = "live"
[approval]
escalate_to = ["linda"]
[approvers]
default = ["ada", "slack-group:S0OPS"]
[people]
grace = ["slack:U0GRACE"]
[[delegations]]
from = "ada"
to = "linus"
until = 2026-12-24T18:00:00Z
[[rules]]
name = "low risk runs"
course = "act"
when = { risk = ["low"] }
[[decision_tests]]
name = "the example"
given = { tool = "restart_service", risk = "medium" }
"""


def says(more: str) -> tuple[bool, str]:
    [example] = tried(parse(FILE + more))
    return example.passed, example.says


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('by = "ada"\nexpect = "allowed"', "allowed"),
        ('by = "linda"\nexpect = "allowed"', "allowed"),
        ('by = "mallory"\ngroups = { "slack-group:S0OPS" = [] }\nexpect = "may not decide"',
         "mallory may not decide this"),
        ('by = "slack:U0GRACE"\ngroups = { "slack-group:S0OPS" = ["slack:U0GRACE"] }\n'
         'expect = "allowed"', "allowed"),
        ('by = "slack:U0GRACE"\nexpect = "looked up"',
         "who is in slack-group:S0OPS could not be looked up: send it again"),
        ('by = "ada"\nrequester = "ada"\nexpect = "cannot approve it alone"',
         "ada reported it and cannot approve it alone"),
        ('by = "ada"\nauthors = ["ada"]\nexpect = "EDITED"',
         "ada edited it and cannot approve it alone"),
        ('by = "ada"\nrequester = "ada"\napproved = false\nexpect = "allowed"', "allowed"),
        ('by = "linus"\nat = 2026-12-20T12:00:00Z\nexpect = "allowed"', "allowed"),
        ('by = "ada"\nvouched = false\nexpect = "attestation"',
         "a decision without attestation does not count here"),
    ],
)  # fmt: skip
def test_a_file_can_say_whose_word_counts(more: str, said: str) -> None:
    assert says(more) == (True, said)


@pytest.mark.parametrize(
    "more",
    [
        'by = "ada"\nexpect = "may not"',
        'by = "mallory"\nexpect = "allowed"',
        'by = "linus"\nexpect = "allowed"',
        'by = "linus"\nat = 2026-12-24T18:00:00Z\nexpect = "allowed"',
    ],
)
def test_a_file_that_says_otherwise_than_it_should_is_refused(more: str) -> None:
    passed, said = says(more)
    assert not passed
    with pytest.raises(PolicyError, match='"the example" fails: it says') as refusal:
        check(parse(FILE + more))
    assert said in str(refusal.value)


def test_where_nobody_is_asked_nobodys_word_counts() -> None:
    text = FILE.replace('risk = "medium"', 'risk = "low"') + 'by = "ada"\nexpect = "allowed"'
    [example] = tried(parse(text))
    assert (example.passed, example.says) == (False, "nobody is asked: the course is act")


def test_a_delegation_that_ends_never_makes_a_good_file_bad() -> None:
    """Else every action would be forbidden from that hour on."""
    delegate = '\nby = "linus"\nexpect = "looked up"'
    assert says(delegate)[0], "without a time, none is in force"
