"""Who is who here, and what the policy says: once for the suite, once for whoever judges it."""

from dataclasses import dataclass, replace
from functools import cache

from mendwheel.domain.ids import digest
from mendwheel.policy.file import Policy

TOOL = "restart_service"

IDENTITIES = {"ada": ["slack:UADA"], "grace": ["jira:grace"], "edsger": [], "mary": ["slack:UMARY"]}
"""The people, and what else they are known as. Mallory is nobody."""

EVERYBODY = [*IDENTITIES, *(name for known in IDENTITIES.values() for name in known), "mallory"]


def person(subject: str) -> str:
    """Who that is, told without the suite's own code."""
    return next((who for who, known in IDENTITIES.items() if subject in known), subject)


@dataclass(frozen=True)
class Rules:
    """One version of the policy, in the few words that matter here."""

    approvers: tuple[str, ...] = ("ada", "grace", "edsger")
    needed: int = 1
    operator: bool = False
    killed: bool = False
    expires_minutes: float = 60.0

    def changed(self, how: str) -> "Rules":
        """Another version: somebody leaves, the switch is thrown, one more has to agree."""
        if how == "leave":
            return replace(self, approvers=("grace", "edsger"))
        if how == "kill":
            return replace(self, killed=not self.killed)
        return replace(self, needed=2)


@cache
def policy(rules: Rules) -> Policy:
    """The same as the suite reads it."""
    said = {
        "kill_switch": rules.killed,
        "allowed_tools": [TOOL],
        "operator_decides": rules.operator,
        "approval": {"needed": rules.needed, "expires_minutes": rules.expires_minutes},
        "approvers": {"default": ["group:desk"]},
        "groups": {"desk": list(rules.approvers)},
        "people": IDENTITIES,
        "rules": [{"name": "always ask", "course": "ask"}],
    }
    return Policy.model_validate(said | {"version": digest(said)[:12]})


class Live:
    """`LivePolicy` without a file."""

    def __init__(self) -> None:
        self.rules = Rules()

    def now(self) -> Policy:
        return policy(self.rules)

    load = now
