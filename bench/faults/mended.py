"""What remedies did to the platform, against what people agreed to; and what askers said of it."""

from bench.faults.counted import Counted
from bench.faults.people import People, Sent
from bench.faults.ways import MCP, tool
from mendwheel.domain.outcome import FactKind, OutcomeKind


def mended(people: People, counted: Counted, sent: Sent, ticket: str) -> None:
    world, what = people.world, f"{sent.role} {ticket}"
    outcome = world.stores.outcomes.latest(ticket)
    if outcome is None:
        return
    facts = world.stores.outcomes.facts(ticket)
    thumbs = sum(fact.kind is FactKind.THUMBS_UP for fact in facts)
    counted.count(f"opinion: {what}", thumbs, int(ticket in people.operators.thanked))
    asked = people.approved.get(ticket)
    release = asked.arguments.get("to_release") if asked else None
    if release and outcome.kind is OutcomeKind.FIXED:
        runs_now = world.services()[sent.service]["release"]
        counted.count(f"arguments as agreed: {what} {release}", int(runs_now == release))


def remedies(people: People, counted: Counted, tickets: dict[str, Sent]) -> None:
    """For each service, what was agreed to in all tickets about it, against what was done to it."""
    world = people.world
    for service in world.services():
        about = [ticket for ticket, sent in tickets.items() if sent.service == service]
        wanted = sum(_wanted(people, ticket) for ticket in about)
        counted.count(f"remedy: {service} {about}", len(world.done(service)), wanted)


def _wanted(people: People, ticket: str) -> int:
    """A remedy that was agreed to ran once; one that was not, never.

    A tool that said no, or was never reached, is said to have done nothing: then it has.
    """
    outcome = people.world.stores.outcomes.latest(ticket)
    if outcome is None or not outcome.remedy or not outcome.decided_by:
        return 0
    by_tool = outcome.remedy in {tool(name, MCP) for name in people.world.ways}
    if by_tool and outcome.kind is not OutcomeKind.FIXED:
        return int(_unknown(people, ticket))
    return 1


def _unknown(people: People, ticket: str) -> bool:
    """Whether a person was told to look what came of it, and did."""
    letters = people.world.stores.letters.list(every=True)
    return any(letter.key.ticket_id == ticket and letter.unknown for letter in letters)
