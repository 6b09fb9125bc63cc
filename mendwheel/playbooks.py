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
    return {
        agent: next(route.called for route in settings.routes if route.allows(agent))
        for agent in AGENTS
        if any(route.allows(agent) for route in settings.routes)
    }
