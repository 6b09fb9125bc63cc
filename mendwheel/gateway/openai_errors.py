"""Sorts the `openai` client's errors into those worth another attempt and those that are not."""

import httpx2
import openai

from mendwheel.gateway.errors import Kind, ModelError
from mendwheel.retry_after import seconds_to_wait
from mendwheel.security.redaction import redact

ASKED = (openai.OpenAIError, TimeoutError)
"""What asking may raise."""

_SHOWN = 200
_NOT_REACHED = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_OBJECTIONS = ("content_filter", "content_policy_violation")
"""What providers call their refusal to show a prompt to the model at all."""

_HINTS = {
    401: "set MENDWHEEL_MODEL_API_KEY, or the route's keys",
    403: "this key may not use the model",
    404: "check MENDWHEEL_MODEL and MENDWHEEL_MODEL_BASE_URL",
    **dict.fromkeys(
        (301, 302, 303, 307, 308), "a redirect, which is not followed: set where it leads"
    ),
}


def translate(error: Exception, base_url: str, model: str) -> ModelError:
    """`error` as a `ModelError` that names the endpoint and, where there is one, the way out."""
    if isinstance(error, (openai.APITimeoutError, TimeoutError)):
        return ModelError("timeout", f"{model} at {base_url} took longer than the timeout")
    if isinstance(error, openai.APIStatusError):
        return _status(error, base_url, model)
    if isinstance(error, openai.APIConnectionError):
        reason = error.__cause__ or error
        told = f"{base_url} cannot be reached: {reason}"
        return ModelError("unavailable", told, spent=not isinstance(reason, _NOT_REACHED))
    return ModelError("unavailable", f"{model} at {base_url}: {error}")


def _status(error: openai.APIStatusError, base_url: str, model: str) -> ModelError:
    status = error.status_code
    hint = f": {_HINTS[status]}" if status in _HINTS else ""
    said = redact(error.message)[:_SHOWN]  # some endpoints repeat the key they refuse
    message = f"{model} at {base_url} answered {status}{hint} ({said})"
    wait = seconds_to_wait(error.response.headers)
    # Nobody is paid for a failure of their own.
    return ModelError(_kind(error), message, retry_after=wait, spent=False)


def _kind(error: openai.APIStatusError) -> Kind:
    status = error.status_code
    if error.code in _OBJECTIONS:
        return "refused"
    if status in (400, 413, 422):
        return "unfit"
    if status == 429:
        # An empty account says 429 as well, and waiting does not fill it.
        return "permanent" if error.code == "insufficient_quota" else "rate_limited"
    if status == 408:
        return "timeout"
    if status == 409 or status >= 500:
        return "unavailable"
    return "permanent"
