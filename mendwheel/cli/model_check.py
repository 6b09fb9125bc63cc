"""Asks the model endpoint which models it serves; nothing is generated and nothing is spent."""

from mendwheel.cli.checks import Check, fail, ok, warn
from mendwheel.settings import Settings
from mendwheel.settings_models import ModelRoute

ANSWER_WITHIN = 3.0


def models(settings: Settings) -> list[Check]:
    """One check a route, in order; the first is what `model` finds."""
    if not settings.routes:
        return [model(settings)]
    return [_route(settings, route) for route in settings.routes]


def model(settings: Settings) -> Check:
    """One GET of /models of the first route, answered within three seconds."""
    if not settings.routes:
        return ok("model", "none is set: the extractive engine does the work")
    return _route(settings, settings.routes[0])


def _route(settings: Settings, route: ModelRoute) -> Check:
    from openai import APIStatusError, OpenAI, OpenAIError

    from mendwheel.gateway.configured import keys_of

    where, name = route.base_url, f"model {route.name}" if route.name else "model"
    keys = keys_of(settings, route).usable()
    if route.keys and not keys:
        return fail(name, f"no key for {where}", "put one where the route's keys say")
    try:
        with OpenAI(
            base_url=where,
            api_key=keys[0] if keys else "none",
            timeout=ANSWER_WITHIN,
            max_retries=0,
        ) as client:
            served = [each.id for each in client.models.list().data]
    except APIStatusError as error:
        if error.status_code in (401, 403):
            way_out = "set MENDWHEEL_MODEL_API_KEY, or the route's keys"
            return fail(name, f"{where} refuses the key", way_out)
        return warn(name, f"{where}/models says {error.status_code}", "some endpoints lack it")
    except OpenAIError as error:
        reason = str(error) or type(error).__name__
        return fail(name, f"{where}: {reason}", "correct or unset MENDWHEEL_MODEL_BASE_URL")
    if route.model not in served:
        some = ", ".join(served[:5]) or "none"
        return warn(name, f"{where} does not list {route.model}", f"it lists {some}")
    return ok(name, f"{route.model} at {where}")
