"""Decisions from the command line are vouched for, refused to the face, and say what they did."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mendwheel.cli.app import run
from mendwheel.domain.approval import Reply, Ruling, RulingKind
from mendwheel.integrations.decisions import Decisions
from mendwheel.integrations.reach import DecisionRefused
from mendwheel.settings import Settings

Answering = Callable[[Reply | Exception], list[dict[str, Any]]]


@pytest.fixture
def answering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Answering:
    """Answers every decision with the same reply; returns what was sent."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MENDWHEEL_USER", "ana")

    def with_reply(reply: Reply | Exception) -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []

        class Answers(Decisions):
            def __init__(self) -> None:
                pass

            async def decide(self, ticket: str, approved: bool, **rest: Any) -> Reply:
                sent.append({"ticket": ticket, "approved": approved, **rest})
                if isinstance(reply, Exception):
                    raise reply
                return reply

        @asynccontextmanager
        async def connected(_: Settings) -> AsyncIterator[SimpleNamespace]:
            yield SimpleNamespace(decisions=Answers())

        monkeypatch.setattr("mendwheel.cli.session.connected", connected)
        return sent

    return with_reply


def approved_by(*names: str) -> Reply:
    return Reply(accepted=True, ruling=Ruling(kind=RulingKind.APPROVED, by=list(names)))


def test_the_person_who_is_logged_in_decides(answering: Answering) -> None:
    sent = answering(approved_by("ana"))
    assert run(["approve", "t", "--note", "seen"]) == 0
    assert run(["reject", "t", "--reason", "freeze"]) == 0
    assert [(each["approved"], each["subject"], each["note"]) for each in sent] == [
        (True, "ana", "seen"),
        (False, "ana", "freeze"),
    ]


def test_another_subject_and_a_certain_question_can_be_named(answering: Answering) -> None:
    sent = answering(approved_by("ben"))
    assert run(["approve", "t", "--as", "ben", "--request", "r-7"]) == 0
    assert (sent[0]["subject"], sent[0]["request_id"]) == ("ben", "r-7")


def test_the_help_says_what_naming_somebody_else_rests_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["approve", "--help"]) == 0
    words = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "whoever can read the attestation key can sign" in words


def test_a_refusal_is_said_to_the_face_with_its_own_exit_code(
    answering: Answering, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(DecisionRefused("t: already approved by ben"))
    assert run(["approve", "t"]) == 5
    assert capsys.readouterr().err == "mendwheel: t: already approved by ben\n"


def test_what_a_decision_did_is_said(
    answering: Answering, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(approved_by("ana", "b\x1b[31men"))
    run(["approve", "t"])
    assert capsys.readouterr().out == "approved by ana, ben\n"
    answering(Reply(accepted=True, waiting_for=2))
    run(["approve", "t"])
    assert capsys.readouterr().out == "counted: 2 more must agree\n"
    answering(Reply(accepted=True, reason="handed over; no worker has taken it in yet"))
    run(["approve", "t"])
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("sent\n", "handed over; no worker has taken it in yet\n")


def test_json_is_the_reply(answering: Answering, capsys: pytest.CaptureFixture[str]) -> None:
    answering(approved_by("ana"))
    assert run(["approve", "t", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["accepted"], said["ruling"]["kind"]) == (True, "approved")
