"""Which versions apply to a ticket: for now what the settings and the prompts' defaults say."""

from mendwheel.agents import AGENTS
from mendwheel.domain.ids import digest
from mendwheel.domain.playbook import EXTRACTIVE, Playbook
from mendwheel.settings import Settings


class SettingsPlaybooks:
    """One playbook for all tickets; its version is the digest of what it holds."""

    def __init__(self, settings: Settings) -> None:
        route = settings.model if settings.model_base_url and settings.model else EXTRACTIVE
        prompts = {name: agent.prompt for name, agent in AGENTS.items()}
        playbook = Playbook(
            version="",
            prompts=prompts | settings.prompt_versions if route != EXTRACTIVE else {},
            routes=dict.fromkeys(AGENTS, route) if route != EXTRACTIVE else {},
            thresholds=settings.thresholds,
            limits=settings.limits,
        )
        version = digest(playbook.model_dump(mode="json"))[:12]
        self._playbook = playbook.model_copy(update={"version": version})

    def resolve(self, ticket_id: str) -> Playbook:
        return self._playbook
