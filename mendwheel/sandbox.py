"""What workflow code may import: our pure packages are shared, our edges are shut."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from temporalio import workflow
from temporalio.worker import (
    UnsandboxedWorkflowRunner,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowRunner,
)
from temporalio.worker.workflow_sandbox import (
    SandboxedWorkflowRunner,
    SandboxMatcher,
    SandboxRestrictions,
)

PURE = (
    "mendwheel.domain",
    "mendwheel.contracts",
    "mendwheel.agents",
    "mendwheel.policy.evaluate",
    "mendwheel.policy.examples",
    "mendwheel.policy.file",
    "mendwheel.policy.people",
    "mendwheel.policy.stance",
)
"""No I/O, no clock, no mutable module state: passed through, which halves replay time."""

WORKFLOWS = "mendwheel.workflows"
"""Shared with a host's workflows that start ours as children. Their own check: see `_Checked`."""

SETUP = ("connect", "converter", "plugin", "settings", "tools", "workers")
"""What a host names where it builds its worker. Hosts that are one file import it beside their
workflows, so a guest passes it through; on a worker of our own it is shut."""

EDGES = (
    "activities",
    "backtest",
    "batch",
    "cli",
    "conformance",
    "effects",
    "embedded",
    "embedded_lock",
    "embedded_process",
    "front_desk",
    "gateway",
    "house",
    "integrations",
    "interceptors",
    "investigation",
    "knowledge",
    "playbooks",
    "ports",
    "prompts",
    "retry_after",
    "sandbox",
    "security",
    "settings_edges",
    "settings_knowledge",
    "settings_models",
    "settings_problems",
    "settings_release",
    "settings_security",
    "settings_senses",
    "settings_senses_more",
    "stores",
    "testing",
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
    "starlette",
    "uvicorn",
    "subprocess",
)
"""Other people's I/O. Shut only on a worker of our own: a guest forbids its host nothing."""


def rules(
    *, strict: bool, fresh: bool = False
) -> Callable[[WorkflowRunner | None], WorkflowRunner]:
    """The runner with our rules added to whatever the host has set.

    `fresh` runs the suite's workflows in the sandbox too, each run anew: for tests.
    """
    closed = SandboxMatcher(children=_shut(strict))
    shared = [*PURE]
    shared += [] if strict else [f"mendwheel.{name}" for name in SETUP]

    def apply(runner: WorkflowRunner | None) -> WorkflowRunner:
        if runner is None:
            raise ValueError("MendwheelPlugin needs a workflow runner: give the worker one")
        if not isinstance(runner, SandboxedWorkflowRunner):
            return runner  # the host chose to run without a sandbox
        allowed = runner.restrictions.with_passthrough_modules(*shared)
        ours = replace(
            allowed,
            invalid_modules=allowed.invalid_modules | closed,
            # Lazily, the standard library's sqlite3 and subprocess come in without being checked.
            disable_lazy_sys_module_passthrough=(
                strict or allowed.disable_lazy_sys_module_passthrough
            ),
        )
        if fresh or type(runner) is not SandboxedWorkflowRunner:
            return replace(runner, restrictions=ours)
        return _Checked(ours.with_passthrough_modules(WORKFLOWS), runner.runner_class, ours)

    return apply


@dataclass(frozen=True)
class _Checked(SandboxedWorkflowRunner):
    """The suite's own workflows are checked in the sandbox when a worker starts, and run outside.

    In the sandbox a third of a ticket's CPU time went into guarding code that our tests run guarded
    anyway (docs/adr/0006-outside-the-sandbox.md). A host's workflows stay inside.
    """

    whole: SandboxRestrictions = SandboxRestrictions.default
    """What our workflows are checked under: nothing of them is passed through."""

    def prepare_workflow(self, defn: workflow._Definition) -> None:
        restrictions = self.whole if _is_ours(defn) else self.restrictions
        SandboxedWorkflowRunner(restrictions, self.runner_class).prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        if _is_ours(det.defn):
            return UnsandboxedWorkflowRunner().create_instance(det)
        return super().create_instance(det)


def _is_ours(defn: workflow._Definition) -> bool:
    return defn.cls.__module__.startswith(f"{WORKFLOWS}.")


def _shut(strict: bool) -> dict[str, SandboxMatcher]:
    shut = SandboxMatcher(match_self=True)
    house = dict.fromkeys((*EDGES, *SETUP) if strict else EDGES, shut)
    house["policy"] = SandboxMatcher(children={"live": shut})
    world = dict.fromkeys(WORLD, shut) if strict else {}
    return {"mendwheel": SandboxMatcher(children=house)} | world
