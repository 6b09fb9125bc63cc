"""What workflow code may import: our pure packages are shared, our edges are shut."""

from collections.abc import Callable
from dataclasses import replace

from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxMatcher

PURE = (
    "mendwheel.domain",
    "mendwheel.contracts",
    "mendwheel.agents",
    "mendwheel.policy",
    "mendwheel.flywheel",
)
"""No I/O, no clock, no mutable module state: passed through, which halves replay time."""

EDGES = (
    "activities",
    "integrations",
    "stores",
    "gateway",
    "effects",
    "knowledge",
    "investigation",
    "security",
    "interceptors",
    "cli",
    "plugin",
    "house",
    "embedded",
)
"""Packages of ours that reach the world. No workflow on the worker imports them."""

WORLD = (
    "openai",
    "slack_bolt",
    "slack_sdk",
    "jira",
    "sqlite_utils",
    "sqlite3",
    "httpx",
    "httpx2",
    "requests",
    "aiohttp",
    "subprocess",
)
"""Other people's I/O. Shut only on a worker of our own: a guest forbids its host nothing."""


def rules(*, strict: bool) -> Callable[[WorkflowRunner | None], WorkflowRunner]:
    """The runner with our rules added to whatever the host has set."""
    shut = SandboxMatcher(match_self=True)
    children = {"mendwheel": SandboxMatcher(children=dict.fromkeys(EDGES, shut))}
    if strict:
        children |= dict.fromkeys(WORLD, shut)

    def apply(runner: WorkflowRunner | None) -> WorkflowRunner:
        if runner is None:
            raise ValueError("MendwheelPlugin needs a workflow runner: give the worker one")
        if not isinstance(runner, SandboxedWorkflowRunner):
            return runner  # the host chose to run without a sandbox
        allowed = runner.restrictions.with_passthrough_modules(*PURE)
        closed = allowed.invalid_modules | SandboxMatcher(children=children)
        return replace(runner, restrictions=replace(allowed, invalid_modules=closed))

    return apply
