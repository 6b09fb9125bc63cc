"""A route to any OpenAI-compatible endpoint: hosted, vLLM, Ollama, llama.cpp, another gateway."""

import asyncio
from typing import Any, cast

from openai import AsyncOpenAI, ContentFilterFinishReasonError, LengthFinishReasonError
from openai.types.chat import ChatCompletionMessageParam
from pydantic import ValidationError

from mendwheel.gateway.errors import Garbage, ModelError
from mendwheel.gateway.openai_errors import ASKED, translate
from mendwheel.gateway.route import Completion, Message, T

# Byte-level tokenizers never make more tokens than there are bytes; templates and the output's
# schema, which providers put into the prompt, come on top.
_MESSAGE_TOKENS = 16
_SCHEMA_TOKENS = 1024
_SHOWN = 300


class OpenAIRoute:
    """One model at one base URL. The client is made on first use, inside the running loop."""

    def __init__(
        self,
        base_url: str,
        api_key: str | None,
        model: str,
        timeout: float = 120.0,
        max_tokens: int = 700,
    ) -> None:
        self._base_url = base_url
        self._api_key = api_key
        self._model = model
        self._timeout = timeout
        self._max_tokens = max_tokens
        self._client: AsyncOpenAI | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def name(self) -> str:
        return self._model

    def worst_case_tokens(self, messages: list[Message]) -> int:
        """Bytes of the prompt, overheads and the answer's limit."""
        prompt = sum(len(message["content"].encode()) + _MESSAGE_TOKENS for message in messages)
        return prompt + _SCHEMA_TOKENS + self._max_tokens

    async def complete(self, messages: list[Message], output: type[T]) -> Completion[T]:
        """One request, bounded by the timeout as a whole, not per chunk.

        Raises:
            Garbage: the answer is cut off or not an `output`.
            ModelError: there was no answer.
        """
        try:
            async with asyncio.timeout(self._timeout):
                raw = await self._connected().chat.completions.with_raw_response.parse(
                    model=self._model,
                    messages=cast(list[ChatCompletionMessageParam], messages),
                    response_format=output,
                    max_tokens=self._max_tokens,
                    temperature=0,
                    timeout=self._timeout,
                )
        except ASKED as error:
            raise translate(error, self._base_url, self._model) from error
        body = self._body(raw.http_response)
        try:
            raw.parse()
        except LengthFinishReasonError:
            problem = f"the answer was cut off at {self._max_tokens} tokens: be shorter"
            raise _garbage(problem, body) from None
        except ContentFilterFinishReasonError:
            raise ModelError("refused", f"{self._model}: stopped by a content filter") from None
        except ValidationError:
            # Not the end: the text may be a valid answer in a Markdown fence.
            pass
        return self._completion(body, output)

    async def aclose(self) -> None:
        """Close the connections. The route may be used again afterwards."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def _connected(self) -> AsyncOpenAI:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            # A key is always given, so that the client never sends one it finds in the
            # environment to an endpoint it was not meant for.
            self._client = AsyncOpenAI(
                base_url=self._base_url,
                api_key=self._api_key or "none",
                max_retries=0,
                timeout=self._timeout,
            )
            self._loop = loop
        return self._client

    def _body(self, response: Any) -> dict[str, Any]:
        try:
            body = response.json()
        except ValueError:
            body = None
        choices = body.get("choices") if isinstance(body, dict) else None
        if isinstance(choices, list) and all(isinstance(choice, dict) for choice in choices):
            return cast(dict[str, Any], body)
        raise ModelError(
            "unavailable",
            f"{self._base_url} answered without a chat completion: check that the base URL ends"
            " in the API's version, as in /v1",
        )

    def _completion(self, body: dict[str, Any], output: type[T]) -> Completion[T]:
        if _message(body).get("refusal"):
            raise ModelError("refused", f"{self._model} refused to answer")
        text = _text(body)
        try:
            answer = output.model_validate_json(_unfenced(text))
        except ValidationError as error:
            problem = _problem(error) if text.strip() else "the answer is empty"
            raise _garbage(problem, body) from None
        prompt_tokens, completion_tokens = _usage(body)
        return Completion(
            output=answer, prompt_tokens=prompt_tokens, completion_tokens=completion_tokens
        )


def _message(body: dict[str, Any]) -> dict[str, Any]:
    message = body["choices"][0].get("message") if body["choices"] else None
    return message if isinstance(message, dict) else {}


def _text(body: dict[str, Any]) -> str:
    content = _message(body).get("content")
    return content if isinstance(content, str) else ""


def _usage(body: dict[str, Any]) -> tuple[int, int]:
    usage = body.get("usage")
    if not isinstance(usage, dict):
        return 0, 0
    return int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)


def _garbage(problem: str, body: dict[str, Any]) -> Garbage:
    prompt, completion = _usage(body)
    return Garbage(problem, text=_text(body), prompt_tokens=prompt, completion_tokens=completion)


def _unfenced(text: str) -> str:
    """The JSON object in a text: without structured output, thoughts and Markdown surround it."""
    text = text.rpartition("</think>")[2]
    start, end = text.find("{"), text.rfind("}")
    return text[start : end + 1] if 0 <= start < end else text


def _problem(error: ValidationError) -> str:
    lines = (
        f"{'.'.join(map(str, detail['loc'])) or 'answer'}: {detail['msg']}"
        for detail in error.errors(include_url=False, include_input=False, include_context=False)
    )
    return "; ".join(lines)[:_SHOWN]
