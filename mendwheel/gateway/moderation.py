"""What may not pass: by rules that are always there, and by an endpoint where one is set.

Who cannot judge does not let pass: an endpoint that is away makes every text suspicious.
"""

import asyncio

from openai import AsyncOpenAI, OpenAIError, omit
from pydantic import BaseModel, Field, ValidationError

from mendwheel.gateway.client import connect
from mendwheel.gateway.extractive.orders import gives_orders
from mendwheel.ports import ModerationUnavailable, Moderator
from mendwheel.security.redaction import holds_secret

_ORDERS = "it gives orders to whoever works on it"
_LEAK = "it holds something that looks like a secret"
_LONGEST = 20_000
"""Characters sent to an endpoint at once; what is cut off the rules have still seen."""


class RuleModerator:
    """Orders to the agents, and secrets in what they say."""

    async def asked(self, text: str) -> list[str]:
        """What is wrong with a report; empty: nothing."""
        return [_ORDERS] if gives_orders(text) else []

    async def said(self, text: str) -> list[str]:
        """What is wrong with a model's answer; empty: nothing."""
        # What the reporter wrote came to the model as placeholders: a secret here is another one.
        return [_LEAK] * holds_secret(text) + [_ORDERS] * gives_orders(text)

    async def aclose(self) -> None:
        """Nothing is open."""


class _Result(BaseModel):
    flagged: bool
    categories: dict[str, bool | None] = {}


class _Judged(BaseModel):
    results: list[_Result] = Field(min_length=1)


class EndpointModerator:
    """An OpenAI-compatible `/moderations`. One request a text, bounded by `timeout` seconds."""

    def __init__(
        self, base_url: str, api_key: str | None, model: str | None, timeout: float = 5.0
    ) -> None:
        self._base_url = base_url
        self._api_key = api_key
        self._model = model
        self._timeout = timeout
        self._client: AsyncOpenAI | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def asked(self, text: str) -> list[str]:
        """Names of the categories that `text` falls into. Raises ModerationUnavailable."""
        return await self._flags(text)

    async def said(self, text: str) -> list[str]:
        """The same for what a model said."""
        return await self._flags(text)

    async def aclose(self) -> None:
        """Close the connections. It may be used again afterwards."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _flags(self, text: str) -> list[str]:
        try:
            async with asyncio.timeout(self._timeout):
                raw = await self._connected().moderations.with_raw_response.create(
                    input=text[:_LONGEST], model=self._model or omit
                )
            judged = _Judged.model_validate_json(raw.content)
        except (OpenAIError, TimeoutError, ValidationError) as error:
            raise ModerationUnavailable(
                f"{self._base_url}/moderations did not answer as it should"
                f" ({type(error).__name__}): correct or unset MENDWHEEL_MODERATION_BASE_URL"
            ) from error
        flagged = [result for result in judged.results if result.flagged]
        names = [name for each in flagged for name, so in each.categories.items() if so]
        return list(dict.fromkeys(names)) or ["flagged"] * bool(flagged)

    def _connected(self) -> AsyncOpenAI:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._client = connect(self._base_url, self._api_key or "none", self._timeout)
            self._loop = loop
        return self._client


class AllOf:
    """Several moderators: what one objects to does not pass."""

    def __init__(self, *moderators: Moderator) -> None:
        self._moderators = moderators

    async def asked(self, text: str) -> list[str]:
        """Every objection; those that come first spare the question to the next."""
        for each in self._moderators:
            if found := await each.asked(text):
                return found
        return []

    async def said(self, text: str) -> list[str]:
        """The same for what a model said."""
        for each in self._moderators:
            if found := await each.said(text):
                return found
        return []

    async def aclose(self) -> None:
        """Close them all."""
        for each in self._moderators:
            await each.aclose()
