"""One request to a Jira site, and the limits of what may be written."""

from dataclasses import dataclass
from typing import Any

from mendwheel.testing import adf
from mendwheel.testing.jira_shapes import Shapes
from mendwheel.testing.jira_state import JiraPerson, JiraProblem, JiraSite, Json

LONGEST = 32_767
"""Characters of one rich text."""

_TOO_LONG = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
_NO_ADF = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"


@dataclass
class Ask:
    """A request that has been let in. `path` holds what the address named."""

    site: JiraSite
    who: JiraPerson
    version: str
    path: dict[str, str]
    query: dict[str, str]
    body: Any

    @property
    def shapes(self) -> Shapes:
        return Shapes(self.site, self.version)

    @property
    def key(self) -> str:
        return self.path.get("key", "")

    @property
    def sent(self) -> Json:
        """The body as an object. Raises JiraProblem: it is none."""
        if not isinstance(self.body, dict):
            raise JiraProblem(400, "Can not deserialize request body: send a JSON object")
        return self.body

    def given(self, name: str, usual: str = "") -> str:
        """A parameter from the address, or from the body of a POST."""
        if name in self.query:
            return self.query[name]
        value = self.body.get(name, usual) if isinstance(self.body, dict) else usual
        return ",".join(value) if isinstance(value, list) else str(value)

    def names(self, name: str) -> list[str]:
        """A parameter that is a list: `fields`, `expand`."""
        return [each.strip() for each in self.given(name).split(",") if each.strip()]

    def page(self, usual: int, most: int) -> tuple[int, int]:
        """(startAt, maxResults). Raises JiraProblem: not numbers."""
        try:
            start, size = int(self.given("startAt", "0")), int(self.given("maxResults", str(usual)))
        except ValueError:
            raise JiraProblem(400, "startAt and maxResults must be numbers") from None
        return max(start, 0), max(0, min(size, most))

    def rich(self, value: Any, field: str) -> Any:
        """A rich text as the site stores it. Raises JiraProblem: 400."""
        if self.version != "3":
            if not isinstance(value, str):
                raise JiraProblem(400, f"Operation value must be a string: {field}")
            if len(value) > LONGEST:
                raise JiraProblem(400, **{field: _TOO_LONG})
            return self.site.native(value)
        if not isinstance(value, dict):
            said = "Comment body is not valid!" if field == "comment" else _NO_ADF
            raise JiraProblem(400, **{field: said})
        found = adf.faults(value)
        if found:
            raise JiraProblem(400, "INVALID_INPUT", detail="; ".join(found[:3]))
        if len(adf.to_text(value)) > LONGEST:
            raise JiraProblem(400, "CONTENT_LIMIT_EXCEEDED")
        return value
