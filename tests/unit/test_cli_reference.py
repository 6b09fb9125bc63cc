"""The reference and the program are the same thing said twice."""

from pathlib import Path
from typing import Any

from typer.main import get_command

from mendwheel.cli.app import build
from mendwheel.cli.exits import MEANINGS, Exit
from mendwheel.cli.reference import markdown

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"
GROUPS: dict[str, Any] = get_command(build()).commands  # type: ignore[attr-defined]
COMMANDS = GROUPS | {
    f"{name} {part}": command
    for name, group in GROUPS.items()
    for part, command in getattr(group, "commands", {}).items()
}


def test_the_reference_is_what_the_program_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown(), (
        "the page is out of date: python -m mendwheel.cli.reference > docs/reference/cli.md"
    )


def test_the_reference_names_every_command_option_and_exit_code() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name, command in COMMANDS.items():
        section = text.split(f"\n## mendwheel {name}\n")[1].split("\n## ")[0]
        options = [each for each in command.params if each.param_type_name == "option"]
        for option in (word for each in options for word in each.opts if each.name != "help"):
            assert f"`{option}`" in section, (name, option)
    assert all(f"| {code.value} |" in text for code in Exit)


def test_every_command_has_help_and_an_example() -> None:
    for name, command in COMMANDS.items():
        said = f"{command.help} {command.epilog}"
        assert len(command.help.strip()) > 20, name
        assert "Example: `mendwheel" in said, f"{name} has no example"
        assert all(each.help for each in command.params), name


def test_every_exit_code_has_a_meaning_in_the_help() -> None:
    assert set(MEANINGS) == set(Exit)
