"""Whatever people paste becomes a ticket or a clear refusal; nothing is lost, nothing breaks."""

import os
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from mendwheel.domain.outcome import Outcome
from mendwheel.integrations.drafts import MAX_TEXT, Draft, File, clean
from mendwheel.integrations.intake import Intake
from mendwheel.integrations.reach import IntakeError, Reach, TemporalUnreachable, TicketNotFound
from mendwheel.plugin import MendwheelPlugin
from mendwheel.settings import Settings

pytestmark = pytest.mark.server


class Desk:
    """A worker, and the way in."""

    def __init__(self, client: Client, plugin: MendwheelPlugin, settings: Settings) -> None:
        self.client = client
        self.stores = plugin.house.stores
        self.intake = Intake(client, self.stores, settings)
        self.reach = Reach(client, settings)

    async def outcome(self, draft: Draft) -> Outcome:
        submitted = await self.intake.submit(draft)
        return await self.reach.handle(submitted.ticket_id).result(
            rpc_timeout=timedelta(seconds=30)
        )


@pytest.fixture
async def desk(client: Client, settings: Settings) -> AsyncIterator[Desk]:
    plugin = MendwheelPlugin(settings, strict=True)
    config = client.config(active_config=True)
    config["plugins"] = [plugin]
    speaking = Client(**config)
    with plugin.house.stores:
        async with Worker(speaking, task_queue=settings.task_queue):
            yield Desk(speaking, plugin, settings)


def draft(title: str = "", body: str = "", **fields: object) -> Draft:
    return Draft.model_validate(
        {"title": title, "body": body, "reporter": "ana", "key": os.urandom(4).hex()} | fields
    )


@pytest.mark.parametrize("text", ["", "   \n\t  ", "\u200b".strip("\u200b")])
async def test_an_empty_ticket_is_refused_with_the_way_out(desk: Desk, text: str) -> None:
    with pytest.raises(IntakeError, match="has no text: say in a sentence"):
        await desk.intake.submit(draft(text, text))


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "why?\x00\x00 is \x00 this\x07 \x1b[31mred\x1b[0m broken",
        "\u202eמדוע האתר לא עובד\u202c؟ الموقع لا يعمل 🚚🔥👩‍🚒",
        "a lone surrogate \ud83d here",
        "[link](javascript:alert(1)) <script>alert(1)</script> ![x](http://127.0.0.1/x)",
        '" OR 1=1; DROP TABLE cases; -- NEAR/3 * ^ AND (',
        "{{ ticket }} {0} %s ${HOME} `id` $(id)",
    ],
    ids=["1MB", "nul", "rtl+emoji", "surrogate", "markup", "query syntax", "templates"],
)
async def test_hostile_text_ends_in_an_outcome(desk: Desk, text: str) -> None:
    files = [File(name="log\x00.txt", media="logs", text=text)]
    outcome = await desk.outcome(draft(text[:5000], text, files=files))
    assert outcome.kind.value in {"handed_over", "asked_back", "no_action", "proposed"}
    said = "".join(text for _, text in desk.stores.desk.thread(outcome.ticket_id))
    assert "\x00" not in said


async def test_a_text_too_long_is_cut_and_says_so(desk: Desk) -> None:
    cut = clean("y" * (MAX_TEXT + 5))
    assert len(cut) < MAX_TEXT + 100
    assert cut.endswith("[cut: 5 more characters]")


async def test_the_title_in_history_holds_no_secret(desk: Desk) -> None:
    token = "xoxb-" + "123456789012-123456789012-abcdefghijklmnopqrstuvwx"
    submitted = await desk.intake.submit(draft(f"login with {token} fails"))
    history = await desk.reach.handle(submitted.ticket_id).fetch_history()
    assert token not in history.to_json()


async def test_the_same_words_twice_are_one_ticket(desk: Desk) -> None:
    again = {"key": None, "place": "C42"}
    first = await desk.intake.submit(draft("Is it down?", **again))
    await desk.reach.handle(first.ticket_id).result()
    with pytest.raises(IntakeError, match=f"mendwheel reopen {first.ticket_id}"):
        await desk.intake.submit(draft("is  it DOWN?", **again))


async def test_an_unknown_ticket_is_named(desk: Desk) -> None:
    with pytest.raises(TicketNotFound, match="no-such-ticket"):
        await desk.reach.status("no-such-ticket")
    with pytest.raises(TicketNotFound, match="no-such-ticket"):
        await desk.intake.inform("no-such-ticket", "ana", "hello?")
    with pytest.raises(TicketNotFound, match="no-such-ticket"):
        await desk.intake.reopen("no-such-ticket", "ana", "hello?")


async def test_a_closed_ticket_is_reopened_as_the_next_round(desk: Desk) -> None:
    first = await desk.outcome(draft("How do I export parcels?"))
    assert first.round == 1
    await desk.intake.reopen(first.ticket_id, "ana", "the answer did not help")
    second = await desk.reach.handle(first.ticket_id).result()
    assert second.round == 2


async def test_temporal_away_is_said_with_how_to_start_it(settings: Settings) -> None:
    settings = settings.model_copy(update={"temporal_address": "127.0.0.1:1"})
    plugin = MendwheelPlugin(settings)
    away = await Client.connect("127.0.0.1:1", lazy=True, plugins=[plugin])
    with plugin.house.stores:
        intake = Intake(away, plugin.house.stores, settings)
        with pytest.raises(TemporalUnreachable, match="mendwheel up"):
            await intake.submit(draft("Is anybody there?"))
