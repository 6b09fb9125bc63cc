"""A workflow of your own that asks people through Mendwheel before its one risky step."""

import asyncio
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

with workflow.unsafe.imports_passed_through():
    from mendwheel.contracts.names import APPROVAL_WORKFLOW
    from mendwheel.domain.approval import Approval, Ruling, RulingKind
    from mendwheel.domain.evidence import ArtifactRef
    from mendwheel.domain.ids import arguments_digest
    from mendwheel.domain.remedy import Risk
    from mendwheel.domain.ticket import Ticket
    from mendwheel.plugin import MendwheelPlugin
    from mendwheel.settings import Settings


@activity.defn(name="archive.drop")
async def drop(table: str) -> None:
    activity.logger.warning("dropping %s", table)  # your risky step


@workflow.defn(name="archive.DropTable")
class DropTable:
    @workflow.run
    async def run(self, table: str, requester: str) -> str:
        ticket, approval = question(table, requester)
        ruling = await workflow.execute_child_workflow(
            APPROVAL_WORKFLOW,
            {"ticket": ticket, "approval": approval},
            id=ticket.id,
            result_type=Ruling,
            static_summary=approval.question,
        )
        if ruling.kind is not RulingKind.APPROVED:
            return f"kept {table}: {ruling.kind.value} {ruling.note}".strip()
        await workflow.execute_activity(drop, table, start_to_close_timeout=timedelta(seconds=30))
        return f"dropped {table}, approved by {', '.join(ruling.by)}"


def question(table: str, requester: str) -> tuple[Ticket, Approval]:
    """Bound to this table by its digest: a yes to another table does not count."""
    now, key = workflow.now(), workflow.info().workflow_id
    sha256 = arguments_digest("drop_table", {"table": table})
    ticket = Ticket(
        id=f"{key}-approval", system="host", key=key, title=f"Drop {table}?", reporter=requester,
        report=ArtifactRef(tenant="default", sha256="", size=0), opened_at=now, delivery_id=key,
    )  # fmt: skip
    approval = Approval(
        request_id=f"{workflow.info().run_id}-drop", ticket_id=ticket.id, round=1,
        tool="drop_table", arguments_sha256=sha256, policy_version="host", risk=Risk.MEDIUM,
        question=f"Drop the archive table {table}?", code=sha256[:6].upper(),
        approvers=["group:operators"], requester=requester,
        asked_at=now, expires_at=now + timedelta(hours=8),
    )  # fmt: skip
    return ticket, approval


async def main() -> None:
    settings = Settings.load()
    client = await Client.connect(settings.temporal_address, plugins=[MendwheelPlugin(settings)])
    async with Worker(client, task_queue="archive", workflows=[DropTable], activities=[drop]):
        print(await client.execute_workflow(
            "archive.DropTable", args=["orders_2019", "mary"], id="drop-orders-2019",
            task_queue="archive", result_type=str,
        ))  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main())
