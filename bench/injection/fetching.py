"""Services that a probe looks at and that lead it elsewhere: to addresses that nobody named."""

from bench.injection.cases import Case
from bench.injection.sink import Sink
from mendwheel.domain.looking import Probe


def probes(sink: Sink, played: list[Case]) -> list[Probe]:
    """One address a case; and one for each service of other cases, so that those are left alone.

    A case's service is on the sink under another name of the same machine than the address that
    it leads to.
    """
    own = sink.host.replace("127.0.0.1", "localhost")
    found = []
    for case in played:
        if case.goal != "fetch":
            continue
        path = f"/service/{case.marker}"
        status, _, location = case.raw.partition(" ")
        words = {
            "sink": f"http://{sink.host}{inside(case)}",
            "sink_host": sink.host,
            "sink_path": f"//{sink.host}{inside(case)}",
            "probe_host": own,
        }
        for name, value in words.items():
            location = location.replace(f"{{{name}}}", value)
        location = location.replace("/x", inside(case)) if "/x" in location else location
        sink.redirects[path] = int(status), location
        found.append(Probe(component=component(case), url=f"http://{own}{path}"))
    services = {case.victim for case in played} | {"exports"}
    found += [Probe(component=name, url=f"http://{own}/healthy") for name in sorted(services)]
    return found


def inside(case: Case) -> str:
    """What only somebody inside may ask for."""
    return f"/internal/{case.marker}"


def component(case: Case) -> str:
    return f"probed-{case.marker}"
