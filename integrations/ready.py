"""Whether what comes now could be handed over: Temporal answers, the store can be read."""

import asyncio
import logging

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from temporalio.service import RPCError

from mendwheel.integrations.edge import Edge
from mendwheel.ports import StoreUnavailable

_log = logging.getLogger(__name__)


class Readiness:
    """`/readyz`. `within`: seconds until a part counts as away."""

    def __init__(self, edge: Edge, within: float) -> None:
        self._client = edge.reach.client
        self._stores = edge.stores
        self._within = within

    async def __call__(self, request: Request) -> Response:
        parts = await self.parts()
        shown = {name: "ok" if fine else "away" for name, fine in parts.items()}
        return JSONResponse(shown, 200 if all(parts.values()) else 503)

    async def parts(self) -> dict[str, bool]:
        """What we hand over to, and whether it answers."""
        temporal, store = await asyncio.gather(self._temporal(), self._store())
        return {"temporal": temporal, "store": store}

    async def _temporal(self) -> bool:
        try:
            async with asyncio.timeout(self._within):
                return await self._client.service_client.check_health()
        except (RPCError, RuntimeError, TimeoutError) as error:
            _log.info("not ready: Temporal: %s", type(error).__name__)
            return False

    async def _store(self) -> bool:
        try:
            async with asyncio.timeout(self._within):
                await asyncio.to_thread(self._stores.store.rows, "SELECT 1 FROM artifacts LIMIT 1")
        except (StoreUnavailable, TimeoutError) as error:
            _log.info("not ready: %s", error)
            return False
        return True
