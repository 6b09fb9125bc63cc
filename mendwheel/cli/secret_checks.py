"""Checks of files that hold secrets: nobody else may read them."""

from collections.abc import Iterator
from pathlib import Path

from mendwheel.cli.checks import Check, ok, warn
from mendwheel.cli.settings_groups import secret
from mendwheel.security.private_file import guarded
from mendwheel.settings import Settings, settings_file
from mendwheel.settings_problems import read_toml


def secret_files(settings: Settings) -> Check:
    """The settings file, where a secret stands in it, and the files of models' keys."""
    open_to_others = [path for path in _holding(settings) if _readable_by_others(path)]
    if not open_to_others:
        return ok("secrets", "no file of them may be read by others")
    named = ", ".join(map(str, open_to_others))
    return warn("secrets", f"others may read {named}", "chmod 600, or use the environment")


def _holding(settings: Settings) -> Iterator[Path]:
    path = settings_file()
    if path is not None:
        fields = Settings.model_fields
        if any(name in fields and secret(fields[name]) for name in read_toml(path)):
            yield path
    for route in settings.routes:
        files = (each.partition(":") for each in route.keys)
        yield from (Path(name) for kind, _, name in files if kind == "file")


def _readable_by_others(path: Path) -> bool:
    try:
        return guarded(path) is not None
    except OSError:  # it is not there: whoever reads it says so
        return False
