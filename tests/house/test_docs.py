"""The documents say what is true."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from mendwheel.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_worker_in_the_readme_is_the_example() -> None:
    example = (ROOT / "examples/own_worker/worker.py").read_text("utf-8")
    assert f"```python\n{example}```" in README


@pytest.mark.server
def test_the_worker_in_the_readme_runs(server: WorkflowEnvironment, tmp_path: Path) -> None:
    address = server.client.service_client.config.target_host
    environment = os.environ | {
        "TEMPORAL_ADDRESS": address,
        "MENDWHEEL_HOME": str(tmp_path),
        "MENDWHEEL_TASK_QUEUE": "readme",
        "PYTHONUNBUFFERED": "1",
    }
    script = ROOT / "examples/own_worker/worker.py"
    with subprocess.Popen(
        [sys.executable, script], env=environment, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        try:
            assert "resolving tickets" in worker.stdout.readline()
            assert worker.poll() is None
        finally:
            worker.terminate()


def test_every_setting_is_in_the_reference() -> None:
    reference = (ROOT / "docs/reference/settings.md").read_text("utf-8")
    for name, _, description in Settings().describe():
        assert f"`{name}`" in reference, name
        assert description in reference, name


def test_links_between_documents_lead_somewhere() -> None:
    import re

    for page in [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"
