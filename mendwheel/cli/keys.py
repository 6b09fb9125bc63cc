"""`mendwheel keys`: makes, rotates and lists the keys that encrypt what Temporal keeps."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from mendwheel.cli.terminal import document, note, say

_EXAMPLE = "Example: `mendwheel keys new`, then set MENDWHEEL_PAYLOAD_KEYS_FILE as it says."

Action = Annotated[
    Literal["new", "stage", "rotate", "list"], typer.Argument(help="What to do with the keys.")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLE)(keys)


def keys(
    action: Action,
    file: Annotated[
        Path | None,
        typer.Option(help="File of keys; default: payload_keys_file, else payload.keys in home."),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="rotate: also when today's key writes already.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="list: print one JSON document.")] = False,
) -> None:
    """Make, rotate or list the keys that encrypt what Temporal keeps. Never shows a key.

    `new` makes the file and leaves one that is there as it is. `stage` adds the key that the next
    rotation will use, for the time in which the file is copied to other machines. `rotate` lets the
    staged key write, or a new one; old keys go on reading. Running workers notice by themselves.
    """
    path = _path(file)
    if action == "new":
        _new(path)
    elif action == "stage":
        _stage(path)
    elif action == "rotate":
        _rotate(path, again)
    else:
        _list(path, as_json)


def _path(file: Path | None) -> Path:
    from mendwheel.settings import Settings

    settings = Settings.load()
    return file or settings.payload_keys_file or settings.home / "payload.keys"


def _new(path: Path) -> None:
    from mendwheel.security import key_file

    made = key_file.make(path)
    if made is None:
        note(f"{path} is there already and was left as it is: `mendwheel keys rotate` adds a key")
    else:
        say(f"made       {path} with key {made.id}: keep a copy, nothing can be read without it")
    say(f"set        MENDWHEEL_PAYLOAD_KEYS_FILE={path.absolute()}")


def _stage(path: Path) -> None:
    from mendwheel.security import key_file

    say(f"staged     {key_file.stage(path).id} in {path}")
    say("next       copy the file to every machine, then `mendwheel keys rotate`")


def _rotate(path: Path, again: bool) -> None:
    from mendwheel.security import key_file

    chosen = key_file.rotate(path, again=again)
    if chosen is None:
        note(f"{path}: today's key writes already: nothing was done, --again rotates all the same")
    else:
        say(f"writes     {chosen.id} in {path}; the keys from before go on reading")


def _list(path: Path, as_json: bool) -> None:
    from mendwheel.security.payload_keys import read

    found = read(path)
    if as_json:
        rows = [{"id": each.id, "role": each.role} for each in found]
        document({"file": str(path), "keys": rows})
        return
    for each in found:
        say(f"{each.role:<5} {each.id}")
