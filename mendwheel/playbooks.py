"""Which versions apply to a ticket: for now what the settings and the prompts' defaults say."""

from mendwheel.agents import AGENTS
from mendwheel.domain.ids import digest
from mendwheel.domain.playbook import Playbook
from mendwheel.settings import Settings


class SettingsPlaybooks:
    """One playbook for all tickets; its version is the digest of what it holds."""

    def __init__(self, settings: Settings) -> None:
        routes = _routes(settings)
        prompts = {name: agent.prompt for name, agent in AGENTS.items()}
        playbook = Playbook(
            version="",
            prompts=prompts | settings.prompt_versions if routes else {},
            routes=routes,
            thresholds=settings.thresholds,
            limits=settings.limits,
        )
        version = digest(playbook.model_dump(mode="json"))[:12]
        self._playbook = playbook.model_copy(update={"version": version})

    def resolve(self, ticket_id: str) -> Playbook:
        return self._playbook


def _routes(settings: Settings) -> dict[str, str]:
    """Agent → the first route it may use; an agent that may use none has the extractive engine."""
    usable = {
        agent: [route for route in settings.routes if route.allows(agent)] for agent in AGENTS
    }
    chosen = {agent: routes[0] for agent, routes in usable.items() if routes}
    authors = {chosen[name].model for name in ("consultant", "investigator") if name in chosen}
    # Who reviews its own kind of mistakes overlooks them: another model reviews where there is one.
    others = [route for route in usable["reviewer"] if route.model not in authors]
    if others:
        chosen["reviewer"] = others[0]
    return {agent: route.called for agent, route in chosen.items()}
