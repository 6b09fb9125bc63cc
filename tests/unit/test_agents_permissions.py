"""Settings take reads and senses from agents, and give them none."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mendwheel.activities.briefs import Texts
from mendwheel.activities.reading import Reads
from mendwheel.activities.results import Results
from mendwheel.agents import AGENTS
from mendwheel.agents.agent import Brief
from mendwheel.agents.outputs import Answer, ToolCall
from mendwheel.agents.permissions import Permissions
from mendwheel.contracts.thinking import ThinkRequest
from mendwheel.domain.evidence import Dossier, Evidence, EvidenceKind
from mendwheel.domain.hypothesis import Hypothesis, Objection
from mendwheel.domain.looking import McpRead, McpServer
from mendwheel.domain.playbook import Playbook
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.house import House
from mendwheel.settings import Settings, SettingsError
from mendwheel.stores.bundle import Stores
from mendwheel.tools.reads import CasesRead, KnowledgeRead
from mendwheel.tools.registry import Registry
from tests import tickets

ASKED = [ToolCall(tool=name, query="q") for name in ("cases", "knowledge", "load")]


class Load:
    """What a host registered."""

    name = "load"

    def look(self, ticket: Ticket, report: Report, query: str) -> list[Evidence]:
        return []


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with Stores(tmp_path / "s.db") as stores:
        yield stores


def reads(stores: Stores, allowed: dict[str, list[str]] | None) -> Reads:
    senses = [KnowledgeRead(stores.knowledge), CasesRead(stores.cases), Load()]
    named = {sense.name: sense for sense in senses}
    return Reads(named, Texts(stores.artifacts), Permissions(allowed))


@pytest.mark.parametrize(
    ("allowed", "has"),
    [
        (None, ("knowledge", "cases", "load")),
        ({"investigator": []}, ("knowledge", "cases", "load")),
        ({"consultant": ["load", "cases"]}, ("cases", "load")),
        ({"consultant": ["knowledge", "exhibits", "prometheus"]}, ("knowledge",)),
        ({"consultant": []}, ()),
    ],
)
def test_an_agent_has_of_its_own_reads_those_it_is_left_and_never_more(
    stores: Stores, allowed: dict[str, list[str]] | None, has: tuple[str, ...]
) -> None:
    assert reads(stores, allowed).equip(AGENTS["consultant"]).tools == has
    given = {"triage": ["knowledge", "load"]}
    assert reads(stores, given).equip(AGENTS["triage"]).tools == ()


def test_a_model_that_asks_for_a_read_it_may_not_use_gets_nothing(stores: Stores) -> None:
    allowed = {"consultant": ["knowledge"]}
    agent = reads(stores, allowed).equip(AGENTS["consultant"])
    results = Results(Texts(stores.artifacts), Registry([]), Permissions(allowed))
    request = ThinkRequest(
        ticket=tickets.ticket(), agent="consultant", playbook=Playbook(version="v"), last_turn=False
    )
    thought = results.thought(agent, request, Answer(calls=ASKED), "m")
    assert [use.tool for use in thought.uses] == ["knowledge"]
    none = results.thought(agent, request, Answer(calls=[ASKED[0], ASKED[2]]), "m")
    assert none.uses == []
    assert none.diagnosis is not None


def dossier() -> Dossier:
    kinds = [
        (EvidenceKind.PASSAGE, "a page", "page", "knowledge"),
        (EvidenceKind.CASE, "a past ticket", "t-1", ""),
        (EvidenceKind.EXHIBIT, "prometheus", "prometheus", "exhibits"),  # a file named so
        (EvidenceKind.EXHIBIT, "latency", "prometheus", "prometheus"),
        (EvidenceKind.EXHIBIT, "desk get_issue", "mcp desk", "mcp desk"),
        (EvidenceKind.EXHIBIT, "desk get_user", "mcp desk", "mcp desk"),
        (EvidenceKind.READING, "load", "anything", "load"),
    ]
    found = Dossier()
    found.add(
        [
            Evidence(kind=k, title=title, source=source, read=read)
            for k, title, source, read in kinds
        ]
    )
    rests = [(f"on {item.title}", [item.id]) for item in found.of(EvidenceKind.EXHIBIT)]
    found.add(
        [
            Evidence(kind=EvidenceKind.FINDING, title=title, source="signals", cites=cites)
            for title, cites in rests
        ]
    )
    return found


@pytest.mark.parametrize(
    ("names", "seen"),
    [
        (["knowledge", "load"], ["a page", "load"]),
        (["cases", "prometheus"], ["a past ticket", "latency", "on latency"]),
        (["exhibits"], ["prometheus", "on prometheus"]),
        (["mcp desk: get_issue"], ["desk get_issue", "on desk get_issue"]),
        (
            ["mcp desk"],
            ["desk get_issue", "desk get_user", "on desk get_issue", "on desk get_user"],
        ),
        ([], []),
    ],
)
def test_an_agent_sees_what_its_reads_and_senses_brought_and_what_was_found_in_that(
    names: list[str], seen: list[str]
) -> None:
    whole = dossier()
    permissions = Permissions({"investigator": names})
    assert [each.title for each in permissions.dossier("investigator", whole).evidence] == seen
    brief = Brief(report=Report(title="t", body="b"), evidence=whole.evidence)
    assert [each.title for each in permissions.brief("investigator", brief, whole).evidence] == seen
    assert permissions.dossier("planner", whole) == whole
    assert permissions.brief("planner", brief, whole) == brief


def test_an_agent_sees_no_cause_that_rests_on_what_is_hidden_and_no_objection_from_it() -> None:
    hidden, seen = [item.id for item in dossier().evidence[:2]]
    causes = [
        Hypothesis(fault="hidden", proposed_by=["logs"], clearness=1, for_ids=[hidden]),
        Hypothesis(
            fault="seen",
            proposed_by=["metrics"],
            clearness=1,
            for_ids=[seen],
            against=[Objection(evidence_id=hidden, why="a page says otherwise")],
        ),
    ]
    whole = dossier().model_copy(update={"hypotheses": causes})
    permissions = Permissions({"investigator": ["cases"]})
    brief = Brief(report=Report(title="t", body="b"), evidence=whole.evidence, hypotheses=causes)
    for shown in (
        permissions.dossier("investigator", whole).hypotheses,
        permissions.brief("investigator", brief, whole).hypotheses,
    ):
        assert [(each.fault, each.against) for each in shown] == [("seen", [])]


def settings(tmp_path: Path, **more: object) -> Settings:
    return Settings(home=tmp_path, **more)  # type: ignore[arg-type]


def test_a_name_that_no_read_has_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    server = McpServer(name="desk", command="desk", reads=[McpRead(tool="get_issue")])
    given = {"consultant": ["knowledge", "load", "mcp desk: get_isue"]}
    wrong = settings(tmp_path, agent_reads=given, mcp_servers=[server])
    with pytest.raises(SettingsError, match="did you mean 'mcp desk: get_issue'"):
        House(wrong, reads=[Load()])
    given["consultant"][-1] = "mcp desk: get_issue"
    right = settings(tmp_path, agent_reads=given, mcp_servers=[server])
    House(right, reads=[Load()])
    with pytest.raises(SettingsError, match="consultant is given 'load'"):
        House(right)


def test_an_agent_that_there_is_not_is_refused_with_the_nearest_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENDWHEEL_AGENT_READS", '{"consultnt": []}')
    with pytest.raises(SettingsError, match="did you mean 'consultant'"):
        Settings.load(home=tmp_path)
