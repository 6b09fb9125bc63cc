"""The durable agent loop: think, make the reads asked for, think again. Bounded by turns."""

from temporalio.exceptions import ApplicationError

from mendwheel.contracts.thinking import Thought
from mendwheel.domain.diagnosis import DiagnosisNote
from mendwheel.workflows.steps import Steps


async def consider(steps: Steps, agent: str, *, diagnosis: DiagnosisNote | None = None) -> Thought:
    """Let `agent` think until it answers. What it reads on the way grows the dossier.

    Raises:
        ApplicationError: it asked for yet another read on its last turn.
    """
    turns = steps.playbook.limits.turns
    for turn in range(turns):
        last = turn == turns - 1
        thought = await steps.think(agent, turn=turn, last=last, diagnosis=diagnosis)
        if not thought.uses:
            return thought
        if not last:
            await steps.look(
                [use.tool for use in thought.uses], [use.query for use in thought.uses]
            )
    raise ApplicationError(
        f"the {agent} asked for another read on its last of {turns} turns",
        type="OutOfTurns",
        non_retryable=True,
    )
