"""Where a ticket stands outside of the store and of Temporal: people have to look there."""

from collections.abc import Iterable

from mendwheel.domain.ids import EffectKey
from mendwheel.domain.place import JIRA, SLACK, Place
from mendwheel.domain.remedy import EffectState, Receipt
from mendwheel.integrations.histories import Run
from mendwheel.settings import Settings

_WORK = ("remedy", "undo")


def elsewhere(
    effects: Iterable[tuple[EffectKey, Receipt]], runs: Iterable[Run], settings: Settings
) -> list[str]:
    """A line for each thing that forgetting cannot reach, with an address where one is known."""
    lines: list[str] = []
    for key, receipt in effects:
        if receipt.state is not EffectState.DONE or key.step in (*_WORK, "call"):
            continue
        if ":" in key.target:
            lines.append(_at_place(key.target, receipt.reference, settings))
        elif key.target == "on-call":
            lines.append(f"the incident {receipt.reference} at the on-call service")
    lines += [
        f"workflow {run.workflow_id} in Temporal, a remedy of your own: "
        f"`temporal workflow delete --workflow-id {run.workflow_id}`"
        for run in runs
        if not run.ours
    ]
    return list(dict.fromkeys(lines))


def _at_place(target: str, reference: str, settings: Settings) -> str:
    try:
        place = Place.parse(target)
    except ValueError:
        return f"{reference} at {target}"
    if place.system == JIRA and settings.jira_base_url:
        issue = f"{settings.jira_base_url.rstrip('/')}/browse/{place.address}"
        return f"Jira {issue}: comment or change {reference}"
    if place.system == SLACK:
        channel = f"https://slack.com/app_redirect?channel={place.address}"
        return f"Slack {channel}: message {reference}"
    return f"{reference} at {target}"
