"""Sets aside what a call may cost before it is made: out of the ticket's budget and the tenant's
quota. What is not known to be unspent stays spent."""

import asyncio
from itertools import count

from mendwheel.domain.budget import Allowance, CallKey
from mendwheel.gateway.errors import BudgetExhausted, QuotaExhausted
from mendwheel.ports import Budgets, Quotas


class Spending:
    """Reserve, then settle. Limits of 0 a minute and a day are none."""

    def __init__(
        self,
        budgets: Budgets,
        token_budget: int,
        quotas: Quotas | None = None,
        *,
        per_minute: int = 0,
        per_day: int = 0,
    ) -> None:
        self._budgets = budgets
        self._token_budget = token_budget
        self._quotas = quotas if per_minute or per_day else None
        self._limits = {"per_minute": per_minute, "per_day": per_day}

    async def reserve(self, tenant: str, key: CallKey, tokens: int) -> CallKey:
        """The key to settle under.

        Raises:
            BudgetExhausted: the ticket may not spend `tokens`.
            QuotaExhausted: the tenant may not, for now or for today.
        """
        return await asyncio.to_thread(self._reserve, tenant, key, tokens)

    async def settle(self, key: CallKey, tokens: int) -> None:
        """The call came to its end and used `tokens`."""
        await asyncio.to_thread(self._settle, key, tokens)

    def _reserve(self, tenant: str, key: CallKey, tokens: int) -> CallKey:
        mine = self._of_the_ticket(key, tokens)
        if self._quotas is None:
            return mine
        allowed = self._quotas.take(tenant, mine, tokens, **self._limits)
        if not allowed.granted:
            self._budgets.settle(mine, 0)  # nothing was sent
            raise _refused(tenant, tokens, allowed, self._limits)
        return mine

    def _of_the_ticket(self, key: CallKey, tokens: int) -> CallKey:
        for attempt in count():
            # A call that is made again costs again: nobody knows how far one that broke off came.
            step = f"{key.step}/again-{attempt}" if attempt else key.step
            mine = key.model_copy(update={"step": step})
            reserved = self._budgets.reserve(mine, tokens, self._token_budget)
            if not reserved.granted:
                raise BudgetExhausted(
                    f"{mine}: may cost {tokens} tokens, {reserved.left} of {self._token_budget} are"
                    " left for this ticket: raise MENDWHEEL_TOKEN_BUDGET"
                )
            if not reserved.standing:
                return mine
        raise AssertionError("count() does not end")

    def _settle(self, key: CallKey, tokens: int) -> None:
        self._budgets.settle(key, tokens)
        if self._quotas is not None:
            self._quotas.settle(key, tokens)


def _refused(tenant: str, tokens: int, said: Allowance, limits: dict[str, int]) -> QuotaExhausted:
    limit = limits[f"per_{said.limit}"]
    what = f"tenant {tenant}: {tokens} more tokens are over its {limit} a {said.limit}"
    way_out = f"raise MENDWHEEL_TENANT_TOKENS_PER_{said.limit.upper()}"
    if said.limit == "minute" and said.wait is not None:
        return QuotaExhausted(f"{what}: wait, or {way_out}", retry_after=said.wait)
    # Nobody waits for a new day: a human goes on.
    return QuotaExhausted(f"{what}: {way_out}")
