"""What every edge works with: ways in, ways to ask, the store, the settings."""

from dataclasses import dataclass, field

from temporalio.client import Client

from mendwheel.domain.outside import NoDirectory
from mendwheel.integrations.clicks import Clicks
from mendwheel.integrations.decisions import Decisions
from mendwheel.integrations.groups import Groups
from mendwheel.integrations.hints import Hints
from mendwheel.integrations.intake import Intake
from mendwheel.integrations.reach import Reach
from mendwheel.ports import Directory
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores


@dataclass(frozen=True)
class Edge:
    """Shared by Slack, Jira and alerts."""

    intake: Intake
    decisions: Decisions
    clicks: Clicks
    reach: Reach
    hints: Hints
    stores: Stores
    settings: Settings
    directory: Directory = field(default_factory=NoDirectory)

    @classmethod
    def over(cls, client: Client, stores: Stores, settings: Settings) -> "Edge":
        """`stores` must be open while the edge is used; the client may connect later."""
        reach = Reach(client, settings)
        return cls(
            intake=Intake(client, stores, settings),
            decisions=Decisions(client, stores, settings),
            clicks=Clicks(stores, settings, reach),
            reach=reach,
            hints=Hints(client, settings),
            stores=stores,
            settings=settings,
            directory=Groups(settings),
        )
