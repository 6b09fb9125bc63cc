"""What is shown to people and what comes from them: the activities for it, bound to their ports."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mendwheel.activities.amending import Amending
from mendwheel.activities.briefs import Texts
from mendwheel.activities.letters import LettersDesk
from mendwheel.activities.outgoing import Outgoing
from mendwheel.activities.presenting import Boards, Presenting
from mendwheel.activities.speaking import Speaker
from mendwheel.activities.taking_in import TakingIn
from mendwheel.integrations import outward
from mendwheel.policy.live import LivePolicy
from mendwheel.ports import Directory
from mendwheel.security.links import hosts
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.tools.registry import Registry


@dataclass(frozen=True)
class FrontDesk:
    """Holds the ports of the house that reach people."""

    settings: Settings
    stores: Stores
    registry: Registry
    policy: LivePolicy
    directory: Directory
    shown: Boards
    taking_in: TakingIn
    key: Callable[[], bytes]

    def activities(self) -> list[Callable[..., Any]]:
        """What is shown to people, and what comes from them."""
        stores, settings = self.stores, self.settings
        presenting = Presenting(
            self.shown,
            stores.artifacts,
            stores.ledger,
            settings.rule,
            outward.on_call(settings),
            self._run_url,
            stores.now,
            settings.access,
            stores.letters,
            self.outgoing(),
        )
        amending = Amending(
            *(self.policy, self.registry, stores.audit, self.key, settings.user),
            directory=self.directory,
        )
        return [
            *(presenting.present, presenting.conclude, presenting.call_out),
            *(self.taking_in.take_hint, self.taking_in.poll, self.taking_in.poll_done),
            amending.amend,
            *self._of_dead_letters(),
        ]

    def _of_dead_letters(self) -> list[Callable[..., Any]]:
        stores = self.stores
        desk = LettersDesk(
            *(stores.letters, stores.artifacts, stores.cases, stores.ledger, stores.questions),
            *(stores.audit, self.policy, self.speaker(), stores.now),
        )
        return [desk.give_up, desk.take_up, desk.retried]

    def speaker(self) -> Speaker:
        stores = self.stores
        texts, rule = Texts(stores.artifacts), self.settings.rule
        return Speaker(
            *(self.shown, texts, stores.ledger, self.policy, rule, stores.now),
            directory=self.directory,
            owner=self.settings.user,
        )

    def outgoing(self) -> Outgoing:
        settings = self.settings
        ours = hosts([settings.jira_base_url, settings.temporal_ui_url])
        return Outgoing(ours | {host.lower() for host in settings.link_hosts})

    def _run_url(self, ticket_id: str) -> str | None:
        ui, namespace = self.settings.temporal_ui_url, self.settings.temporal_namespace
        return f"{ui.rstrip('/')}/namespaces/{namespace}/workflows/{ticket_id}" if ui else None
