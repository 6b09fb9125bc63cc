"""Who reported: account, plan, entitlements, and only the fields that the operator named.

What is not certainly of the ticket's tenant is not shown: a reporter known to two tenants must
not carry one's data into the other's tickets.
"""

import json
from collections.abc import Sequence
from typing import Any, Protocol

from pydantic import SecretStr

from mendwheel.domain.looking import Query
from mendwheel.domain.observation import Observation, Window
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.integrations.senses.http_get import get
from mendwheel.integrations.senses.matching import segment
from mendwheel.integrations.senses.sql import SqlSense, bound
from mendwheel.ports import SenseError
from mendwheel.security.redaction import redact

WITHIN = 10.0
LIMIT = 500_000
VALUE = 500
"""Characters of one field."""

Record = dict[str, Any]


class Records(Protocol):
    """Where customers are looked up."""

    def find(self, ticket: Ticket, window: Window) -> list[Record]:
        """Raises SenseError."""
        ...


class HttpRecords:
    """A JSON object, or a list of them, at an address made from the reporter's subject."""

    def __init__(self, url: str, token: SecretStr | None) -> None:
        self._url = url
        self._token = token

    def find(self, ticket: Ticket, window: Window) -> list[Record]:
        url = self._url.replace("{tenant}", segment(ticket.tenant))
        url = url.replace("{subject}", segment(ticket.reporter))
        headers = {"Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        answer = get(url, headers=headers, within=WITHIN, limit=LIMIT)
        if answer.status == 404:
            return []
        if answer.status in (401, 403):
            raise SenseError("customer: the token is refused: set MENDWHEEL_CUSTOMER_TOKEN")
        if answer.status != 200:
            raise SenseError(
                f"customer: status {answer.status}: correct customer_url",
                retryable=answer.status >= 500 or answer.status == 429,
            )
        return _records(answer.body if answer.whole else b"")


class SqlRecords:
    """Rows of one of the operator's queries."""

    def __init__(self, sql: SqlSense, query: Query) -> None:
        self._sql = sql
        self._query = query

    def find(self, ticket: Ticket, window: Window) -> list[Record]:
        found = self._sql.read(self._query, bound(ticket, ticket.component, window))
        return [dict(zip(found.header, row, strict=True)) for row in found.rows]


class CustomerSense:
    """One observation about the reporter."""

    name = "customer"

    def __init__(self, records: Records, fields: Sequence[str], tenant_field: str) -> None:
        self._records = records
        self._fields = list(fields)
        self._tenant_field = tenant_field

    def observe(
        self, ticket: Ticket, report: Report, component: str | None, window: Window
    ) -> list[Observation]:
        """Raises SenseError: not reached, or only records of other tenants."""
        found = self._records.find(ticket, window)
        ours = [each for each in found if self._tenant(each) == ticket.tenant]
        if found and not ours:
            raise SenseError(
                f"customer: no record has {self._tenant_field} = {ticket.tenant}, nothing is "
                "shown: see customer_tenant_field"
            )
        lines = [line for record in ours for line in self._lines(record)]
        text = "\n".join(lines) or "The reporter is not known as a customer."
        return [Observation(title="customer of the reporter", media="customer", text=text)]

    def _tenant(self, record: Record) -> str | None:
        value = _at(record, self._tenant_field)
        return str(value) if isinstance(value, str | int) else None

    def _lines(self, record: Record) -> list[str]:
        shown = [(name, _at(record, name)) for name in self._fields]
        return [f"{name}: {_plain(value)}" for name, value in shown if value is not None]


def _records(body: bytes) -> list[Record]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise SenseError("customer: the answer is no JSON: correct customer_url") from None
    found = data if isinstance(data, list) else [data]
    if not all(isinstance(each, dict) for each in found):
        raise SenseError("customer: the answer is no JSON object: correct customer_url")
    return found[:20]


def _at(record: Any, path: str) -> Any:
    """The value under `plan.name`, or under a key that itself holds the dot."""
    if isinstance(record, dict) and path in record:
        return record[path]
    for key in path.split("."):
        record = record.get(key) if isinstance(record, dict) else None
    return record


def _plain(value: Any) -> str:
    """One line, redacted: a field that was named may still hold what nobody expected there."""
    if isinstance(value, list) and all(isinstance(each, str | int | float) for each in value):
        value = ", ".join(str(each) for each in value)
    if isinstance(value, dict | list):
        return f"{len(value)} entries, not shown: name a field within"
    return redact(" ".join(str(value).split())[:VALUE])
