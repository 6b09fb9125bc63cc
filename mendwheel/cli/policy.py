"""`mendwheel policy`: try the policy file's own tests, and see whom it would ask."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mendwheel.cli.exits import CommandError, Exit
from mendwheel.cli.terminal import document, line, note, say, spinner, table

if TYPE_CHECKING:
    from mendwheel.policy.file import Policy
    from mendwheel.settings import Settings

_EXAMPLE = "Example: `mendwheel policy test policy.toml`"
_File = Annotated[
    Path | None,
    typer.Argument(help="The policy file; default: the one in force.", metavar="FILE"),
]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="Try a policy file's own tests, and see whom it would ask.", epilog=_EXAMPLE
    )
    group.command("test", epilog=_EXAMPLE)(try_tests)
    group.command(epilog="Example: `mendwheel policy show`")(show)
    app.add_typer(group, name="policy")


def try_tests(file: _File = None, as_json: _Json = False) -> None:
    """Run the tests that stand in the file: what may run, and whose word would count.

    Exit code 1 if one fails: a worker that read such a file would do nothing at all. Asks nobody:
    who is in groups of Slack and Jira, a test says itself.
    """
    from mendwheel.policy.examples import tried

    _, name, policy = _read(file)
    found = tried(policy)
    failed = [each for each in found if not each.passed]
    if as_json:
        document(
            {
                "file": name,
                "version": policy.version,
                "ok": not failed,
                "tests": [each.model_dump() for each in found],
            }
        )
    else:
        for each in found:
            said = f"{each.says}" if each.passed else f"{each.says}; expected {each.expects}"
            mark, style = ("ok", "green") if each.passed else ("FAIL", "bold red")
            say(f"{mark:<5} {line(each.name)}: {line(said)}", style=style)
        say(f"{len(found) - len(failed)} of {len(found)} tests pass in {name}")
    if failed:
        raise typer.Exit(Exit.CHECK)


def show(file: _File = None, as_json: _Json = False) -> None:
    """Show whom the file would ask for what, with groups of Slack and Jira looked up now."""
    from mendwheel.cli.group_checks import named_in
    from mendwheel.integrations.groups import Groups
    from mendwheel.policy.people import members

    settings, name, policy = _read(file)
    with spinner("looking groups up"):
        outside = Groups(settings).look(named_in(policy))
    asked = policy.approvers | {"(escalation)": policy.approval.escalate_to}
    rows = [
        (key, names, sorted(members(policy, names, settings.user, outside)))
        for key, names in asked.items()
        if names
    ]
    delegations = list(_in_force(policy))
    if as_json:
        document(
            {
                "file": name,
                "version": policy.version,
                "mode": policy.mode,
                "kill_switch": policy.kill_switch,
                "needed": policy.approval.needed,
                "asks": [{"for": a, "names": b, "people": c} for a, b, c in rows],
                "delegations": delegations,
                "not_looked_up": outside.unknown,
            }
        )
        return
    switch = ", kill switch on" if policy.kill_switch else ""
    say(f"{name}, version {policy.version}, {policy.mode}{switch}")
    cells = [(key, ", ".join(names), ", ".join(people)) for key, names, people in rows]
    table(("for", "asks", "who that is now"), cells, shrink="who that is now")
    for each in delegations:
        say(f"delegation: {line(each)}")
    for group, why in outside.unknown.items():
        note(f"{line(group)} is not looked up: {line(why)}")


def _in_force(policy: "Policy") -> Iterator[str]:
    now = datetime.now(UTC)
    for each in policy.delegations:
        if now < each.until:
            only = [*each.component, *each.tool]
            where = f", only {', '.join(only)}" if only else ""
            yield f"{each.to} for {each.giver} until {each.until:%Y-%m-%d %H:%M %Z}{where}"


def _read(file: Path | None) -> "tuple[Settings, str, Policy]":
    """The file as it is, also when a test of its own fails. Raises CommandError."""
    from mendwheel.cli import configured
    from mendwheel.policy.file import PolicyError, parse
    from mendwheel.policy.live import DEFAULT

    settings = configured.load()
    path = file or settings.policy
    name = str(path) if path else "the built-in policy"
    try:
        text = path.read_text("utf-8") if path else DEFAULT.read_text("utf-8")
        return settings, name, parse(text, name=name)
    except UnicodeDecodeError:
        raise CommandError(f"{name} is not UTF-8: save it as UTF-8") from None
    except PolicyError as error:
        raise CommandError(str(error)) from None
