"""`python -m bench.faults.nursery`: imports the suite once and forks a process for each order.

A killed worker is back in a moment then, instead of importing everything for seconds. Orders come
as JSON lines, `{"kind": "worker", …}`; births, readiness and deaths go out as JSON lines.
"""

import importlib
import json
import os
import select
import signal
import sys
from typing import Any

sys.path.append("examples")

# Before anything else: numpy starts threads, which a fork would not take along.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

KINDS = {kind: f"bench.faults.{kind}" for kind in ("worker", "server", "platform")}
LOOK_EVERY = 0.05
NEWS = os.dup(1)


def main() -> None:
    os.dup2(2, 1)  # what is printed by whoever is imported is no news
    modules = {kind: importlib.import_module(name) for kind, name in KINDS.items()}
    say(nursery=os.getpid())
    rest = b""
    while True:
        readable, _, _ = select.select([0], [], [], LOOK_EVERY)
        if readable:
            read = os.read(0, 1 << 20)
            if not read:
                break
            *lines, rest = (rest + read).split(b"\n")
            for line in lines:
                order = json.loads(line)
                born(modules[order["kind"]], order)
        bury()
    for pid in children:
        os.kill(pid, signal.SIGKILL)


children: set[int] = set()


def born(module: Any, order: dict[str, Any]) -> None:
    pid = os.fork()
    if pid:
        children.add(pid)
        say(born=pid, order=order["order"])
        return
    code = 1
    try:
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        module.main(order, lambda: say(ready=os.getpid()))
        code = 0
    except BaseException:
        import traceback

        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def bury() -> None:
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        children.discard(pid)
        say(died=pid, signal=os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0)


def say(**news: Any) -> None:
    os.write(NEWS, json.dumps(news).encode() + b"\n")  # one write: children say things too


if __name__ == "__main__":
    main()
