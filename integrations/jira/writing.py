"""What an issue keeps besides comments: status, labels, links, properties. All safe to repeat."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from mendwheel.integrations.jira.connection import Connection, quoted
from mendwheel.integrations.jira.errors import reading_answer
from mendwheel.ports.world import PlaceError

_log = logging.getLogger(__name__)


class Writing:
    """The part of the client that changes issues."""

    def __init__(self, http: Connection) -> None:
        self.http = http
        self._without_properties = False

    def fields(self, key: str, names: Sequence[str]) -> Mapping[str, Any]:
        """The named fields of an issue as Jira says them."""
        where, doing = f"jira:{key}", f"read {key}"
        raw = self.http.get(f"issue/{quoted(key)}", where, doing, fields=",".join(names))
        with reading_answer(where, doing):
            fields = raw["fields"]
            return {name: fields.get(name) for name in names}

    def transitions(self, key: str) -> list[Mapping[str, Any]]:
        """What may be done to the issue now, each with the `fields` of its screen."""
        where, doing = f"jira:{key}", f"read the transitions of {key}"
        raw = self.http.get(
            f"issue/{quoted(key)}/transitions", where, doing, expand="transitions.fields"
        )
        with reading_answer(where, doing):
            return list(raw["transitions"])

    def transition(
        self,
        key: str,
        transition: str,
        fields: Mapping[str, Any] | None = None,
        update: Mapping[str, Any] | None = None,
    ) -> None:
        """Carry out one transition, with values for its screen."""
        body: dict[str, Any] = {"transition": {"id": str(transition)}}
        body |= {"fields": dict(fields)} if fields else {}
        body |= {"update": dict(update)} if update else {}
        path = f"issue/{quoted(key)}/transitions"
        self.http.send("POST", path, f"jira:{key}", f"change the status of {key}", json=body)

    def add_labels(self, key: str, labels: Sequence[str]) -> None:
        """Add labels to what is there, and look whether they are.

        Old Data Centers and what stands in for them may ignore "add": those get the union.
        """
        missing = self._missing(key, labels)[1]
        if not missing:
            return
        self._edit(key, {"update": {"labels": [{"add": label} for label in missing]}})
        there, missing = self._missing(key, missing)
        if missing:
            self._edit(key, {"fields": {"labels": [*there, *missing]}})

    def _missing(self, key: str, labels: Sequence[str]) -> tuple[list[str], list[str]]:
        there = [str(label) for label in self.fields(key, ["labels"])["labels"] or []]
        return there, [label for label in labels if label not in there]

    def _edit(self, key: str, body: Mapping[str, Any]) -> None:
        path = f"issue/{quoted(key)}"
        self.http.send("PUT", path, f"jira:{key}", f"label {key}", json=body)

    def remote_link(self, key: str, url: str, title: str, global_id: str) -> None:
        """Link the issue to `url`; the same `global_id` again replaces the link."""
        body = {
            "globalId": global_id[:255],
            "application": {"name": "Mendwheel", "type": "mendwheel"},
            "object": {"url": url, "title": title[:255]},
        }
        path = f"issue/{quoted(key)}/remotelink"
        self.http.send("POST", path, f"jira:{key}", f"link {key}", json=body)

    def set_property(self, key: str, name: str, value: Any) -> bool:
        """Set one entity property; False where this Data Center keeps none, told once."""
        if self._without_properties:
            return False
        path = f"issue/{quoted(key)}/properties/{quoted(name)}"
        try:
            self.http.send("PUT", path, f"jira:{key}", f"set a property of {key}", json=value)
        except PlaceError as error:
            if self.http.cloud or error.kind not in ("404", "405"):
                raise
            self._without_properties = True
            _log.warning("this Jira keeps no entity properties (%s): none are set", error.kind)
            return False
        return True
