"""The settings in force for a command, and where each came from."""

import os

from mendwheel.cli import upfile
from mendwheel.settings import Settings
from mendwheel.settings_problems import PREFIX


def load() -> Settings:
    """Settings whose Temporal address is: the one that was set, a live `mendwheel up`, 7233.

    Raises:
        SettingsError: one line per problem.
    """
    settings = Settings.load()
    if "temporal_address" in settings.model_fields_set:
        return settings
    up = upfile.live(settings.home)
    if up is None:
        return settings
    ui_url = settings.temporal_ui_url or up.ui_url
    return settings.model_copy(update={"temporal_address": up.address, "temporal_ui_url": ui_url})


def origins(settings: Settings) -> dict[str, str]:
    """Field name → environment, file, default, or `mendwheel up`."""
    read = Settings.load()
    held = {key.upper() for key, value in os.environ.items() if value}
    found: dict[str, str] = {}
    for name in type(settings).model_fields:
        variable = PREFIX + name.upper()
        if any(key == variable or key.startswith(f"{variable}__") for key in held):
            found[name] = "environment"
        elif name in read.model_fields_set:
            found[name] = "file"
        elif getattr(settings, name) != getattr(read, name):
            found[name] = "mendwheel up"
        else:
            found[name] = "default"
    return found
