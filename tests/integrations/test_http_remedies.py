"""One HTTP call against a real server that loses answers, is slow, refuses or moves."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr, ValidationError
from temporalio.exceptions import ApplicationError

from mendwheel.activities import calling
from mendwheel.activities.calling import Calling
from mendwheel.contracts.writing import NOT_DONE, UNKNOWN, WriteRequest
from mendwheel.domain.ids import EffectKey, arguments_digest, digest
from mendwheel.domain.remedy import Receipt, Risk
from mendwheel.effects.perform import EffectHeld
from mendwheel.integrations.http_remedies import HttpSender, sender
from mendwheel.policy.live import LivePolicy
from mendwheel.ports import LedgerConflict, PlaceError
from mendwheel.settings import Settings, SettingsError
from mendwheel.stores.bundle import Stores
from mendwheel.tools.http_calls import HttpCall, HttpCheck, HttpLook
from mendwheel.tools.registry import Registry, RemedySpec
from tests.http_target import Target

KEY = EffectKey(ticket_id="mendwheel-default-jira-LP-1", round=1, step="remedy", target="scale")
ARGUMENTS = {"service": "shop", "copies": 3}


class Scale(BaseModel):
    service: str
    copies: int = 1


@pytest.fixture
def target() -> Iterator[Target]:
    with Target().serving() as target:
        yield target


def spec(target: Target, *, look: bool = False, **call: Any) -> RemedySpec:
    found = HttpLook(url=f"{target.url}/effects/{{key}}", field="state") if look else None
    fields = {
        "url": f"{target.url}/services/{{service}}/scale",
        "query": {"why": "mendwheel"},
        "secrets": {"Authorization": "pager"},
        "look": found,
    }
    return RemedySpec(
        name="scale",
        description="Scale a service.",
        arguments=Scale,
        risk=Risk.LOW,
        http=HttpCall(**fields | call),
    )


class Bench:
    """The activity over a real store and server; attempts and leases are short."""

    def __init__(self, stores: Stores, remedy: RemedySpec) -> None:
        self.stores = stores
        self._policy = stores.store.path.with_name("policy.toml")
        self.stopped(False)
        targets = HttpSender({"pager": SecretStr("Bearer s3cret")}, deadline=0.5)
        self.activity = Calling(
            *(targets, Registry([remedy]), stores.ledger, stores.audit, LivePolicy(self._policy))
        )

    def stopped(self, stopped: bool) -> None:
        """Somebody turns the kill switch."""
        switch = str(stopped).lower()
        said = f'kill_switch = {switch}\nallowed_tools = ["*"]\n[approvers]\ndefault = ["ada"]\n'
        self._policy.write_text(said, "utf-8")

    def call(self, *, looked: bool = False, **arguments: Any) -> Receipt:
        said = arguments or ARGUMENTS
        return self.activity.call(WriteRequest(key=KEY, arguments=said, looked=looked))


@pytest.fixture
def bench(
    tmp_path: Path, target: Target, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Bench]]:
    # An attempt that failed is over when it returns: here nothing need be outwaited.
    monkeypatch.setattr(calling, "LEASE", 0.0)
    with Stores(tmp_path / "store.db") as stores:
        stores.ledger.claim(KEY, arguments_digest("scale", ARGUMENTS), 0.0)
        yield lambda **how: Bench(stores, spec(target, **how))


def test_it_is_sent_once_with_its_key_and_secret_and_the_receipt_stands(
    bench: Callable[..., Bench], target: Target
) -> None:
    one = bench()
    first = one.call()
    assert one.call() == first
    assert target.done == [("POST", "/services/shop/scale?why=mendwheel", {"copies": 3})]
    assert target.keys == [digest(str(KEY))]
    assert target.headers[0]["Authorization"] == "Bearer s3cret"
    assert "s3cret" not in str(one.stores.audit.read(KEY.ticket_id)) + first.detail


@pytest.mark.parametrize("way", ["lose", "slow", "done-502"])
def test_an_answer_lost_after_it_was_done_is_looked_up_and_not_done_again(
    bench: Callable[..., Bench], target: Target, way: str
) -> None:
    target.ways = [way]
    with pytest.raises(PlaceError) as lost:
        bench(look=True).call()
    assert (lost.value.retryable, lost.value.kind) == (True, "unknown")
    assert bench(look=True).call().detail == "found"
    assert len(target.done) == 1


@pytest.mark.parametrize("way", ["lose", "slow", "done-502"])
def test_where_the_target_honours_the_key_the_same_key_is_sent_again(
    bench: Callable[..., Bench], target: Target, way: str
) -> None:
    target.ways, target.honours = [way], True
    with pytest.raises(PlaceError):
        bench(honours_key=True).call()
    assert bench(honours_key=True).call().detail.startswith("200")
    assert len(target.done) == 1
    assert len(set(target.keys)) == 1
    assert len(target.keys) == 2


@pytest.mark.parametrize("way", ["lose", "slow", "503", "408", "409", "303"])
def test_where_nothing_can_tell_it_goes_to_a_person_and_only_what_they_say_repeats_it(
    bench: Callable[..., Bench], target: Target, way: str
) -> None:
    target.ways = [way]
    one = bench()
    with pytest.raises(ApplicationError) as lost:
        one.call()
    assert (lost.value.type, lost.value.non_retryable) == (UNKNOWN, True)
    with pytest.raises(ApplicationError, match="it is not known what came of it"):
        one.call()
    sent = len(target.headers)
    assert one.call(looked=True).detail.startswith("200")
    assert len(target.headers) == sent + 1 == 2


def test_a_crash_between_write_and_receipt_is_looked_up(
    bench: Callable[..., Bench], target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = bench(look=True)
    with monkeypatch.context() as crash:
        crash.setattr(one.stores.ledger, "done", _die)
        with pytest.raises(KeyboardInterrupt):
            one.call()
    assert one.call().detail == "found"
    assert len(target.done) == 1


def test_a_blind_look_up_writes_nothing_and_is_tried_again(
    bench: Callable[..., Bench], target: Target
) -> None:
    target.ways, target.blind = ["lose"], True
    one = bench(look=True)
    for _ in range(2):
        with pytest.raises(PlaceError) as error:
            one.call()
        assert error.value.retryable
    target.blind = False
    assert one.call().detail == "found"
    assert len(target.done) == 1


def test_while_an_attempt_may_still_be_writing_nobody_else_does(
    bench: Callable[..., Bench], target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "LEASE", 10.0)
    target.ways = ["lose"]
    one = bench(look=True)
    with pytest.raises(PlaceError):
        one.call()
    with pytest.raises(EffectHeld):
        one.call()
    assert len(target.headers) == 1


@pytest.mark.parametrize("way", ["429", "425"])
def test_turned_away_is_tried_again_when_the_target_says_though_nothing_could_look(
    bench: Callable[..., Bench], target: Target, way: str
) -> None:
    target.ways = [way]
    with pytest.raises(PlaceError) as later:
        bench().call()
    assert later.value.retryable
    assert later.value.retry_after == (0.0 if way == "429" else None)
    assert bench().call().detail.startswith("200")
    assert len(target.done) == 1


def test_a_target_that_is_down_was_sent_nothing(
    bench: Callable[..., Bench], target: Target
) -> None:
    with pytest.raises(PlaceError, match="nothing was sent"):
        bench(url="http://127.0.0.1:9/x").call()
    assert bench().call().detail.startswith("200")


@pytest.mark.parametrize("way", ["403", "404", "422", "307"])
def test_a_definite_refusal_is_final_and_followed_nowhere(
    bench: Callable[..., Bench], target: Target, way: str
) -> None:
    target.ways = [way]
    with pytest.raises(ApplicationError) as refused:
        bench().call()
    assert (refused.value.type, refused.value.non_retryable) == (NOT_DONE, True)
    assert "hunter2" not in refused.value.message
    assert (target.done, target.asked, len(target.headers)) == ([], [], 1)


def test_the_kill_switch_stops_the_next_attempt_and_hides_none_before_it(
    bench: Callable[..., Bench], target: Target
) -> None:
    looking, blind = bench(look=True), bench(honours_key=True)
    looking.stopped(True)
    with pytest.raises(ApplicationError, match="the kill switch is on") as stopped:
        looking.call()
    assert (stopped.value.type, target.done) == (NOT_DONE, [])
    looking.stopped(False)
    target.ways = ["lose"]
    with pytest.raises(PlaceError):
        looking.call()
    looking.stopped(True)
    with pytest.raises(ApplicationError, match="may have been done") as stopped:
        blind.call()
    assert stopped.value.type == UNKNOWN
    assert looking.call().detail == "found"
    assert len(target.done) == 1


def test_what_was_not_permitted_or_with_other_arguments_is_not_sent(
    bench: Callable[..., Bench], target: Target
) -> None:
    one = bench()
    with pytest.raises(LedgerConflict):
        one.call(service="shop", copies=4)
    other = KEY.model_copy(update={"round": 2})
    with pytest.raises(ApplicationError, match="not permitted"):
        one.activity.call(WriteRequest(key=other, arguments=ARGUMENTS))
    assert target.headers == []


@pytest.mark.parametrize("value", ["..", ".", "", "a/../../admin", "x?y=1#z", "@evil.test:80/"])
def test_no_argument_leads_a_call_elsewhere(target: Target, value: str) -> None:
    call = HttpCall(url=f"{target.url}/services/{{service}}/scale", query={"q": "{service}"})
    try:
        address = call.address({"service": value})
    except ValueError:
        assert not value.strip(".")
        return
    path, _, query = address.removeprefix(target.url).partition("?")
    assert path.count("/") == 3
    assert "#" not in address
    assert query.count("=") == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"url": "https://{service}.example.net/x"}, "name the host"),
        ({"url": "ftp://example.net/"}, "needs http"),
        ({"url": "https://u:p@example.net/"}, "`secrets`"),
        ({"url": "https://example.net/?a={service}"}, "`query`"),
        ({"url": "https://example.net/{other}"}, "is no argument"),
        ({"headers": {"Idempotency-key": "x"}}, "is set by Mendwheel"),
    ],
)
def test_an_address_that_a_ticket_could_bend_is_not_registered(
    target: Target, fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        spec(target, **fields)


def test_a_secret_that_is_not_set_stops_the_worker(target: Target, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="MENDWHEEL_REMEDY_SECRETS__PAGER"):
        sender(Settings(home=tmp_path), Registry([spec(target)]))


def test_a_check_is_green_only_for_the_status_and_field_it_names(target: Target) -> None:
    ask = HttpSender({}, deadline=0.5).check
    check = HttpCheck(url=f"{target.url}/health", field="state.healthy", equals=True)
    assert ask(check, {}).ok
    for target.healthy in (False, "true", None):
        assert not ask(check, {}).ok
    assert not ask(check.model_copy(update={"url": f"{target.url}/away"}), {}).ok
    target.blind = True
    assert not ask(check, {}).ok
    assert not ask(check.model_copy(update={"url": "http://127.0.0.1:9/"}), {}).ok


def _die(*_: object) -> None:
    raise KeyboardInterrupt
