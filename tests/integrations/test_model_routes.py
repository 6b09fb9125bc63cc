"""Several routes, keys, quotas, a cache, moderation and the call log, over real HTTP and SQLite."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mendwheel.agents import AGENTS
from mendwheel.agents.agent import Brief
from mendwheel.agents.outputs import Answer
from mendwheel.domain.budget import CallKey
from mendwheel.domain.diagnosis import Triage
from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.domain.ticket import Report
from mendwheel.gateway.configured import from_settings
from mendwheel.gateway.errors import BudgetExhausted, Garbage, ModelError
from mendwheel.gateway.gateway import Gateway, Thinking
from mendwheel.playbooks import SettingsPlaybooks
from mendwheel.settings import Settings
from mendwheel.settings_models import ModelRoute
from mendwheel.stores.bundle import Stores
from tests.integrations.model_site import GOOD, KEY, REPORT, Endpoint, chat, served

ANSWER = chat(json.dumps(GOOD))
DOWN = {"error": {"message": "no"}}

Build = Callable[..., Gateway]


@pytest.fixture
def first(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    with served(monkeypatch) as endpoint:
        yield endpoint


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    with served(monkeypatch) as endpoint:
        yield endpoint


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with Stores(tmp_path / "store.db") as stores:
        yield stores


@pytest.fixture
async def build(stores: Stores) -> Any:
    """`build(one, two, **settings)`: a gateway over the real store, routes `one` and `two`."""
    made: list[Gateway] = []

    def build(*endpoints: Endpoint, routes: Any = None, **settings: Any) -> Gateway:
        names = ["one", "two"]
        routes = routes or [
            ModelRoute(name=name, base_url=each.url, model="m")
            for name, each in zip(names, endpoints, strict=False)
        ]
        given = Settings(**{"model_routes": routes, "model_cache_seconds": 0} | settings)
        gateway = from_settings(
            given, stores.budgets, quotas=stores.quotas, answers=stores.answers, calls=stores.calls
        )
        made.append(gateway)
        return gateway

    yield build
    for gateway in made:
        await gateway.aclose()


async def think(gateway: Gateway, report: Report = REPORT, **changes: Any) -> Thinking:
    named: dict[str, Any] = {"agent": "consultant", "key": KEY, "route": "one", "tenant": "a"}
    named |= changes
    agent = named.pop("agent")
    return await gateway.think(
        AGENTS[agent],
        named.pop("brief", Brief(report=report)),
        prompt_version=AGENTS[agent].prompt,
        **named,
    )


def another(call: int) -> CallKey:
    return KEY.model_copy(update={"call": call})


@pytest.mark.parametrize("status", [401, 404, 429, 500])
async def test_failure_of_one_route_is_answered_by_the_next_in_the_same_attempt(
    first: Endpoint, second: Endpoint, build: Build, status: int
) -> None:
    first.will(DOWN, status)
    second.will(ANSWER)
    thinking = await think(build(first, second))
    assert (thinking.engine, len(first.requests), len(second.requests)) == ("two", 1, 1)


async def test_garbage_twice_goes_to_the_next_route_and_all_of_it_is_paid(
    first: Endpoint, second: Endpoint, build: Build, stores: Stores
) -> None:
    first.will(chat("no"))
    first.will(chat("still no"))
    second.will(ANSWER)
    thinking = await think(build(first, second))
    assert (thinking.engine, thinking.prompt_tokens, thinking.completion_tokens) == ("two", 150, 21)
    assert stores.budgets.spent("t") == 171


async def test_refusal_is_not_shopped_around(
    first: Endpoint, second: Endpoint, build: Build
) -> None:
    first.will(chat(None, refusal="no"))
    with pytest.raises(ModelError) as caught:
        await think(build(first, second))
    assert (caught.value.kind, second.requests) == ("refused", [])


async def test_failure_that_passes_is_told_rather_than_one_that_does_not(
    first: Endpoint, second: Endpoint, build: Build
) -> None:
    first.will(DOWN, 401)
    second.will(DOWN, 429, retry_after="17")
    with pytest.raises(ModelError) as caught:
        await think(build(first, second))
    assert (caught.value.kind, caught.value.retryable) == ("rate_limited", True)
    assert caught.value.retry_after == 17


async def test_no_route_is_begun_when_the_time_is_over(
    first: Endpoint, second: Endpoint, build: Build
) -> None:
    first.will(ANSWER, delay=20)
    with pytest.raises(ModelError) as caught:
        await think(build(first, second, model_deadline_seconds=0.3))
    assert (caught.value.kind, second.requests) == ("timeout", [])


async def test_route_that_asked_to_wait_is_left_alone_until_then(
    first: Endpoint, second: Endpoint, build: Build
) -> None:
    gateway = build(first, second)
    first.will(DOWN, 429, retry_after="600")
    for call in range(3):
        second.will(ANSWER)
        assert (await think(gateway, key=another(call))).engine == "two"
    assert len(first.requests) == 1


async def test_route_that_keeps_failing_is_left_alone_and_probed_by_one_call(
    first: Endpoint, second: Endpoint, build: Build
) -> None:
    gateway = build(first, second, model_breaker_failures=2, model_breaker_seconds=0.2)
    for call in range(4):
        first.will(DOWN, 500)
        second.will(ANSWER)
        assert (await think(gateway, key=another(call))).engine == "two"
    assert len(first.requests) == 2
    await asyncio.sleep(0.25)
    first.answers.clear()
    first.will(ANSWER, delay=0.3)
    second.will(ANSWER)
    both = await asyncio.gather(*[think(gateway, key=another(call)) for call in (8, 9)])
    assert sorted(each.engine for each in both) == ["one", "two"]
    first.will(ANSWER)
    assert (await think(gateway, key=another(10))).engine == "one"


async def test_single_route_left_alone_says_for_how_long_and_sends_nothing(
    first: Endpoint, build: Build
) -> None:
    gateway = build(first, model_breaker_failures=1)
    first.will(DOWN, 500)
    for call in (1, 2):
        with pytest.raises(ModelError) as caught:
            await think(gateway, key=another(call))
    assert caught.value.retryable
    assert caught.value.retry_after == pytest.approx(30, abs=2)
    assert len(first.requests) == 1


def keyed(endpoint: Endpoint, *keys: str) -> list[ModelRoute]:
    return [ModelRoute(name="one", base_url=endpoint.url, model="m", keys=list(keys))]


def shown(endpoint: Endpoint) -> list[str]:
    return [headers["authorization"].removeprefix("Bearer ") for headers in endpoint.headers]


@pytest.mark.parametrize("status", [401, 429])
async def test_key_that_is_turned_away_makes_room_for_the_next_one_for_good(
    first: Endpoint, build: Build, tmp_path: Path, status: int
) -> None:
    file = tmp_path / "keys"
    file.write_text("k-1\n\nk-2\n")
    gateway = build(routes=keyed(first, f"file:{file}"))
    first.will(DOWN, status)
    first.will(ANSWER)
    first.will(ANSWER)
    await think(gateway)
    await think(gateway, key=another(1))
    assert shown(first) == ["k-1", "k-2", "k-2"]


async def test_other_failures_do_not_burn_the_next_key(
    first: Endpoint, build: Build, tmp_path: Path
) -> None:
    file = tmp_path / "keys"
    file.write_text("k-1\nk-2\n")
    first.will(DOWN, 500)
    with pytest.raises(ModelError):
        await think(build(routes=keyed(first, f"file:{file}")))
    assert shown(first) == ["k-1"]


async def test_new_keys_are_used_without_a_restart(
    first: Endpoint, build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "keys"
    file.write_text("old")
    monkeypatch.setenv("THE_MODEL_KEY", "old-too")
    gateway = build(routes=keyed(first, f"file:{file}", "env:THE_MODEL_KEY"))
    first.will(DOWN, 401)
    first.will(DOWN, 401)
    with pytest.raises(ModelError):
        await think(gateway)
    file.write_text("new")
    first.will(ANSWER)
    await think(gateway, key=another(1))
    monkeypatch.setenv("THE_MODEL_KEY", "newest")
    file.unlink()
    first.will(ANSWER)
    await think(gateway, key=another(2))
    assert shown(first) == ["old", "old-too", "new", "newest"]


async def test_the_single_model_setting_takes_further_keys(
    first: Endpoint, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_MODEL_KEY", "k-2")
    gateway = build(
        model="m",
        model_base_url=first.url,
        model_api_key="k-1",
        model_keys=["env:THE_MODEL_KEY"],
        routes=keyed(first),
    )
    first.will(DOWN, 401)
    first.will(ANSWER)
    assert (await think(gateway, route="m")).engine == "m"
    assert shown(first) == ["k-1", "k-2"]


async def test_agent_is_never_answered_by_a_route_it_may_not_use(
    first: Endpoint, second: Endpoint, build: Build
) -> None:
    routes = [
        ModelRoute(name="one", base_url=first.url, model="m", agents=["reviewer"]),
        ModelRoute(name="two", base_url=second.url, model="m", agents=["consultant"]),
    ]
    gateway = build(routes=routes)
    second.will(ANSWER)
    assert (await think(gateway, route="one")).engine == "two"
    second.will(DOWN, 500)
    with pytest.raises(ModelError):
        await think(gateway, key=another(1))
    with pytest.raises(ModelError, match="triage may use no model route"):
        await think(gateway, agent="triage", key=another(2))
    assert first.requests == []


def test_playbook_gives_each_agent_its_first_route_and_the_others_none(first: Endpoint) -> None:
    routes = [
        ModelRoute(name="one", base_url=first.url, model="m", agents=["reviewer"]),
        ModelRoute(name="two", base_url=first.url, model="m", agents=["reviewer", "consultant"]),
    ]
    playbook = SettingsPlaybooks(Settings(model_routes=routes)).resolve("t")
    assert playbook.routes == {"reviewer": "one", "consultant": "two"}
    assert playbook.route("triage") == "extractive"


async def test_tenant_over_its_day_sends_nothing_and_others_go_on(
    first: Endpoint, build: Build, stores: Stores
) -> None:
    gateway = build(first, tenant_tokens_per_day=8_000)
    first.will(ANSWER)
    await think(gateway)
    used = sum(stores.quotas.used("a"))
    stores.quotas.take("a", another(1), 8_000 - used, per_minute=0, per_day=0)
    with pytest.raises(ModelError) as caught:
        await think(gateway, key=CallKey(ticket_id="t2", round=1, step="consult"))
    assert (caught.value.kind, caught.value.retryable) == ("quota", False)
    assert "MENDWHEEL_TENANT_TOKENS_PER_DAY" in str(caught.value)
    first.will(ANSWER)
    assert (await think(gateway, tenant="b", key=another(9))).engine == "one"
    assert len(first.requests) == 2


async def test_tenant_over_its_minute_is_told_to_wait_and_the_route_is_not_blamed(
    first: Endpoint, build: Build, stores: Stores
) -> None:
    gateway = build(first, tenant_tokens_per_minute=6_000, model_breaker_failures=1)
    stores.quotas.take("a", another(1), 5_900, per_minute=6_000, per_day=0)
    with pytest.raises(ModelError) as caught:
        await think(gateway)
    assert (caught.value.kind, caught.value.retryable) == ("quota", True)
    assert 0 < (caught.value.retry_after or 0) <= 60
    assert stores.budgets.spent("t") == 0
    first.will(ANSWER)
    assert (await think(gateway, tenant="b")).engine == "one"


async def test_call_made_again_after_its_end_costs_again(
    first: Endpoint, build: Build, stores: Stores
) -> None:
    gateway = build(first)
    for _ in range(3):
        first.will(ANSWER)
        await think(gateway)
    assert stores.budgets.spent("t") == 3 * 57


async def test_same_question_in_the_same_tenant_is_asked_once(
    first: Endpoint, build: Build, stores: Stores
) -> None:
    gateway = build(first, model_cache_seconds=60)
    first.will(ANSWER)
    asked = await think(gateway)
    kept = await think(gateway, key=CallKey(ticket_id="t2", round=1, step="consult"))
    assert (kept.output, kept.engine) == (asked.output, "one")
    assert (kept.prompt_tokens, stores.budgets.spent("t2")) == (0, 0)
    first.will(ANSWER)
    await think(gateway, tenant="b", key=another(3))
    first.will(ANSWER)
    await think(gateway, Report(title="Export", body="And one of 3 GB?"), key=another(4))
    assert len(first.requests) == 3


async def test_route_that_is_pointed_at_another_model_or_place_is_asked_anew(
    first: Endpoint, second: Endpoint, build: Build
) -> None:
    def route(endpoint: Endpoint, model: str) -> ModelRoute:
        return ModelRoute(name="one", base_url=endpoint.url, model=model)

    for endpoint in (first, first, second):
        endpoint.will(ANSWER)
    pointed = [(first, "m"), (first, "m"), (first, "m-2"), (second, "m-2"), (second, "m-2")]
    for number, (endpoint, model) in enumerate(pointed):
        gateway = build(routes=[route(endpoint, model)], model_cache_seconds=60)
        await think(gateway, key=another(number))
    assert [each["model"] for each in first.requests] == ["m", "m-2"]
    assert len(second.requests) == 1


async def test_answer_kept_for_one_secret_is_restored_with_the_next_reporters_own(
    first: Endpoint, build: Build
) -> None:
    gateway = build(first, model_cache_seconds=60)
    claim = {"text": "Reset <secret-1>.", "evidence_ids": ["K1"]}
    first.will(chat(json.dumps({**GOOD, "claims": [claim]})))
    said = []
    for number, secret in enumerate(("hunter2", "swordfish")):
        report = Report(title="Login", body=f"password={secret} fails")
        output = (await think(gateway, report, key=another(number))).output
        assert isinstance(output, Answer)
        said.append(output.claims[0].text)
    assert said == ["Reset hunter2.", "Reset swordfish."]
    assert len(first.requests) == 1


async def test_nothing_kept_holds_a_secret(first: Endpoint, build: Build, stores: Stores) -> None:
    gateway = build(first, model_cache_seconds=60)
    claim = {"text": "Reset <secret-1>.", "evidence_ids": ["K1"]}
    first.will(chat(json.dumps({**GOOD, "claims": [claim]})))
    await think(gateway, Report(title="Login", body="password=hunter2 fails"))
    [(key,)] = stores.store.rows("SELECT key FROM model_answers")
    kept = stores.answers.get("a", key)
    assert kept is not None
    assert "<secret-1>" in kept
    assert "hunter2" not in kept


async def test_wish_to_read_and_a_reviewers_verdict_are_not_kept(
    first: Endpoint, build: Build
) -> None:
    gateway = build(first, model_cache_seconds=60)
    wish = {**GOOD, "calls": [{"tool": "knowledge", "query": "export"}]}
    brief = Brief(report=REPORT, last_turn=False)
    for call in range(2):
        first.will(chat(json.dumps(wish)))
        await think(gateway, brief=brief, key=another(call))
    for call in range(2):
        first.will(chat(json.dumps({"verdict": "accept", "claims": []})))
        await think(gateway, agent="reviewer", key=another(10 + call))
    assert len(first.requests) == 4


async def test_answer_with_a_secret_of_its_own_is_sent_back_once(
    first: Endpoint, build: Build
) -> None:
    leak = "ghp_" + "a1B2" * 9
    claim = {"text": f"Use {leak}.", "evidence_ids": ["K1"]}
    first.will(chat(json.dumps({**GOOD, "claims": [claim]})))
    first.will(ANSWER)
    output = (await think(build(first))).output
    assert output == Answer.model_validate(GOOD)
    assert "looks like a secret" in first.requests[1]["messages"][-1]["content"]


async def test_answer_in_a_language_nobody_used_is_sent_back_once(
    first: Endpoint, build: Build
) -> None:
    said = "导出两千兆字节的数据通常需要大约十分钟的时间," * 3
    claim = {"text": said, "evidence_ids": ["K1"]}
    foreign = chat(json.dumps({**GOOD, "claims": [claim]}))
    first.will(foreign)
    first.will(foreign)
    with pytest.raises(Garbage) as caught:
        await think(build(first))
    assert caught.value.problem == "language"
    first.will(foreign)
    item = Evidence(kind=EvidenceKind.PASSAGE, title="d", source="d", text=said)
    quoted = await think(build(first), brief=Brief(report=REPORT, evidence=[item]), key=another(1))
    assert isinstance(quoted.output, Answer)


TRIAGE = chat(json.dumps({"kind": "consulting", "severity": "low", "confidence": 0.9}))


def judged(flagged: bool) -> dict[str, Any]:
    result = {"flagged": flagged, "categories": {"violence": flagged}, "category_scores": {}}
    return {"id": "m", "model": "m", "results": [result]}


@pytest.mark.parametrize(
    ("answers", "suspicious"),
    [
        ([judged(False), judged(False)], False),
        ([judged(False), judged(True)], True),
        ([judged(False), {"results": []}], True),
        ([judged(False), "<html>"], True),
    ],
    ids=["fine", "flagged", "judged nothing", "no moderation"],
)
async def test_report_nobody_can_vouch_for_is_suspicious(
    first: Endpoint, second: Endpoint, build: Build, answers: list[Any], suspicious: bool
) -> None:
    gateway = build(first, moderation_base_url=second.url, moderation_model="mod")
    first.will(TRIAGE)
    for answer in answers:
        second.will(answer)
    report = Report(title="Login", body="ann@example.com cannot log in")
    output = (await think(gateway, report, agent="triage")).output
    assert isinstance(output, Triage)
    assert output.suspicious is suspicious
    assert second.requests[-1]["model"] == "mod"
    assert "ann@example.com" not in json.dumps(second.requests)


async def test_answer_nobody_can_vouch_for_is_not_used(
    first: Endpoint, second: Endpoint, build: Build
) -> None:
    gateway = build(first, moderation_base_url=second.url)
    first.will(ANSWER)
    second.will(DOWN, 500)
    with pytest.raises(ModelError) as caught:
        await think(gateway)
    assert (caught.value.kind, caught.value.retryable) == ("suspicious", False)
    assert "MENDWHEEL_MODERATION_BASE_URL" in str(caught.value)


async def test_answer_that_is_flagged_twice_is_garbage(
    first: Endpoint, second: Endpoint, build: Build
) -> None:
    gateway = build(first, moderation_base_url=second.url)
    for _ in range(2):
        first.will(ANSWER)
        second.will(judged(True))
    with pytest.raises(Garbage, match="violence") as caught:
        await think(gateway)
    assert caught.value.problem == "moderated"


async def test_every_request_is_written_down_with_its_cost_and_no_text(
    first: Endpoint, second: Endpoint, build: Build, stores: Stores
) -> None:
    routes = [
        ModelRoute(name="one", base_url=first.url, model="m-1"),
        ModelRoute(
            name="two", base_url=second.url, model="m-2", prompt_price=2.0, completion_price=10.0
        ),
    ]
    gateway = build(routes=routes, model_cache_seconds=60)
    first.will(DOWN, 500)
    second.will(chat("no"))
    second.will(ANSWER)
    await think(gateway)
    first.will(DOWN, 500)
    await think(gateway, key=CallKey(ticket_id="t2", round=1, step="consult"))
    kept, _, good, garbage, down = stores.calls.list()
    assert (down.route, down.failure, down.prompt_tokens) == ("one", "unavailable", 0)
    assert (garbage.failure, garbage.prompt_tokens) == ("garbage: schema", 50)
    assert (good.model, good.failure, good.cached) == ("m-2", "", False)
    assert (good.agent, good.prompt_version) == ("consultant", AGENTS["consultant"].prompt)
    assert good.cost == pytest.approx((50 * 2 + 7 * 10) / 1e6)
    assert good.seconds > 0
    assert (kept.ticket_id, kept.cached, kept.cost, kept.tenant) == ("t2", True, 0, "a")
    dump = json.dumps(stores.store.rows("SELECT * FROM model_calls"))
    assert "export" not in dump.lower()


async def test_budget_that_one_route_ate_is_not_the_reason_given(
    first: Endpoint, second: Endpoint, build: Build, stores: Stores
) -> None:
    first.will(ANSWER, delay=20)
    routes = [
        ModelRoute(name="one", base_url=first.url, model="m", timeout_seconds=0.2),
        ModelRoute(name="two", base_url=second.url, model="m"),
    ]
    with pytest.raises(ModelError) as caught:
        await think(build(routes=routes, token_budget=6_000))
    assert (caught.value.kind, second.requests) == ("timeout", [])
    with pytest.raises(BudgetExhausted):
        await think(build(second, token_budget=6_000), key=another(5))


async def test_fifty_questions_of_one_ticket_at_once_never_cost_more_than_its_budget(
    first: Endpoint, build: Build, stores: Stores
) -> None:
    gateway = build(first, token_budget=20_000, tenant_tokens_per_day=1_000_000)
    for _ in range(50):
        first.will(ANSWER, delay=0.3)
    calls = [think(gateway, key=another(number)) for number in range(50)]
    came = await asyncio.gather(*calls, return_exceptions=True)
    answered = [each for each in came if isinstance(each, Thinking)]
    assert 0 < len(answered) < 50
    assert all(isinstance(each, BudgetExhausted) for each in came if each not in answered)
    assert len(first.requests) == len(answered)
    assert stores.budgets.spent("t") == 57 * len(answered) == stores.quotas.used("a")[1]


async def test_question_broken_off_stays_counted_with_its_worst_case(
    first: Endpoint, build: Build, stores: Stores
) -> None:
    gateway = build(first, tenant_tokens_per_day=1_000_000)
    first.will(ANSWER, delay=20)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await think(gateway)
    worst = stores.budgets.spent("t")
    assert worst == stores.quotas.used("a")[1] > 2000
    first.will(ANSWER)
    await think(gateway)
    assert stores.budgets.spent("t") == stores.quotas.used("a")[1] == worst + 57


async def test_tickets_that_no_route_takes_do_not_shut_it_for_others(
    first: Endpoint, build: Build
) -> None:
    gateway = build(first, model_breaker_failures=2)
    for call in range(4):
        first.will(DOWN, 400)
        with pytest.raises(ModelError) as caught:
            await think(gateway, key=another(call))
        assert caught.value.kind == "unfit"
    first.will(ANSWER)
    assert (await think(gateway, key=another(9))).engine == "one"


async def test_request_unfit_for_one_route_is_answered_by_the_next(
    first: Endpoint, second: Endpoint, build: Build, stores: Stores
) -> None:
    first.will(DOWN, 400)
    second.will(ANSWER)
    assert (await think(build(first, second))).engine == "two"
    assert stores.budgets.spent("t") == 57
