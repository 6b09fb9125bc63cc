"""Asks the model endpoint which models it serves; nothing is generated and nothing is spent."""

from mendwheel.cli.checks import Check, fail, ok, warn
from mendwheel.settings import Settings

ANSWER_WITHIN = 3.0


def model(settings: Settings) -> Check:
    """One GET of /models, answered within three seconds."""
    if settings.model is None or settings.model_base_url is None:
        return ok("model", "none is set: the extractive engine does the work")
    from openai import APIStatusError, OpenAI, OpenAIError

    secret = settings.model_api_key
    where = settings.model_base_url
    try:
        with OpenAI(
            base_url=where,
            api_key=secret.get_secret_value() if secret else "none",
            timeout=ANSWER_WITHIN,
            max_retries=0,
        ) as client:
            served = [each.id for each in client.models.list().data]
    except APIStatusError as error:
        if error.status_code in (401, 403):
            return fail("model", f"{where} refuses the key", "set MENDWHEEL_MODEL_API_KEY")
        return warn("model", f"{where}/models says {error.status_code}", "some endpoints lack it")
    except OpenAIError as error:
        reason = str(error) or type(error).__name__
        return fail("model", f"{where}: {reason}", "correct or unset MENDWHEEL_MODEL_BASE_URL")
    if settings.model not in served:
        some = ", ".join(served[:5]) or "none"
        return warn("model", f"{where} does not list {settings.model}", f"it lists {some}")
    return ok("model", f"{settings.model} at {where}")
