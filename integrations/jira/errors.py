"""What Jira and the network say, as PlaceError: one line that names the thing and the way out."""

from collections.abc import Iterator
from contextlib import contextmanager

from requests import RequestException, Response
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import InvalidURL, SSLError, Timeout

from mendwheel.ports.world import PlaceError
from mendwheel.retry_after import seconds_to_wait
from mendwheel.security.redaction import redact

RETRYABLE = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""Other 5xx are retried too; these are named for readers."""

_SAID = 300


def refused(response: Response, where: str, doing: str) -> PlaceError:
    """What a 4xx or 5xx answer means. `doing` reads as in "Jira refused to {doing}"."""
    status = response.status_code
    return PlaceError(
        where,
        str(status),
        _line(f"Jira refused to {doing} ({status})", said(response), _way_out(status, where)),
        retryable=status in RETRYABLE or status >= 500,
        retry_after=seconds_to_wait(response.headers) if status in RETRYABLE else None,
    )


def unreachable(error: RequestException, where: str, doing: str) -> PlaceError:
    """What a request without an answer means; a write may have been carried out all the same."""
    if isinstance(error, SSLError):
        kind, way = "tls", "its certificate is not trusted here: set REQUESTS_CA_BUNDLE"
        return PlaceError(where, kind, _line(f"Jira was not asked to {doing}", "", way))
    if isinstance(error, InvalidURL):
        return PlaceError(
            where, "url", _line(f"Jira was not asked to {doing}", "", "check jira_base_url")
        )
    if isinstance(error, Timeout):
        kind, what = "timeout", "no answer in time"
    elif isinstance(error, NoConnection):
        kind, what = "unreachable", "no connection"
    else:
        kind, what = "broken_answer", "the answer broke off"
    way = "check jira_base_url and the network if it stays so"
    return PlaceError(where, kind, _line(f"Jira: {what}, to {doing}", "", way), retryable=True)


def unreadable(where: str, doing: str) -> PlaceError:
    """An answer that is no JSON of Jira's: a log-in page, a proxy, another product."""
    way = "check jira_base_url and jira_deployment; a proxy or log-in page may stand in between"
    return PlaceError(
        where, "unreadable", _line(f"Jira's answer to {doing} is not its own", "", way)
    )


def moved(response: Response, where: str, doing: str) -> PlaceError:
    """A redirect: following it would turn a POST into a GET and send the token elsewhere."""
    way = "set jira_base_url to the address that Jira itself uses"
    return PlaceError(
        where,
        "moved",
        _line(f"Jira sends us elsewhere ({response.status_code}) when asked to {doing}", "", way),
    )


def said(response: Response) -> str:
    """Jira's own `errorMessages` and `errors`, on one line, without secrets; "" for none."""
    try:
        body = response.json()
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    messages = body.get("errorMessages")
    parts = [str(each) for each in messages] if isinstance(messages, list) else []
    fields = body.get("errors")
    if isinstance(fields, dict):
        parts += [f"{name}: {text}" for name, text in fields.items()]
    for name in ("errorMessage", "message"):
        if not parts and isinstance(body.get(name), str):
            parts.append(body[name])
    text = redact(" ".join(" ".join(parts).split()))
    return text if len(text) <= _SAID else text[: _SAID - 1] + "…"


def _way_out(status: int, where: str) -> str:
    key = where.partition(":")[2]
    project = key.rpartition("-")[0] or key or "it"
    return {
        400: "",
        401: "the token is wrong or has expired: set jira_token (and jira_user) anew",
        403: f"the account may not do this in project {project}: give it the permission there",
        404: f"{key or 'it'} is gone, or the account cannot see it",
        405: "this Jira does not know that request: check jira_deployment",
        410: "this Jira has removed that request: check jira_deployment",
        413: "the text is too long for this Jira",
        429: "too many requests; tried again later",
    }.get(status, "tried again later" if status >= 500 else "")


def _line(what: str, said_: str, way: str) -> str:
    return "; ".join(part for part in (f"{what}: {said_}" if said_ else what, way) if part)


@contextmanager
def reading_answer(where: str, doing: str) -> Iterator[None]:
    """An answer of another shape than Jira's is `unreadable`, not a defect of ours."""
    try:
        yield
    except PlaceError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise unreadable(where, doing) from error
