"""`/codec/NAMESPACE/encode|decode`: Temporal's remote codec, for its UI and command line.

Whoever has the token reads every ticket there is: one origin, one token, one namespace, no cache.
"""

import base64
import binascii
import json
from collections.abc import Mapping

from google.protobuf.json_format import MessageToJson, ParseDict, ParseError
from pydantic import SecretStr
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from temporalio.api.common.v1 import Payloads

from mendwheel.integrations.bearer import bears, same
from mendwheel.security.codec import EncryptingCodec
from mendwheel.security.payload_keys import PayloadKeyError
from mendwheel.settings import Settings
from mendwheel.settings_security import origin

_PRIVATE = {"Cache-Control": "no-store", "Vary": "Origin"}
_REALM = {"WWW-Authenticate": 'Basic realm="Mendwheel codec", charset="UTF-8"'}


def routes(settings: Settings) -> list[Route]:
    """None unless a token is set. Raises PayloadKeyError: the keys cannot be used."""
    if settings.codec_token is None:
        return []
    endpoint = CodecEndpoint(settings, settings.codec_token)
    path = "/codec/{namespace}"

    async def code(request: Request) -> Response:
        return await endpoint.code(request)

    async def hello(request: Request) -> Response:
        return endpoint.hello(request)

    return [
        Route(f"{path}/{{what:str}}", code, methods=["POST", "OPTIONS"]),
        Route(path, hello, methods=["GET"]),
    ]


class CodecEndpoint:
    """Speaks the JSON form of Temporal's `Payloads`."""

    def __init__(self, settings: Settings, token: SecretStr) -> None:
        self._codec = EncryptingCodec.of(settings)
        self._namespace = settings.temporal_namespace
        self._token = token
        ui = settings.temporal_ui_url
        self._origin = settings.codec_origin or (origin(ui) if ui else None)

    async def code(self, request: Request) -> Response:
        """Encode or decode what was posted; browsers ask first (OPTIONS), without the token."""
        what = request.path_params["what"]
        if what not in ("encode", "decode"):
            raise HTTPException(404, "encode or decode: nothing else is here")
        headers = self._cors(request)
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=headers)
        self._allowed(request, headers)
        payloads = _parsed(await request.body(), headers)
        done = self._codec.encode if what == "encode" else self._codec.decode
        try:
            found = await done(payloads.payloads)
        except PayloadKeyError as error:
            raise HTTPException(422, str(error), headers) from error
        text = MessageToJson(Payloads(payloads=found), indent=None)
        return Response(text, headers=headers, media_type="application/json")

    def hello(self, request: Request) -> Response:
        """Asks a person's browser for the token, which it then sends along for the UI."""
        self._allowed(request, dict(_PRIVATE))
        return Response("This browser may have payloads decrypted now.\n", headers=_PRIVATE)

    def _allowed(self, request: Request, headers: Mapping[str, str]) -> None:
        """Raises HTTPException: not this token, not this namespace."""
        if not (bears(request, self._token) or same(_password(request), self._token)):
            why = "the codec's token is missing or wrong: it is the setting codec_token"
            raise HTTPException(401, why, {**headers, **_REALM})
        named = {request.path_params["namespace"], request.headers.get("x-namespace")} - {None}
        if named != {self._namespace}:
            why = "this codec serves another namespace: it is the setting temporal_namespace"
            raise HTTPException(403, why, dict(headers))

    def _cors(self, request: Request) -> dict[str, str]:
        """Raises HTTPException: a page of another origin asks."""
        asking = request.headers.get("origin")
        if asking is None:  # no browser
            return dict(_PRIVATE)
        if self._origin is None or asking.lower() != self._origin:
            raise HTTPException(403, "pages of this origin may not ask: set codec_origin", _PRIVATE)
        return {
            **_PRIVATE,
            "Access-Control-Allow-Origin": asking,
            "Access-Control-Allow-Methods": "POST, OPTIONS",
            "Access-Control-Allow-Headers": "authorization, content-type, x-namespace",
            "Access-Control-Allow-Credentials": "true",
            "Access-Control-Max-Age": "600",
        }


def _parsed(body: bytes, headers: Mapping[str, str]) -> Payloads:
    try:
        found = json.loads(body)
        if not isinstance(found, dict):
            raise ValueError("no object")
        return ParseDict(found, Payloads(), ignore_unknown_fields=True, max_recursion_depth=20)
    except (ParseError, ValueError, RecursionError):
        why = 'needs {"payloads": [...]} as Temporal writes it in JSON'
        raise HTTPException(400, why, dict(headers)) from None


def _password(request: Request) -> str:
    """What a browser that was asked sends: any name, and the token as the password."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(given, validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
