"""Judges tickets afterwards, from what was sent and answered, the audit rows and the host's count.

Who was faster is not known from outside, so a yes that may have come in time counts here as one:
what is complained of is a fault in any order.
"""

from datetime import datetime
from itertools import pairwise

from mendwheel.domain.approval import Approval, RulingKind
from tests.machine.reference import NOBODY
from tests.machine.rules import Rules
from tests.machine.world import Ran, Sent, Story, World, round_of


def faults(world: World, rules: Rules) -> list[str]:
    """What must never be, one line each."""
    found: list[str] = []
    for ticket, story in world.stories.items():
        ran = world.runs_of(ticket)
        rounds = sorted(round_of(each, ticket) for each in ran)
        found += [f"{ticket}: a second action in round {a}" for a, b in pairwise(rounds) if a == b]
        for each in ran:
            found += _unapproved(ticket, story, each, rules)
        found += _never_done(ticket, story, rounds)
        found += _miscounted(world, ticket, story, rules)
    return found


def _unapproved(ticket: str, story: Story, ran: Ran, rules: Rules) -> list[str]:
    number = round_of(ran, ticket)
    asked = [each for each in story.shown if each.round == number and each.asked_at < ran.at]
    if not asked:
        return [f"{ticket}: an action, and nobody was asked"]
    fits = [each for each in asked if each.arguments == ran.arguments]
    if asked[-1] not in fits:
        return [f"{ticket}: {ran.arguments} ran, {asked[-1].arguments} was asked about"]
    # Taken up again after the action the same is asked once more: any of these may be it.
    for question in fits:
        agreed = {
            each.said.by
            for each in story.sent
            if each.said.approved and _counts(story, question, each, rules, ran.at)
        }
        independent = agreed - _involved(story, question)
        if len(agreed) >= rules.needed and independent and not _refused(story, question):
            return []
    return [f"{ticket}: an action without a valid approval"]


def _counts(
    story: Story, asked: Approval, sent: Sent, rules: Rules, before: datetime | None = None
) -> bool:
    said = sent.said
    alone = said.approved and rules.needed == 1 and said.by in _involved(story, asked)
    return (
        said.by != NOBODY
        and said.by in rules.approvers
        and sent.edit is None
        and said.request_id == asked.request_id
        and said.arguments_sha256 == asked.arguments_sha256
        and sent.at < asked.expires_at
        and (before is None or sent.at < before)
        and not alone
    )


def _involved(story: Story, asked: Approval) -> set[str]:
    """Who reported it, and who gave the arguments."""
    authors = {
        each.said.by for each in story.sent
        if each.edit == asked.arguments and each.reply and each.reply.accepted
    }  # fmt: skip
    return {story.requester, *authors}


def _refused(story: Story, asked: Approval) -> bool:
    """Somebody was told that their no is what counts."""
    return any(
        each.reply and each.reply.accepted and not each.said.approved
        for each in story.sent
        if each.said.request_id == asked.request_id
    )


def _never_done(ticket: str, story: Story, rounds: list[int]) -> list[str]:
    """Somebody was told that it is approved, so it is done."""
    shown = {each.request_id: each.round for each in story.shown}
    approved = {
        shown[each.said.request_id]
        for each in story.sent
        if each.reply
        and each.reply.accepted
        and each.reply.ruling
        and each.reply.ruling.kind is RulingKind.APPROVED
    }
    return [f"{ticket}: approved in round {n}, never done" for n in approved if n not in rounds]


def _miscounted(world: World, ticket: str, story: Story, rules: Rules) -> list[str]:
    """The audit chain says of nobody that they decided who validly did not."""
    valid = {
        (each.said.id, each.said.by)
        for each in story.sent
        for asked in story.shown
        if _counts(story, asked, each, rules)
    }
    rows = world.stage.stores.audit.read(ticket)
    taken = [row for row in rows if row["action"] == "decision taken"]
    return [
        f"{ticket}: {row['actor']} is said to have decided"
        for row in taken
        if (row["decision"], row["actor"]) not in valid
    ]
