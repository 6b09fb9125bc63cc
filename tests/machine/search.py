"""The search itself: what people, forgers and the world may do to one ticket, in any order."""

import os
import secrets
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from itertools import product
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from mendwheel.contracts.messages import Cancel, Reopen
from mendwheel.domain.approval import Amendment, Decision
from mendwheel.domain.ticket import Information
from mendwheel.security.attestation import sign
from tests.machine.core import TEXT, Core
from tests.machine.reference import NOBODY, Question
from tests.machine.rooms import KEY, Rooms
from tests.machine.rules import EVERYBODY, Rules


def drawn(*choices: Iterable[Any]) -> st.SearchStrategy[Any]:
    """One of all combinations, in one draw: most of a search's time is drawing."""
    return st.sampled_from(list(product(*choices)))


APPROVERS = ["ada", "grace", "edsger"]
WHO = [*APPROVERS, *EVERYBODY]
WHICH = range(8)
UPDATE = [True, False]
OFTEN = [True, True, True, False]
SERVICES = ["orders", "billing"]
FORGERIES = ["unsigned", "unsigned", "another key", "changed", "another id", "replayed"]


class Gate(RuleBasedStateMachine):
    """`rooms` is set for a whole search."""

    rooms: ClassVar[Rooms]
    count: ClassVar[Counter[str]] = Counter()

    @initialize(start=drawn(["mary", "ada", "slack:UADA"], [1, 1, 2], [True, False]))
    def reported(self, start: tuple[str, int, bool]) -> None:
        requester, needed, operator = start
        rules = Rules(needed=needed, operator=operator)
        self.core = Core(self.rooms, rules, requester)
        self.sent: list[tuple[Decision, str]] = []
        self.number = 0
        self.core.go_on()

    # People

    @rule(click=drawn(WHO, [True, False], OFTEN, UPDATE, [0, 2, 99]))
    def click(self, click: tuple[str, bool, bool, bool, int]) -> None:
        who, yes, at_once, update, steps = click
        if self.shown:
            self._send(self._decision(self.shown[-1], who, yes), who, at_once, update)
            self.core.go_on(steps)

    @rule(click=drawn(APPROVERS, UPDATE))
    def approve(self, click: tuple[str, bool]) -> None:
        """What mostly happens, so that there is something to go wrong afterwards."""
        who, update = click
        self.click((who, True, True, update, 99))

    @rule(click=drawn(WHO, WHICH, UPDATE))
    def click_on_any_question_ever_shown(self, click: tuple[str, int, bool]) -> None:
        who, which, update = click
        if self.shown:
            question = self.shown[which % len(self.shown)]
            self._send(self._decision(question, who, True), who, True, update)

    @rule(click=drawn(WHO, UPDATE))
    def click_for_other_arguments(self, click: tuple[str, bool]) -> None:
        who, update = click
        if self.shown:
            decision = self._decision(self.shown[-1], who, True)
            known = [each.arguments_sha256 for each in self.shown[:-1]]
            others = [each for each in known if each != decision.arguments_sha256]
            change = {"arguments_sha256": others[0] if others else "0" * 64}
            self._send(decision.model_copy(update=change), who, True, update)

    @rule(again=drawn(WHICH, UPDATE))
    def the_same_again(self, again: tuple[int, bool]) -> None:
        which, update = again
        if self.sent:
            decision, by = self.sent[which % len(self.sent)]
            self.core.hand_in(decision, by, update=update)

    @rule(edit=drawn(WHO, SERVICES))
    def edit(self, edit: tuple[str, str]) -> None:
        who, service = edit
        if self.shown:
            self.core.hand_in_edit(self._amendment(who, service, KEY), who)

    @rule()
    def give_news(self) -> None:
        self.number += 1
        self.core.handlers.inform(
            Information(
                delivery_id=f"i{self.number}", author="mary", text=TEXT, at=self.core.platform.now
            )
        )

    @rule(again=drawn(OFTEN))
    def stop_or_reopen(self, again: tuple[bool]) -> None:
        self.number += 1
        if again[0]:
            self.core.handlers.reopen(Reopen(delivery_id=f"r{self.number}", who="mary"))
        else:
            self.core.handlers.cancel(Cancel(delivery_id=f"c{self.number}", who="mary"))

    # Forgers

    @rule(forgery=drawn(APPROVERS, FORGERIES, WHICH, UPDATE))
    def forge(self, forgery: tuple[str, str, int, bool]) -> None:
        who, how, which, update = forgery
        if not self.shown:
            return
        question = self.shown[-1]
        forged = self._decision(question, who, True)
        if how == "another key":
            forged = sign(forged, edge="slack", key=b"a key of somebody else's")
        elif how == "changed":
            honest = sign(self._decision(question, "mallory", True), edge="slack", key=KEY)
            forged = honest.model_copy(update={"subject": who})
        elif how in ("another id", "replayed") and self.sent:
            seen, _ = self.sent[which % len(self.sent)]
            change = {"decision_id": forged.decision_id}
            if how == "replayed":
                change |= {
                    "request_id": question.request_id,
                    "arguments_sha256": question.arguments_sha256,
                }
            forged = seen.model_copy(update=change)
        self.core.hand_in(forged, NOBODY, update=update)
        self._look_up_all()
        self.core.go_on()

    @rule(edit=drawn(WHO, SERVICES))
    def forge_an_edit(self, edit: tuple[str, str]) -> None:
        who, service = edit
        if self.shown:
            self.core.hand_in_edit(self._amendment(who, service, b"a key of somebody's"), NOBODY)
            self._look_up_all()
            self.core.go_on()

    # The world

    @rule(steps=st.sampled_from([1, 2, 3, 4, 5, 99, 99]))
    def go_on(self, steps: int) -> None:
        self.core.go_on(steps)

    @rule(which=st.sampled_from(WHICH))
    def look_up(self, which: int) -> None:
        if self.core.heard:
            self.core.look_up(which % len(self.core.heard), fails=which == 7)

    @rule(minutes=st.sampled_from([1, 30, 59, 61]))
    def time_passes(self, minutes: int) -> None:
        self.core.platform.now += timedelta(minutes=minutes)

    @rule(how=st.sampled_from(["leave", "kill", "one more"]))
    def change_the_policy(self, how: str) -> None:
        self.core.rooms.live.rules = self.core.rules.changed(how)

    @rule(after_retention=st.booleans())
    def terminate_and_take_up_again(self, after_retention: bool) -> None:
        self.core.terminated(after_retention=after_retention)
        self.core.go_on()

    @rule(who=drawn(APPROVERS, APPROVERS))
    def approve_again_what_nothing_remembers(self, who: tuple[str, str]) -> None:
        """Only the ledger knows then that it is done: rare where each step is drawn by itself."""
        for each in who:
            self.approve((each, True))
            self.terminate_and_take_up_again(after_retention=True)

    @rule(who=drawn(APPROVERS, UPDATE))
    def approve_the_question_before_the_news(self, who: tuple[str, bool]) -> None:
        self.give_news()
        self.core.go_on()
        self.click_on_any_question_ever_shown((who[0], len(self.shown) - 2, who[1]))

    @rule(who=drawn(APPROVERS, UPDATE))
    def approve_too_late(self, who: tuple[str, bool]) -> None:
        """Before anybody has noticed that the time is over."""
        self.time_passes(61)
        self.approve(who)

    def teardown(self) -> None:
        """What is under way is brought to its end: approved and undisturbed means done."""
        if not hasattr(self, "core"):
            return
        core = self.core
        self._look_up_all()
        core.go_on()
        # News in the last round leave the ticket to people, whatever is clicked afterwards.
        undisturbed = not core.life.stopped() and not core.life.news()
        assert not (undisturbed and core.reference.misses(core.rules)), "approved, never done"
        self.count["actions"] += len(core.reference.ran)
        self.count.update(each.end or "open" for each in self.shown)
        self.count["sequences"] += 1

    # How

    @property
    def shown(self) -> list[Question]:
        return self.core.reference.shown

    def _send(self, decision: Decision, who: str, at_once: bool, update: bool) -> None:
        signed = sign(decision, edge="slack", key=KEY)
        self.sent.append((signed, who))
        self.core.hand_in(signed, who, update=update)
        if at_once:
            self._look_up_all()

    def _look_up_all(self) -> None:
        while self.core.heard:
            self.core.look_up(0)

    def _decision(self, question: Question, who: str, yes: bool) -> Decision:
        self.number += 1
        return Decision(
            request_id=question.request_id, approved=yes, channel="slack", subject=who,
            arguments_sha256=question.arguments_sha256, decision_id=f"n{self.number}",
        )  # fmt: skip

    def _amendment(self, who: str, service: str, key: bytes) -> Amendment:
        self.number += 1
        amendment = Amendment(
            request_id=self.shown[-1].request_id, arguments={"service": service},
            channel="slack", subject=who, decision_id=f"e{self.number}",
        )  # fmt: skip
        return sign(amendment, edge="slack", key=key)


SEED = os.environ.get("MACHINE_SEED", "1")
"""Which search: the same on every machine, unless somebody asks for another or for `random`."""

SEQUENCES = int(os.environ.get("MACHINE_SEQUENCES", "10000"))


def search(rooms: Rooms, sequences: int, part: int = 0, *, shrink: bool = True) -> Counter[str]:
    """Look for a fault in so many sequences; what was seen on the way.

    Raises:
        AssertionError: a fault, with the shortest sequence that shows it.
    """

    class Searched(Gate):
        pass

    Searched.rooms, Searched.count = rooms, Counter()
    given = secrets.randbits(32) if SEED == "random" else int(SEED)
    seed(given * 100 + part)(Searched)
    thorough = settings(
        max_examples=sequences,
        stateful_step_count=9,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
    )
    try:
        run_state_machine_as_test(Searched, settings=thorough)
    except AssertionError as fault:
        fault.add_note(f"found with MACHINE_SEED={given}, part {part}")
        raise
    return Searched.count
