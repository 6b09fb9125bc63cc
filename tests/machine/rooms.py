"""What a worker holds, without a worker: the suite's own activities over a ledger of their own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from mendwheel.domain.approval import Approval
from mendwheel.domain.remedy import Invocation, Risk
from mendwheel.house import House
from mendwheel.settings import Settings
from mendwheel.stores.ledger import SqliteLedger
from mendwheel.tools.registry import RemedySpec
from tests.machine.platform import Platform, activity_name
from tests.machine.rules import TOOL, Live

KEY = b"the key that edges sign with here"


class Restart(BaseModel):
    service: str


class Silent:
    """Keeps nothing: what is audited has tests of its own."""

    def __init__(self, asked: Callable[[Approval], None]) -> None:
        self.asked = asked

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *given, **more: None


class Rooms:
    """What a worker holds, built once for a whole search; tickets are told apart by their ids."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, risk: Risk) -> None:
        self.platform = Platform()
        self.platform.install(monkeypatch)
        self.live = Live()
        self.risk, self.number = risk, 0
        self.asked: Callable[[Approval], None] = lambda approval: None
        settings = Settings(home=folder, attestation_key=SecretStr(KEY.decode()), user="owner")
        self.house = House(settings, remedies=[remedy(risk)])
        self.house.policy = self.live  # type: ignore[assignment]
        stores = self.house.stores
        stores.audit = Silent(self._asked)  # type: ignore[assignment]
        stores.questions = Silent(self._asked)  # type: ignore[assignment]
        stores.ledger = SqliteLedger(
            stores.store, lambda: self.platform.now, lambda: self.platform.now.timestamp()
        )
        self.ledger = stores.ledger
        stores.store.open()
        self.proposed = self.house.registry.resolve(TOOL, {"service": "orders"})
        self.activities = {activity_name(each): each for each in self.house.activities()}

    def _asked(self, approval: Approval) -> None:
        self.asked(approval)

    def close(self) -> None:
        self.house.stores.store.close()


def remedy(risk: Risk) -> RemedySpec:
    step = Invocation(name="host.restart", task_queue="host")
    return RemedySpec(name=TOOL, description="", arguments=Restart, risk=risk, workflow=step)
