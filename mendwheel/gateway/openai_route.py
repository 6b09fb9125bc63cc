"""A route to any OpenAI-compatible endpoint: hosted, vLLM, Ollama, llama.cpp, another gateway."""

import asyncio
from typing import Any, cast

from openai import (
    APIStatusError,
    AsyncOpenAI,
    ContentFilterFinishReasonError,
    LengthFinishReasonError,
)
from openai.types.chat import ChatCompletionMessageParam
from pydantic import ValidationError

from mendwheel.gateway.client import connect
from mendwheel.gateway.errors import Garbage, ModelError, Problem
from mendwheel.gateway.keys import LIMITED_FOR, REFUSED_FOR, Keys
from mendwheel.gateway.openai_errors import ASKED, translate
from mendwheel.gateway.route import Completion, Message, T
from mendwheel.retry_after import seconds_to_wait

# Byte-level tokenizers never make more tokens than there are bytes; templates and the output's
# schema, which providers put into the prompt, come on top.
_MESSAGE_TOKENS = 16
_SCHEMA_TOKENS = 2048
_SHOWN = 300
_MOST_TOKENS = 100_000_000
"""No request uses more: what claims to is not believed, and the worst case stands."""


class OpenAIRoute:
    """One model at one base URL. The client is made on first use, inside the running loop."""

    def __init__(
        self,
        base_url: str,
        api_key: str | Keys | None,
        model: str,
        timeout: float = 120.0,
        max_tokens: int = 700,
        name: str | None = None,
    ) -> None:
        self._base_url = base_url
        self._keys = api_key if isinstance(api_key, Keys) else Keys(fixed=api_key)
        self._model = model
        self._name = name or model
        self._timeout = timeout
        self._max_tokens = max_tokens
        self._client: AsyncOpenAI | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def name(self) -> str:
        return self._name

    def worst_case_tokens(self, messages: list[Message]) -> int:
        """Bytes of the prompt, overheads and the answer's limit."""
        prompt = sum(len(message["content"].encode()) + _MESSAGE_TOKENS for message in messages)
        return prompt + _SCHEMA_TOKENS + self._max_tokens

    async def complete(self, messages: list[Message], output: type[T]) -> Completion[T]:
        """One request, bounded by the timeout as a whole, not per chunk.

        A key that is refused or told to wait makes room for the next one, within the same time.

        Raises:
            Garbage: the answer is cut off or not an `output`.
            ModelError: there was no answer.
        """
        try:
            async with asyncio.timeout(self._timeout):
                raw = await self._with_any_key(messages, output)
        except ASKED as error:
            raise translate(error, self._base_url, self._model) from error
        body = self._body(raw.http_response)
        try:
            raw.parse()
        except LengthFinishReasonError:
            problem = f"the answer was cut off at {self._max_tokens} tokens: be shorter"
            raise _garbage(problem, body, "truncated") from None
        except ContentFilterFinishReasonError:
            raise ModelError("refused", f"{self._model}: stopped by a content filter") from None
        except (ValidationError, AttributeError, TypeError, LookupError):
            # Not the end: the text may be a valid answer in a Markdown fence, in a body that has
            # not everything the library counts on.
            pass
        return self._completion(body, output)

    async def aclose(self) -> None:
        """Close the connections. The route may be used again afterwards."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _with_any_key(self, messages: list[Message], output: type[T]) -> Any:
        """The raw answer to the first key that is neither refused nor told to wait."""
        client = self._connected()
        keys = await asyncio.to_thread(self._keys.usable)
        *others, last = keys or ["none"]
        for key in others:
            try:
                return await self._request(client, key, messages, output)
            except APIStatusError as error:
                if not self._benched(key, error):
                    raise
        try:
            return await self._request(client, last, messages, output)
        except APIStatusError as error:
            self._benched(last, error)
            raise

    async def _request(
        self, client: AsyncOpenAI, key: str, messages: list[Message], output: type[T]
    ) -> Any:
        completions = client.with_options(api_key=key).chat.completions
        return await completions.with_raw_response.parse(
            model=self._model,
            messages=cast(list[ChatCompletionMessageParam], messages),
            response_format=output,
            max_tokens=self._max_tokens,
            temperature=0,
            timeout=self._timeout,
        )

    def _benched(self, key: str, error: APIStatusError) -> bool:
        """Whether it is the key's own failure; then it is left out for a while."""
        if error.status_code == 401 or error.code == "insufficient_quota":
            self._keys.bench(key, REFUSED_FOR)
        elif error.status_code == 429:
            self._keys.bench(key, seconds_to_wait(error.response.headers) or LIMITED_FOR)
        else:
            return False
        return True

    def _connected(self) -> AsyncOpenAI:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._client = connect(self._base_url, "none", self._timeout)
            self._loop = loop
        return self._client

    def _body(self, response: Any) -> dict[str, Any]:
        try:
            body = response.json()
        except (ValueError, RecursionError):
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
            if not text.strip():
                raise _garbage("the answer is empty", body, "empty") from None
            raise _garbage(_problem(error), body, "schema") from None
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
    """Tokens of the prompt and of the answer; 0 and 0 where what is said cannot be."""
    usage = body.get("usage")
    said = usage if isinstance(usage, dict) else {}
    prompt, completion = said.get("prompt_tokens") or 0, said.get("completion_tokens") or 0
    if all(isinstance(each, int) and 0 <= each <= _MOST_TOKENS for each in (prompt, completion)):
        return int(prompt), int(completion)
    return 0, 0


def _garbage(message: str, body: dict[str, Any], problem: Problem) -> Garbage:
    prompt, completion = _usage(body)
    return Garbage(
        message,
        problem=problem,
        text=_text(body),
        prompt_tokens=prompt,
        completion_tokens=completion,
    )


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
