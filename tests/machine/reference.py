"""Who validly said yes to exactly this, in this round, in time and not alone.

Written from what an approval promises, without the suite's code: it knows what was really sent and
by whom, what people were shown, and what the policy was. An action that it has not seen approved is
a fault.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.machine.rules import Rules, person

NOBODY = ""
"""Nobody vouches for who said it."""

OPERATOR = "whoever may signal workflows"
"""All of whom nobody vouches for are one."""


@dataclass(frozen=True)
class Said:
    """A decision as its sender knows it: `by` is who it really comes from and is vouched for."""

    id: str
    by: str
    approved: bool
    request_id: str
    arguments_sha256: str


@dataclass
class Question:
    """What people were shown."""

    request_id: str
    round: int
    arguments: dict[str, Any]
    arguments_sha256: str
    asked_at: datetime
    expires_at: datetime
    rules: Rules
    risky: bool
    involved: frozenset[str]
    """Who reported it, and who edited its arguments."""
    agreed: list[str] = field(default_factory=list)
    end: str = ""

    def concerned(self, said: Said, at: datetime) -> bool:
        return (
            said.request_id == self.request_id
            and said.arguments_sha256 == self.arguments_sha256
            and self.asked_at <= at < self.expires_at
        )


class Reference:
    """Judges one ticket."""

    def __init__(self, requester: str, risky: bool) -> None:
        self._requester, self._risky = person(requester), risky
        self._authors: list[str] = []
        self._round = 0
        self.question: Question | None = None
        self.shown: list[Question] = []
        self.ran: list[tuple[int, dict[str, Any]]] = []
        self.permitted_under: Rules | None = None

    def begins(self) -> None:
        """A run or a round: nobody has been asked in it."""
        self.question, self._authors = None, []

    def asks(self, request_id: str, round: int, rules: Rules, **shown: Any) -> None:
        involved = frozenset([self._requester, *self._authors])
        self.question = Question(
            request_id=request_id,
            round=round,
            rules=rules,
            risky=self._risky,
            involved=involved,
            **shown,
        )
        self.shown.append(self.question)
        self.permitted_under = None

    def hears(self, said: Said, arrived: datetime, rules: Rules) -> None:
        """Its author was looked up under `rules`, and now it counts or not."""
        asked = self.question
        if asked is None or asked.end or not asked.concerned(said, arrived):
            return
        voice = self._voice(asked, said, rules)
        if voice is None or voice in asked.agreed:
            return
        if not said.approved:
            asked.end = "rejected"
            return
        asked.agreed.append(voice)
        if len(asked.agreed) >= asked.rules.needed and self._independent(asked):
            asked.end = "approved"

    def _independent(self, asked: Question) -> bool:
        """Whether somebody agreed who has no part in it."""
        return any(who not in asked.involved for who in asked.agreed)

    def _voice(self, asked: Question, said: Said, rules: Rules) -> str | None:
        """Whose voice it is, if it has one. An unknown sender may be any one of several: only a no
        of theirs counts beside others.
        """
        if said.by == NOBODY:
            who = OPERATOR
            may = rules.operator and not asked.risky
            may = may and (asked.rules.needed == 1 or not said.approved)
        else:
            who = person(said.by)
            may = self._may(asked, who, rules)
        alone = said.approved and asked.rules.needed == 1 and who in asked.involved
        return who if may and not alone else None

    def _may(self, asked: Question, who: str, rules: Rules) -> bool:
        """Then and now."""
        return who in asked.rules.approvers and who in rules.approvers

    def edits(
        self, by: str, request_id: str, arguments: dict[str, Any], at: datetime, rules: Rules
    ) -> None:
        """Other arguments: whoever gave them does not agree to them alone."""
        asked = self.question
        if asked is None or asked.end or request_id != asked.request_id:
            return
        outdated = not asked.asked_at <= at < asked.expires_at
        # An edit is no vote: whoever may say no may also edit. But whose it is must be known, where
        # several must agree of whom one has no part in it.
        who = self._voice(asked, Said("", by, False, request_id, ""), rules)
        if who == OPERATOR and asked.rules.needed > 1:
            return
        if who and not outdated and arguments != asked.arguments:
            asked.end = "edited"
            self._authors.append(who)

    def misses(self, rules: Rules) -> bool:
        """What was approved and is still allowed under `rules` has not been done."""
        asked = self.question
        if asked is None or asked.end != "approved" or rules.killed:
            return False
        allowed = (self.permitted_under or rules) == asked.rules
        return allowed and asked.round not in [done for done, _ in self.ran]

    def runs(self, round: int, arguments: dict[str, Any]) -> None:
        """The host does it.

        Raises:
            AssertionError: nobody has validly approved exactly this, or it was done before.
        """
        asked = self.question
        assert asked is not None, "an action, and nobody was asked"
        assert asked.end == "approved", f"an action on a question that is {asked.end or 'open'}"
        assert asked.round == round, f"an action in round {round}, approved in {asked.round}"
        assert arguments == asked.arguments, f"{arguments} ran, {asked.arguments} were approved"
        assert self.permitted_under == asked.rules, "an action under another policy"
        assert not asked.rules.killed, "an action with the kill switch on"
        assert round not in [done for done, _ in self.ran], "a second action in one round"
        self.ran.append((round, arguments))
