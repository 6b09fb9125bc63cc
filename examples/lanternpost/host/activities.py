"""What touches the platform. Each is safe to run twice."""

from temporalio import activity
from temporalio.exceptions import ApplicationError

from lanternpost.host import state
from lanternpost.host.arguments import Release, Restart
from mendwheel.domain.remedy import CheckResult


@activity.defn(name="lanternpost.restart")
def restart(arguments: Restart) -> None:
    """A restart frees what a leak has taken; it does not mend a bad release."""
    service = _known(arguments.service)
    mends = service["fault"] == "leak" and not service.get("stubborn")
    state.change(
        arguments.service,
        restarts=int(service["restarts"]) + 1,
        healthy=bool(service["healthy"] or mends),
    )


@activity.defn(name="lanternpost.deploy")
def deploy(arguments: Release) -> None:
    """Put a release in place. The one before a bad release is healthy."""
    service = _known(arguments.service)
    bad = service.get("bad_release") or (
        service["release"] if service["fault"] == "bad_release" else None
    )
    healthy = service["fault"] is None or (
        service["fault"] == "bad_release"
        and arguments.to_release != bad
        and not service.get("stubborn")
    )
    before = service["release"] if service["release"] != arguments.to_release else None
    state.change(
        arguments.service,
        release=arguments.to_release,
        replaced=before or service.get("replaced"),
        bad_release=bad,
        healthy=healthy,
    )


@activity.defn(name="lanternpost.healthy")
def healthy(arguments: Restart) -> CheckResult:
    """The check of both remedies: read the platform, do not trust the remedy."""
    service = _known(arguments.service)
    word = "healthy" if service["healthy"] else "still unhealthy"
    return CheckResult(
        ok=bool(service["healthy"]),
        detail=f"{arguments.service} is {word} on release {service['release']}",
    )


@activity.defn(name="lanternpost.replaced")
def replaced(arguments: Restart) -> str | None:
    """The release that the last deployment replaced."""
    value = _known(arguments.service).get("replaced")
    return str(value) if value else None


def _known(name: str) -> dict[str, object]:
    try:
        return state.read()[name]
    except KeyError:
        raise ApplicationError(f"there is no service {name}", non_retryable=True) from None


ACTIVITIES = [restart, deploy, healthy, replaced]
