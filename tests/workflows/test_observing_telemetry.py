"""A ticket that says nothing but that it hurts, and telemetry that says why."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio.client import Client

from mendwheel.domain.evidence import Dossier, EvidenceKind
from mendwheel.integrations.drafts import Draft
from mendwheel.settings import Settings
from tests.integrations.telemetry_server import Raw, TelemetryServer
from tests.integrations.telemetry_traces import dependencies, traces
from tests.workflows.stage import staged

BEGAN = datetime.now(UTC) - timedelta(minutes=25)


def deployed(folder: Path) -> Path:
    path = folder / "changes.jsonl"
    at = (BEGAN - timedelta(minutes=2)).isoformat()
    release = {"time": at, "component": "payment", "kind": "deployment", "version": "1.4.2"}
    path.write_text(json.dumps(release))
    return path


async def test_the_deepest_dependency_that_is_not_well_is_named(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    with TelemetryServer().running() as server:
        server.routes["/api/dependencies"] = dependencies
        server.routes["/api/traces"] = lambda params: traces(params, BEGAN.timestamp())
        server.routes["/api/v1/query_range"] = lambda _: Raw(b"overloaded", status=503)
        looking = settings.model_copy(
            update={
                "jaeger_url": server.url,
                "prometheus_url": server.url,
                "changes_file": deployed(tmp_path),
            }
        )
        async with staged(client, looking) as stage:
            draft = Draft(
                title="front is slow, requests fail with timeouts",
                body="Error alerts on front, latency is far above normal.",
                reporter="mary",
                key="telemetry-1",
            )
            ticket = await stage.submit(draft)
            outcome = await stage.result(ticket)
            assert outcome.dossier is not None
            dossier = Dossier.model_validate_json(stage.stores.artifacts.get(outcome.dossier))
    seen = [item for item in dossier.evidence if item.kind is EvidenceKind.EXHIBIT]
    assert {item.source for item in seen} == {"traces", "prometheus", "changes"}
    assert all(item.url for item in seen if item.source == "traces")
    [missed] = [item for item in seen if item.source == "prometheus"]
    assert missed.text == "Prometheus answered 503: it says: overloaded"
    assert outcome.component == "payment"
