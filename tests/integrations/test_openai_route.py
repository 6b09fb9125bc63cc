"""The gateway against a real HTTP server, through the real client: every way it can go wrong."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from mendwheel.agents import AGENTS
from mendwheel.agents.agent import Brief
from mendwheel.agents.outputs import Answer
from mendwheel.domain.diagnosis import Stance
from mendwheel.domain.ticket import Report
from mendwheel.gateway.client import LARGEST
from mendwheel.gateway.configured import from_settings
from mendwheel.gateway.errors import BudgetExhausted, ModelError
from mendwheel.gateway.gateway import Gateway, Thinking
from mendwheel.gateway.openai_route import OpenAIRoute
from mendwheel.settings import Settings
from mendwheel.testing import InMemoryBudgets
from tests.integrations.model_site import GOOD, KEY, REPORT, Endpoint, chat, served


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    with served(monkeypatch) as endpoint:
        yield endpoint


@pytest.fixture
def budgets() -> InMemoryBudgets:
    return InMemoryBudgets()


@pytest.fixture
async def gateway(endpoint: Endpoint, budgets: InMemoryBudgets) -> AsyncIterator[Gateway]:
    route = OpenAIRoute(endpoint.url, "k-1", "m", timeout=5, max_tokens=300)
    gateway = Gateway({"m": route}, budgets, token_budget=20_000)
    yield gateway
    await gateway.aclose()


async def think(gateway: Gateway, report: Report = REPORT) -> Thinking:
    return await gateway.think(
        AGENTS["consultant"],
        Brief(report=report),
        route="m",
        prompt_version="consultant-1",
        key=KEY,
    )


async def failure(gateway: Gateway) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await think(gateway)
    assert len(str(caught.value).splitlines()) == 1
    return caught.value


async def test_good_answer_is_typed_and_settled(
    endpoint: Endpoint, gateway: Gateway, budgets: InMemoryBudgets
) -> None:
    endpoint.will(chat(json.dumps(GOOD)))
    thinking = await think(gateway)
    assert isinstance(thinking.output, Answer)
    assert thinking.output.stance is Stance.ANSWER
    assert (thinking.engine, thinking.prompt_tokens, thinking.completion_tokens) == ("m", 50, 7)
    assert budgets.tokens == {KEY: 57}
    sent = endpoint.requests[0]
    assert (sent["model"], sent["max_tokens"]) == ("m", 300)
    assert sent["response_format"]["json_schema"]["name"] == "Answer"
    assert endpoint.headers[0]["authorization"] == "Bearer k-1"


async def test_answer_in_a_markdown_fence_needs_no_repair(
    endpoint: Endpoint, gateway: Gateway
) -> None:
    endpoint.will(chat(f"<think>{{}}</think>Sure:\n```json\n{json.dumps(GOOD)}\n```"))
    assert (await think(gateway)).output == Answer.model_validate(GOOD)
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (chat("certainly!"), "Invalid JSON"),
        (chat(json.dumps({**GOOD, "confidence": 7})), "confidence"),
        (chat(""), "empty"),
        ({**chat(""), "choices": []}, "empty"),
        (chat(json.dumps(GOOD)[:40], finish="length"), "cut off at 300 tokens"),
        (chat(json.dumps({**GOOD, "calls": [{"tool": "knowledge"}]})), "calls must be empty"),
    ],
    ids=["no json", "out of range", "empty", "no choices", "truncated", "calls on last turn"],
)
async def test_garbage_is_repaired_once_and_both_calls_are_paid(
    endpoint: Endpoint,
    gateway: Gateway,
    budgets: InMemoryBudgets,
    first: dict[str, Any],
    told: str,
) -> None:
    endpoint.will(first)
    endpoint.will(chat(json.dumps(GOOD)))
    thinking = await think(gateway)
    assert (thinking.prompt_tokens, thinking.completion_tokens) == (100, 14)
    assert sum(budgets.tokens.values()) == 114
    assert [message["role"] for message in endpoint.requests[1]["messages"]] == [
        "system",
        "user",
        "assistant",
        "user",
    ]
    assert told in endpoint.requests[1]["messages"][-1]["content"]


async def test_garbage_twice_is_final(endpoint: Endpoint, gateway: Gateway) -> None:
    endpoint.will(chat("no"))
    endpoint.will(chat("still no", finish="length"))
    error = await failure(gateway)
    assert (error.kind, error.retryable) == ("garbage", False)
    assert len(endpoint.requests) == 2


@pytest.mark.parametrize(
    ("status", "kind", "retryable", "says"),
    [
        (307, "permanent", False, "not followed"),
        (400, "unfit", False, "400"),
        (413, "unfit", False, "413"),
        (401, "permanent", False, "MENDWHEEL_MODEL_API_KEY"),
        (403, "permanent", False, "403"),
        (404, "permanent", False, "MENDWHEEL_MODEL"),
        (422, "unfit", False, "422"),
        (408, "timeout", True, "408"),
        (409, "unavailable", True, "409"),
        (429, "rate_limited", True, "429"),
        (500, "unavailable", True, "500"),
        (503, "unavailable", True, "503"),
    ],
)
async def test_status_decides_whether_to_retry_and_one_request_is_made(
    endpoint: Endpoint, gateway: Gateway, status: int, kind: str, retryable: bool, says: str
) -> None:
    endpoint.will({"error": {"message": "no"}}, status)
    error = await failure(gateway)
    assert (error.kind, error.retryable) == (kind, retryable)
    assert says in str(error)
    assert len(endpoint.requests) == 1


async def test_retry_after_in_seconds_is_honoured(endpoint: Endpoint, gateway: Gateway) -> None:
    endpoint.will({"error": {"message": "slow down"}}, 429, retry_after="17")
    assert (await failure(gateway)).retry_after == 17


async def test_retry_after_as_a_date_is_honoured(endpoint: Endpoint, gateway: Gateway) -> None:
    at = datetime.now(UTC) + timedelta(seconds=90)
    endpoint.will({}, 503, retry_after=format_datetime(at, usegmt=True))
    wait = (await failure(gateway)).retry_after
    assert wait is not None
    assert 60 < wait <= 90


async def test_empty_account_is_not_waited_for(endpoint: Endpoint, gateway: Gateway) -> None:
    endpoint.will({"error": {"message": "pay", "code": "insufficient_quota"}}, 429)
    assert (await failure(gateway)).kind == "permanent"


async def test_error_never_repeats_a_key_the_endpoint_echoes(
    endpoint: Endpoint, gateway: Gateway
) -> None:
    echoed = "sk-" + "Ab3d" * 10
    endpoint.will({"error": {"message": f"Incorrect API key provided: {echoed}"}}, 401)
    assert echoed not in str(await failure(gateway))


async def test_refused_connection_is_retryable_and_named(endpoint: Endpoint) -> None:
    with socket.socket() as taken:  # bound but not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        route = OpenAIRoute(url, None, "m", timeout=5)
        gateway = Gateway({"m": route}, InMemoryBudgets(), token_budget=20_000)
        error = await failure(gateway)
        await gateway.aclose()
    assert (error.kind, error.retryable) == ("unavailable", True)
    assert url in str(error)


async def test_slow_endpoint_times_out_and_counts_with_its_worst_case(
    endpoint: Endpoint, budgets: InMemoryBudgets
) -> None:
    # Long enough to make the client and to send: that, too, is within the timeout.
    route = OpenAIRoute(endpoint.url, None, "m", timeout=2)
    gateway = Gateway({"m": route}, budgets, token_budget=20_000)
    endpoint.will(chat(json.dumps(GOOD)), delay=3600)  # whoever waits for it never ends
    error = await failure(gateway)
    await gateway.aclose()
    assert (error.kind, error.retryable) == ("timeout", True)
    assert len(endpoint.requests) == 1
    assert budgets.tokens[KEY] > 1000
    assert budgets.settled == {KEY}


@pytest.mark.parametrize(
    "answer",
    [chat(None, refusal="I cannot help with that"), chat("", finish="content_filter")],
    ids=["refusal", "content filter"],
)
async def test_refusal_is_final_and_not_argued_with(
    endpoint: Endpoint, gateway: Gateway, answer: dict[str, Any]
) -> None:
    endpoint.will(answer)
    error = await failure(gateway)
    assert (error.kind, error.retryable) == ("refused", False)
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    "answer",
    ["<html>welcome</html>", {"error": {"message": "overloaded"}}, {"choices": [None]}, []],
    ids=["html", "error with 200", "null choice", "list"],
)
async def test_answer_that_is_no_completion_names_the_base_url(
    endpoint: Endpoint, gateway: Gateway, answer: Any
) -> None:
    endpoint.will(answer)
    error = await failure(gateway)
    assert (error.kind, error.retryable) == ("unavailable", True)
    assert endpoint.url in str(error)


async def test_secrets_never_reach_the_wire_and_come_back_in_the_answer(
    endpoint: Endpoint, gateway: Gateway
) -> None:
    body = "login as ann@example.com with password=hunter2 fails"
    claim = {"text": "Reset <secret-1> of <email-1>.", "evidence_ids": ["K1"]}
    endpoint.will(chat("not json about <secret-1>"))
    endpoint.will(chat(json.dumps({**GOOD, "claims": [claim]})))
    thinking = await think(gateway, Report(title="Login of ann@example.com", body=body))
    wire = json.dumps(endpoint.requests)
    assert "hunter2" not in wire
    assert "ann@example.com" not in wire
    assert "password=<secret-1>" in wire
    assert isinstance(thinking.output, Answer)
    assert thinking.output.claims[0].text == "Reset hunter2 of ann@example.com."


async def test_exhausted_budget_sends_nothing(endpoint: Endpoint) -> None:
    route = OpenAIRoute(endpoint.url, None, "m")
    gateway = Gateway({"m": route}, InMemoryBudgets(), token_budget=1000)
    with pytest.raises(BudgetExhausted, match="MENDWHEEL_TOKEN_BUDGET"):
        await think(gateway)
    await gateway.aclose()
    assert endpoint.requests == []


async def test_worst_case_is_never_below_what_a_byte_tokenizer_would_count() -> None:
    route = OpenAIRoute("http://127.0.0.1:1/v1", None, "m", max_tokens=300)
    text = "Übergröße 超過 🚒"
    assert route.worst_case_tokens([{"role": "user", "content": text}]) >= len(text.encode()) + 300


def test_route_works_again_in_a_new_loop(endpoint: Endpoint) -> None:
    gateway = from_settings(Settings(model="m", model_base_url=endpoint.url), InMemoryBudgets())

    async def once() -> Thinking:
        try:
            return await think(gateway)
        finally:
            await gateway.aclose()

    for _ in range(2):
        endpoint.will(chat(json.dumps(GOOD)))
        assert asyncio.run(once()).engine == "m"
    assert endpoint.headers[0]["authorization"] == "Bearer none"


async def test_prompt_does_not_go_where_an_endpoint_points(
    endpoint: Endpoint, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(monkeypatch) as other:
        endpoint.will("", 307, location=f"{other.url}/chat/completions")
        other.will(chat(json.dumps(GOOD)))
        assert "not followed" in str(await failure(gateway))
        assert other.requests == []


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_answer_that_would_fill_the_memory_is_not_read(
    endpoint: Endpoint, gateway: Gateway, encoding: str
) -> None:
    endpoint.will(" " * (LARGEST + 1), content_encoding=encoding)
    error = await failure(gateway)
    assert error.kind == "unavailable"
    assert "more than 8 MB" in str(error) or "compression" in str(error)
    assert endpoint.headers[0]["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": "many"},
        {"prompt_tokens": [1]},
        {"prompt_tokens": -5000, "completion_tokens": 6000},
        {"prompt_tokens": 10**30},
        {"prompt_tokens": float("inf")},
        "none",
    ],
)
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
async def test_usage_that_cannot_be_leaves_the_worst_case_standing(
    endpoint: Endpoint, gateway: Gateway, budgets: InMemoryBudgets, usage: object
) -> None:
    endpoint.will(chat(json.dumps(GOOD)) | {"usage": usage})
    assert (await think(gateway)).prompt_tokens == 0
    assert budgets.tokens[KEY] > 2000


@pytest.mark.parametrize(
    "choice", [{}, {"message": None}, {"message": "hi"}, {"message": {"tool_calls": 5}}]
)
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
async def test_body_without_what_the_library_counts_on_is_garbage(
    endpoint: Endpoint, gateway: Gateway, choice: dict[str, Any]
) -> None:
    endpoint.will({"choices": [choice]})
    endpoint.will({"choices": [choice]})
    assert (await failure(gateway)).kind == "garbage"


@pytest.mark.parametrize("code", ["content_filter", "content_policy_violation"])
async def test_prompt_that_a_provider_objects_to_is_refused(
    endpoint: Endpoint, gateway: Gateway, code: str
) -> None:
    endpoint.will({"error": {"message": "filtered", "code": code}}, 400)
    assert (await failure(gateway)).kind == "refused"


async def test_time_that_ran_out_is_paid_and_the_next_attempt_as_well(
    endpoint: Endpoint, budgets: InMemoryBudgets
) -> None:
    route = OpenAIRoute(endpoint.url, "k-1", "m", timeout=0.4, max_tokens=300)
    gateway = Gateway({"m": route}, budgets, token_budget=8_000)
    for _ in range(9):
        endpoint.will(chat(json.dumps(GOOD)), delay=1.5)
    worst = 0
    for _ in range(9):
        with pytest.raises(ModelError) as caught:
            await think(gateway)
        worst = worst or budgets.tokens[KEY]
        if caught.value.kind == "budget":
            break
    assert caught.value.kind == "budget"
    assert worst <= len(endpoint.requests) * worst <= sum(budgets.tokens.values()) <= 8_000
    await gateway.aclose()


async def test_failures_that_nobody_is_paid_for_leave_the_budget_whole(
    endpoint: Endpoint, gateway: Gateway, budgets: InMemoryBudgets
) -> None:
    for status in (500, 503, 429):
        endpoint.will({"error": {"message": "no"}}, status)
        await failure(gateway)
    nobody = OpenAIRoute("http://127.0.0.1:9/v1", None, "m", timeout=5)
    away = Gateway({"m": nobody}, budgets, token_budget=20_000)
    assert (await failure(away)).kind == "unavailable"
    await away.aclose()
    assert sum(budgets.tokens.values()) == 0


async def test_answer_that_cannot_be_read_may_have_been_paid(
    endpoint: Endpoint, gateway: Gateway, budgets: InMemoryBudgets
) -> None:
    endpoint.will(" " * (LARGEST + 1))
    assert (await failure(gateway)).kind == "unavailable"
    assert sum(budgets.tokens.values()) > 2000
