"""The gateway that the settings describe."""

from mendwheel.gateway.gateway import Gateway, Rules
from mendwheel.gateway.keys import Keys
from mendwheel.gateway.moderation import AllOf, EndpointModerator, RuleModerator
from mendwheel.gateway.openai_route import OpenAIRoute
from mendwheel.gateway.route import Route, Terms
from mendwheel.ports import Answers, Budgets, Calls, Moderator, Quotas
from mendwheel.settings import Settings
from mendwheel.settings_models import ModelRoute


def from_settings(
    settings: Settings,
    budgets: Budgets,
    *,
    quotas: Quotas | None = None,
    answers: Answers | None = None,
    calls: Calls | None = None,
) -> Gateway:
    """Its routes are named as in the settings; none where no model is set. Opens nothing."""
    named = {route.called: route for route in settings.routes}
    return Gateway(
        {name: _route(settings, route) for name, route in named.items()},
        budgets,
        token_budget=settings.token_budget,
        context_chars=settings.model_context_chars,
        rules=Rules(
            deadline=settings.model_deadline_seconds,
            breaker_failures=settings.model_breaker_failures,
            breaker_pause=settings.model_breaker_seconds,
            keep_answers=settings.model_cache_seconds,
            tenant_per_minute=settings.tenant_tokens_per_minute,
            tenant_per_day=settings.tenant_tokens_per_day,
            terms={name: _terms(route) for name, route in named.items()},
        ),
        quotas=quotas,
        answers=answers,
        calls=calls,
        moderator=_moderator(settings),
    )


def keys_of(settings: Settings, route: ModelRoute) -> Keys:
    """Where the keys of a route are read."""
    secret = settings.model_api_key if route == settings.default_route else None
    return Keys(route.keys, fixed=secret.get_secret_value() if secret else None)


def _route(settings: Settings, route: ModelRoute) -> Route:
    return OpenAIRoute(
        route.base_url,
        keys_of(settings, route),
        route.model,
        timeout=route.timeout_seconds or settings.model_timeout_seconds,
        max_tokens=route.max_tokens or settings.model_max_tokens,
        name=route.called,
    )


def _terms(route: ModelRoute) -> Terms:
    return Terms(
        route.model,
        frozenset(route.agents),
        route.prompt_price,
        route.completion_price,
        route.base_url,
    )


def _moderator(settings: Settings) -> Moderator:
    rules = RuleModerator()
    if settings.moderation_base_url is None:
        return rules
    secret = settings.moderation_api_key
    endpoint = EndpointModerator(
        settings.moderation_base_url,
        secret.get_secret_value() if secret else None,
        settings.moderation_model,
    )
    return AllOf(rules, endpoint)
