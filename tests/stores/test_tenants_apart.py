"""Two tenants in one store with the same words: neither finds, counts or reads what is the other's.

Every method of a port that takes a tenant, or something that names one, is a door. A new one fails
the first test here until it is opened below as somebody else's tenant.
"""

import inspect
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mendwheel import ports
from mendwheel.domain.approval import Approval, Decision, objection
from mendwheel.domain.budget import CallKey
from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.ids import tenant_prefix, ticket_id
from mendwheel.domain.knowledge import Case, Document
from mendwheel.domain.model_call import ModelCall
from mendwheel.domain.remedy import Risk
from mendwheel.domain.ticket import Report
from mendwheel.ports import Embedder
from mendwheel.stores.bundle import Stores
from mendwheel.tools.reads import CasesRead, KnowledgeRead, RunbooksRead
from tests.tickets import ticket

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RED, BLUE, GREEN = "red", "blue", "green"
"""`green` has nothing: what it finds is somebody else's."""
SAME = "the payment gateway times out after the nightly export of invoices"


class Nearest(Embedder):
    """Everything means the same: only the tenant can keep it apart."""

    identity = "nearest"

    def embed(self, texts: list[str]) -> list[list[float]]:
        return [[1.0, 0.0] for _ in texts]


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with Stores(tmp_path / "store.db", Nearest()) as made:
        for tenant in (RED, BLUE):
            fill(made, tenant)
        yield made


def fill(stores: Stores, tenant: str) -> None:
    name = ticket_id(tenant, "cli", "T-1")
    stores.cases.save(named(tenant))
    stores.cases.embed(tenant)
    body = f"# Export\n\n{SAME}, says {tenant}.\n"
    for kind in ("guide", "runbook"):
        document = Document(id=f"{tenant}-{kind}", title="Export", body=body, kind=kind)
        stores.knowledge.add(tenant, [document])
    stores.knowledge.embed(tenant)
    stores.artifacts.put(tenant, f"a text of {tenant}", name)
    stores.artifacts.put(tenant, SAME, name)
    stores.answers.put(tenant, "k", f"an answer of {tenant}", seconds=1e9, ticket=name)
    stores.quotas.take(tenant, call_of(name), 7, per_minute=100, per_day=100)
    stores.calls.add(
        ModelCall(at=NOW, tenant=tenant, ticket_id=name, agent="triage", route="r", model="m")
    )


def named(tenant: str, key: str = "T-1") -> Case:
    name = ticket_id(tenant, "cli", key)
    return Case(
        ticket_id=name, tenant=tenant, title=f"{SAME} at {tenant}", text=SAME, opened_at=NOW,
        resolution=f"known at {tenant}", open=False,
    )  # fmt: skip


def call_of(name: str, step: str = "triage") -> CallKey:
    return CallKey(ticket_id=name, round=1, step=step, call=0)


def ref_of(tenant: str, text: str) -> ArtifactRef:
    from hashlib import sha256

    return ArtifactRef(tenant=tenant, sha256=sha256(text.encode()).hexdigest(), size=len(text))


def read(stores: Stores, ref: ArtifactRef) -> list[str]:
    try:
        return [stores.artifacts.get(ref)]
    except LookupError:
        return []


def allowed(stores: Stores, tenant: str) -> list[str]:
    """What of the minute's 100 tokens is gone already."""
    key = call_of(ticket_id(tenant, "cli", "T-9"))
    taken = stores.quotas.take(tenant, key, 94, per_minute=100, per_day=1000)
    return [] if taken.granted else [f"refused for what {RED} and {BLUE} spent"]


def looked(read: Any, tenant: str) -> list[Any]:
    name = ticket_id(tenant, "cli", "T-2")
    asked = ticket(id=name, tenant=tenant, title=SAME)
    return list(read.look(asked, Report(title=SAME, body=SAME), SAME))


