"""The reviewer sees claims and what they cite, and is another model where there is one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mendwheel.activities.briefs import Texts
from mendwheel.agents import AGENTS
from mendwheel.agents.agent import Brief
from mendwheel.contracts.thinking import ThinkRequest
from mendwheel.domain.diagnosis import Claim, Diagnosis, DiagnosisNote, Stance, Triage
from mendwheel.domain.evidence import Dossier, Evidence, EvidenceKind
from mendwheel.domain.hypothesis import Hypothesis
from mendwheel.domain.playbook import Playbook
from mendwheel.domain.ticket import Report
from mendwheel.gateway.messages import build
from mendwheel.playbooks import SettingsPlaybooks
from mendwheel.security.redaction import Mask
from mendwheel.settings import Settings
from mendwheel.settings_models import ModelRoute
from mendwheel.stores.bundle import Stores
from tests import tickets

AUTHORED = Diagnosis(
    stance=Stance.ANSWER,
    claims=[Claim(text="Links work for 72 hours.", evidence_ids=["K2"])],
    confidence=0.93,
    objections=["an earlier objection"],
    engine="tiny-1",
)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with Stores(tmp_path / "s.db") as stores:
        yield stores


def brief_of(agent: str, stores: Stores) -> Brief:
    texts = Texts(stores.artifacts)
    report = Report(title="How long do links work?", body="").model_dump_json()
    ticket = tickets.ticket(report=stores.artifacts.put("default", report))
    dossier = Dossier()
    dossier.add(
        [
            Evidence(kind=EvidenceKind.PASSAGE, title="Rates", source="rates", text="Ten a day."),
            Evidence(kind=EvidenceKind.PASSAGE, title="Links", source="links", text="72 hours."),
            Evidence(kind=EvidenceKind.FINDING, title="m", source="signals", text="Mail is slow"),
        ]
    )
    note = DiagnosisNote(
        ref=texts.keep(ticket, AUTHORED), stance=Stance.ANSWER, headline="h", confidence=0.93
    )
    dossier.hypotheses = [
        Hypothesis(component="mailer", fault="delay", proposed_by=["logs"], clearness=0.5)
    ]
    request = ThinkRequest(
        ticket=ticket, agent=agent, playbook=Playbook(version="v"), diagnosis=note,
        triage=Triage(kind="consulting"), dossier=texts.keep(ticket, dossier),
    )  # fmt: skip
    return texts.brief(request, [])


def prompt(agent: str, stores: Stores) -> str:
    brief = brief_of(agent, stores)
    messages = build(AGENTS[agent], brief, system="s", context_chars=8000, hide=lambda text: text)
    return messages[1]["content"]


def test_a_reviewer_is_shown_the_claims_and_what_they_cite_and_nothing_else(
    stores: Stores,
) -> None:
    said = prompt("reviewer", stores)
    assert "Links work for 72 hours." in said
    assert "72 hours." in said
    assert "How long do links work?" in said
    for hidden in ("Ten a day", "Mail is slow", "an earlier objection", "0.93", "Triage", "mailer"):
        assert hidden not in said


def test_an_author_is_shown_all_the_evidence_each_piece_once(stores: Stores) -> None:
    said = prompt("investigator", stores)
    assert "Ten a day" in said
    assert "an earlier objection" in said
    assert said.count("Mail is slow") == 1
    assert "Proposed by logs, clearness 0.50" in said


def route(model: str, *agents: str, name: str = "") -> ModelRoute:
    return ModelRoute(name=name, base_url="http://127.0.0.1:1/v1", model=model, agents=list(agents))


@pytest.mark.parametrize(
    ("routes", "author", "reviewer"),
    [
        ([route("a"), route("b")], "a", "b"),
        ([route("a", name="one"), route("a", name="two")], "one", "one"),
        ([route("a"), route("b", "triage")], "a", "a"),
        ([route("a"), route("b", name="second"), route("c")], "a", "second"),
    ],
)
def test_another_model_reviews_where_one_is_configured(
    routes: list[ModelRoute], author: str, reviewer: str, tmp_path: Path
) -> None:
    playbook = SettingsPlaybooks(Settings(home=tmp_path, model_routes=routes)).resolve("t")
    assert playbook.route("consultant") == author
    assert playbook.route("reviewer") == reviewer


def test_of_a_megabyte_only_what_a_prompt_holds_is_hidden_and_no_half_of_a_secret_shown() -> None:
    key = "-----BEGIN PRIVATE KEY-----\n" + "MIIEvQIBADAN\n" * 250 + "-----END PRIVATE KEY-----\n"
    for before in (0, 500, 2_000, 34_000, 35_000, 37_000):
        text = f"{'calm ' * (before // 5)}{key * 40}{'calm ' * 200_000}"
        exhibit = Evidence(id="X1", kind=EvidenceKind.EXHIBIT, title="log", source="l", text=text)
        brief = Brief(report=Report(title="t", body=text), evidence=[exhibit])
        mask, hidden = Mask(), list[int]()

        def hide(text: str, mask: Mask = mask, hidden: list[int] = hidden) -> str:
            hidden.append(len(text))
            return mask.hide(text)

        messages = build(AGENTS["investigator"], brief, system="s", context_chars=8000, hide=hide)
        # Hiding takes its time by the character.
        assert sum(hidden) < 150_000 < 2 * len(text)
        assert "MIIE" not in messages[1]["content"]
