"""The part of JQL that integrations use: comparisons, lists, AND, OR, NOT, dates, ORDER BY."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mendwheel.testing import adf
from mendwheel.testing.jira_state import CATEGORIES, JiraIssue, JiraProblem, JiraSite

Test = Callable[[JiraIssue], bool]

_TOKEN = re.compile(r'\s*("(?:\\.|[^"])*"|\'[^\']*\'|!=|>=|<=|!~|[=<>~(),]|[^\s=<>~(),!"\']+)')
_AGO = re.compile(r"^-(\d+)([mhdw])$")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DATES = {"created", "updated", "resolved", "resolutiondate"}
_ORDER = re.compile(r"\border\s+by\s+(.*)$", re.IGNORECASE | re.DOTALL)


class Query:
    """A parsed query. `bounded` is whether it restricts anything."""

    def __init__(self, text: str, site: JiraSite) -> None:
        """Raises JiraProblem: 400, what this JQL does not understand."""
        self._site = site
        order = _ORDER.search(text)
        self._order = order.group(1).split(",") if order else []
        where = text[: order.start()] if order else text
        self._tokens = [found.group(1) for found in _TOKEN.finditer(where)]
        self.bounded = bool(self._tokens)
        self._test: Test = self._any_of() if self._tokens else lambda issue: True
        if self._tokens:
            raise self._wrong(f"unexpected {self._tokens[0]!r}")

    def found(self) -> list[JiraIssue]:
        """Issues that fit, in the order asked for; the newest first by default."""
        issues = [issue for issue in list(self._site.issues.values()) if self._test(issue)]
        issues.sort(key=lambda issue: int(issue.id), reverse=True)
        for part in reversed(self._order):
            name, _, direction = part.strip().partition(" ")
            down = direction.strip().lower() == "desc"
            issues.sort(key=lambda issue: _sortable(self._values(issue, name)), reverse=down)
        return issues

    def _any_of(self) -> Test:
        tests = [self._all_of()]
        while self._take("or"):
            tests.append(self._all_of())
        return lambda issue: any(test(issue) for test in tests)

    def _all_of(self) -> Test:
        tests = [self._one()]
        while self._take("and"):
            tests.append(self._one())
        return lambda issue: all(test(issue) for test in tests)

    def _one(self) -> Test:
        if self._take("not"):
            test = self._one()
            return lambda issue: not test(issue)
        if self._take("("):
            inner = self._any_of()
            if not self._take(")"):
                raise self._wrong("a closing parenthesis is missing")
            return inner
        return self._clause()

    def _clause(self) -> Test:
        name = self._next().strip('"').lower()
        sign = self._next().lower()
        if sign in ("is", "not"):
            sign += " not" if self._take("not") else " in" if self._take("in") else ""
        wanted = self._list() if sign in ("in", "not in") else [self._value()]
        self._values(None, name)  # an unknown field is refused, even where nothing is compared
        if name in _DATES:
            return self._dated(name, sign, wanted[0])
        return self._compared(name, sign, [each.lower() for each in wanted])

    def _compared(self, name: str, sign: str, wanted: list[str]) -> Test:
        empty = wanted[0] in ("empty", "null")

        def held(issue: JiraIssue) -> list[str]:
            return [str(value).lower() for value in self._values(issue, name) if value]

        if sign in ("~", "!~"):
            return lambda issue: (wanted[0] in " ".join(held(issue))) == (sign == "~")
        if sign in ("is", "is not") or empty:
            return lambda issue: bool(held(issue)) == (sign in ("is not", "!="))
        if sign in ("=", "in"):
            return lambda issue: bool(set(held(issue)) & set(wanted))
        if sign in ("!=", "not in"):
            return lambda issue: bool(held(issue)) and not set(held(issue)) & set(wanted)
        raise self._wrong(f"the operator {sign!r} is not supported by the {name!r} field")

    def _dated(self, name: str, sign: str, wanted: str) -> Test:
        if sign in ("is", "is not"):
            return lambda issue: bool(self._values(issue, name)[0]) == (sign == "is not")
        edge = self._moment(wanted)
        compare: dict[str, Callable[[datetime], bool]] = {
            ">": lambda at: at > edge,
            ">=": lambda at: at >= edge,
            "<": lambda at: at < edge,
            "<=": lambda at: at <= edge,
            "=": lambda at: at == edge,
        }
        if sign not in compare:
            raise self._wrong(f"the operator {sign!r} is not supported by the {name!r} field")
        test = compare[sign]
        return lambda issue: any(at is not None and test(at) for at in self._values(issue, name))

    def _moment(self, text: str) -> datetime:
        ago = _AGO.match(text)
        if ago:
            return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        if text.isdigit():
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        if text.lower() == "now":
            return datetime.now(UTC)
        for form in ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d"):
            try:
                return datetime.strptime(text, form).replace(tzinfo=UTC)
            except ValueError:
                continue
        raise self._wrong(f"Date value '{text}' is invalid: use 'yyyy-MM-dd HH:mm'")

    def _values(self, issue: JiraIssue | None, name: str) -> list[Any]:
        fields: dict[str, Callable[[JiraIssue], Sequence[Any]]] = {
            **dict.fromkeys(("key", "issuekey", "issue", "id"), lambda i: [i.key, i.id]),
            "project": lambda i: [i.project],
            "status": lambda i: [i.status, self._site.statuses[i.status].id],
            "statuscategory": lambda i: _category(self._site, i),
            "resolution": lambda i: [i.resolution or "unresolved"],
            "labels": lambda i: i.labels,
            "component": lambda i: i.components,
            "summary": lambda i: [i.summary],
            "text": lambda i: [i.summary, adf.to_text(i.description)],
            "assignee": lambda i: [i.assignee and i.assignee.id],
            "reporter": lambda i: [i.reporter and i.reporter.id],
            "priority": lambda i: [i.priority],
            **dict.fromkeys(("issuetype", "type"), lambda i: [i.kind]),
            "created": lambda i: [i.created],
            "updated": lambda i: [i.updated],
            **dict.fromkeys(("resolved", "resolutiondate"), lambda i: [i.resolved]),
        }
        if name.lower() not in fields:
            raise self._wrong(f"Field '{name}' does not exist or you do not have permission")
        return list(fields[name.lower()](issue)) if issue else []

    def _list(self) -> list[str]:
        if not self._take("("):
            raise self._wrong("a list needs parentheses")
        values = [self._value()]
        while self._take(","):
            values.append(self._value())
        if not self._take(")"):
            raise self._wrong("a closing parenthesis is missing")
        return values

    def _value(self) -> str:
        word = self._next()
        if self._take("("):
            if not self._take(")"):
                raise self._wrong(f"function {word!r} takes nothing here")
            return self._site.bot.id if word.lower() == "currentuser" else word
        return re.sub(r"\\(.)", r"\1", word[1:-1]) if word[0] in "\"'" else word

    def _next(self) -> str:
        if not self._tokens:
            raise self._wrong("it ends too early")
        return self._tokens.pop(0)

    def _take(self, word: str) -> bool:
        if self._tokens and self._tokens[0].lower() == word:
            self._tokens.pop(0)
            return True
        return False

    def _wrong(self, what: str) -> JiraProblem:
        return JiraProblem(400, f"Error in the JQL Query: {what}.")


def _category(site: JiraSite, issue: JiraIssue) -> list[str]:
    key = site.statuses[issue.status].category
    return [key, CATEGORIES[key][1]]


def _sortable(values: list[Any]) -> tuple[bool, Any]:
    """What is missing comes first."""
    value = values[0] if values else None
    return value is not None, value.isoformat() if isinstance(value, datetime) else str(value)
