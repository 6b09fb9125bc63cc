"""Plays the promises on a stage, several at once, and says which were kept."""

import asyncio
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

import aiohttp

from mendwheel.conformance import (  # noqa: F401 - each module adds its promises when imported
    jira_faults,
    jira_inbound,
    jira_outbound,
    slack_faults,
    slack_inbound,
    slack_outbound,
)
from mendwheel.conformance.promise import PROMISES, Broken, Promise, Verdict
from mendwheel.conformance.stage import Stage

AT_ONCE = 8
"""Promises played at the same time: each has a channel or an issue of its own."""

_DRIVERS = ("slack-command-shows", "jira-new-issue")


def chosen(only: str | None) -> list[Promise]:
    """Promises whose name is `only` or fits it as a pattern (`jira-*`); all of them without it.

    Raises LookupError: none fits.
    """
    if only is None:
        return list(PROMISES)
    found = [each for each in PROMISES if fnmatchcase(each.name, only)]
    if not found:
        raise LookupError(f"no promise is called {only!r}: `--only 'slack-*'` takes several")
    return found


async def play(
    stage: Stage,
    promises: Iterable[Promise],
    tell: Callable[[Verdict], None] = lambda verdict: None,
) -> list[Verdict]:
    """A verdict for each promise, in order; `tell` hears of each as soon as it is known."""
    promises = list(promises)
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(promise: Promise) -> Verdict:
        async with turns:
            verdict = await judge(stage, promise)
        tell(verdict)
        return verdict

    driven = [each for each in promises if each.when == "driven"]
    seen = [each for each in promises if each.when == "seen"]
    if not driven:  # what is judged afterwards needs something to judge
        drivers = [each for each in PROMISES if each.name in _DRIVERS]
        await asyncio.gather(*(judge(stage, each) for each in drivers))
    found = await asyncio.gather(*(one(each) for each in driven))
    found += [await one(each) for each in seen]
    order = {each.name: number for number, each in enumerate(promises)}
    return sorted(found, key=lambda verdict: order[verdict.name])


async def judge(stage: Stage, promise: Promise) -> Verdict:
    """Play one promise. What goes wrong on the way counts as not kept."""
    try:
        detail = await promise.check(stage)
    except Broken as broken:
        return Verdict(promise.name, False, str(broken), promise.text)
    return Verdict(promise.name, True, detail, promise.text)


async def reachable(url: str, within: float) -> bool:
    """Whether anything answers HTTP at `url`, whatever the answer."""
    timeout = aiohttp.ClientTimeout(total=2)
    end = asyncio.get_running_loop().time() + within
    async with aiohttp.ClientSession(timeout=timeout) as session:
        while asyncio.get_running_loop().time() < end:
            try:
                async with session.get(url):
                    return True
            except (aiohttp.ClientError, TimeoutError, OSError):
                await asyncio.sleep(0.2)
    return False