Door = Callable[[Stores, str], list[Any]]
DOORS: dict[str, Door] = {
    "Answers.get": lambda s, t: [s.answers.get(t, "k")] if s.answers.get(t, "k") else [],
    "Artifacts.get": lambda s, t: [
        text for of in (RED, BLUE) for text in read(s, ref_of(t, f"a text of {of}"))
    ],
    "Cases.list": lambda s, t: list(s.cases.list(t)),
    "Cases.similar": lambda s, t: list(s.cases.similar(named(t, "T-2"))),
    "Calls.list": lambda s, t: list(s.calls.list(tenant=t)),
    "Knowledge.count": lambda s, t: [t] * s.knowledge.count(t),
    "Knowledge.search": lambda s, t: list(s.knowledge.search(t, SAME)),
    "Quotas.take": allowed,
    "Quotas.used": lambda s, t: [t] if any(s.quotas.used(t)) else [],
    "read cases": lambda s, t: looked(CasesRead(s.cases), t),
    "read knowledge": lambda s, t: looked(KnowledgeRead(s.knowledge), t),
    "read runbooks": lambda s, t: looked(RunbooksRead(s.knowledge), t),
    "forget: closed before": lambda s, t: list(s.forgetting.closed_before(NOW, t)),
    "forget: reported by": lambda s, t: list(s.forgetting.reported_by("", t)),
}
WRITES = {
    "Answers.put",
    "Artifacts.put",
    "Calls.add",
    "Cases.save",
    "Knowledge.add",
    "Knowledge.remove",
}
"""What they write is looked at through the doors; see the tests of each below."""
NAMED_BY = {"tenant", "case", "ref", "ticket", "call"}
OUTSIDE = {"Sense.look", "LiveSense.observe"}
"""Senses ask systems, not the store; whom each serves: tests/unit/test_senses_by_tenant.py."""


def test_every_door_that_takes_a_tenant_is_opened_here() -> None:
    found = {
        f"{port.__name__}.{name}"
        for port in vars(ports).values()
        if inspect.isclass(port)
        for name, method in vars(port).items()
        if inspect.isfunction(method) and NAMED_BY & set(inspect.signature(method).parameters)
    }
    assert found - OUTSIDE == {name for name in DOORS if name[0].isupper()} | WRITES


@pytest.mark.parametrize("door", DOORS)
def test_tenant_without_anything_finds_nothing(stores: Stores, door: str) -> None:
    assert DOORS[door](stores, GREEN) == []


@pytest.mark.parametrize("door", DOORS)
def test_tenant_finds_its_own_and_nothing_that_names_another(stores: Stores, door: str) -> None:
    for mine, theirs in ((RED, BLUE), (BLUE, RED)):
        found = str(DOORS[door](stores, mine))
        if not door.startswith("forget"):
            assert found != "[]", "else nothing is tested"
        if door != "Quotas.take":
            assert theirs not in found


def test_hash_of_anothers_text_gives_nothing_even_to_who_knows_it(stores: Stores) -> None:
    secret = stores.artifacts.put(RED, "only red has this", ticket_id(RED, "cli", "T-1"))
    for tenant in (BLUE, GREEN, "", "red ", "RED"):
        assert read(stores, secret.model_copy(update={"tenant": tenant})) == []


def test_what_one_tenant_removes_or_forgets_stays_with_the_other(stores: Stores) -> None:
    same = ref_of(BLUE, SAME)
    stores.knowledge.remove(RED, ["blue-guide", "red-guide", "red-runbook"])
    stores.forgetting.forget(ticket_id(RED, "cli", "T-1"), "admin")
    assert stores.knowledge.count(BLUE) == 2
    assert stores.artifacts.get(same) == SAME
    assert read(stores, ref_of(RED, SAME)) == []
    assert stores.answers.get(BLUE, "k") == "an answer of blue"
    assert [case.tenant for case in stores.cases.list(BLUE)] == [BLUE]


def test_ids_of_tickets_never_begin_like_those_of_another_tenant() -> None:
    for tenant, other in ((RED, "red-2"), ("a", "a-b"), ("a-b", "a_b"), ("a b", "a-b")):
        assert not ticket_id(other, "cli", "x").startswith(tenant_prefix(tenant))
        assert not ticket_id(tenant, "cli", "x").startswith(tenant_prefix(other))


def test_decision_on_one_tenants_question_does_not_count_for_anothers(stores: Stores) -> None:
    for tenant in (RED, BLUE):
        asked = Approval(
            request_id=f"q-{tenant}", ticket_id=ticket_id(tenant, "cli", "T-1"), round=1,
            tool="restart", arguments_sha256="a" * 64, policy_version="1", risk=Risk.LOW,
            question="Run it?", code="QQ", approvers=["x"], requester="r", asked_at=NOW,
            expires_at=NOW.replace(year=2027),
        )  # fmt: skip
        stores.questions.asked(asked)
    of_red, of_blue = (stores.questions.open(ticket_id(t, "cli", "T-1")) for t in (RED, BLUE))
    said = Decision(
        request_id="q-red", approved=True, arguments_sha256="a" * 64, channel="cli",
        subject="x", decision_id="d",
    )  # fmt: skip
    assert objection(of_red, said, NOW) is None
    assert "older question" in str(objection(of_blue, said, NOW))
    stores.questions.decided("q-red", said, True, "")
    assert stores.questions.decisions("q-blue") == []
