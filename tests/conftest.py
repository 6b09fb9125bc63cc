"""What all tests share: real servers, a store of their own, no skipping where it is forbidden."""

import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from mendwheel.contracts.names import SEARCH_ATTRIBUTES
from mendwheel.settings import Settings

# The same whether or not the extra is installed; tests of vectors say so themselves.
os.environ["MENDWHEEL_EMBEDDER"] = "none"

# A run in the background begins with Ctrl-C ignored, and so would every process that it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parents[1]

if str(ROOT / "examples") not in sys.path:
    sys.path.insert(0, str(ROOT / "examples"))
if str(ROOT) not in sys.path:
    # Folders of tests share modules (`tests.cards`), and are no packages of each other.
    sys.path.append(str(ROOT))


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """One real dev server for the session; every test uses ids and queues of its own."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(BIN / "temporal"),
        search_attributes=SEARCH_ATTRIBUTES,
        dev_server_log_level="error",
        dev_server_extra_args=[
            "--dynamic-config-value",
            "history.transferProcessorMaxPollRPS=1000",
            "--dynamic-config-value",
            "history.timerProcessorMaxPollRPS=1000",
            # Else what is deleted stays for half a minute.
            "--dynamic-config-value",
            'history.transferProcessorUpdateAckInterval="1s"',
            "--dynamic-config-value",
            'history.visibilityProcessorUpdateAckInterval="1s"',
        ],
    ) as environment:
        yield environment


@pytest.fixture(scope="session")
async def skipping() -> AsyncIterator[WorkflowEnvironment]:
    """A real server with time skipping: an approval that takes three days takes a blink here."""
    async with await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=str(BIN / "temporal"),
        search_attributes=SEARCH_ATTRIBUTES,
        dev_server_log_level="error",
        dev_server_extra_args=[
            "--dynamic-config-value",
            "frontend.WorkflowTimeSkippingEnabled=true",
        ],
    ) as environment:
        yield environment


@pytest.fixture
async def client(server: WorkflowEnvironment) -> Client:
    return server.client


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """Settings with a home of their own, no watch window and a queue named like the test."""
    return Settings(
        home=tmp_path / "home",
        task_queue=f"q-{request.node.name[:60]}-{os.urandom(3).hex()}",
        user="wheelwright",
        limits={"watch_window": 0},
    )


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MENDWHEEL_")]:
        monkeypatch.delenv(name)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """With REQUIRE_ALL a skipped test is a failed one: CI has everything it needs."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.skipped and os.environ.get("REQUIRE_ALL") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped although REQUIRE_ALL is set: {report.longrepr}"


@pytest.hookimpl(hookwrapper=True, trylast=True)
def pytest_cmdline_main(config: pytest.Config) -> Iterator[None]:
    """temporalio on CPython 3.11 sometimes aborts at interpreter exit, after all has passed."""
    result = yield
    if not config.option.collectonly:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(result.get_result()))  # type: ignore[attr-defined]
