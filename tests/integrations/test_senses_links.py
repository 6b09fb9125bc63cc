"""Where people are led: to Grafana for Loki, to the operator's own page elsewhere, or nowhere."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mendwheel.domain.observation import Observation, Window
from mendwheel.domain.web import web_link
from mendwheel.integrations.senses.configured import live_senses
from mendwheel.integrations.senses.explore import explore
from mendwheel.integrations.senses.linked import LinkedSense
from mendwheel.integrations.senses.spans import Span
from mendwheel.integrations.senses.trace_story import worst
from mendwheel.settings import Settings
from tests.integrations.telemetry_case import REPORT, START, TICKET, WINDOW
from tests.integrations.telemetry_server import TelemetryServer
from tests.integrations.test_senses_logs import LOKI, server, streams

__all__ = ["server"]
HOSTILE = 'x"},"}]}&panes=\r\n<script>../../?a=b#{start}'
TEMPLATE = "https://ops.example/{tenant}/d/{component}?from={start_ms}&to={end_ms}&s={start}"


class Showing:
    """A sense with what a test says."""

    name = "kubernetes"

    def __init__(self, *seen: Observation) -> None:
        self._seen = list(seen)

    def observe(self, *_: Any) -> list[Observation]:
        return self._seen


def links(template: str, *seen: Observation, component: str | None = "shop") -> list[str | None]:
    sense = LinkedSense(Showing(*seen), template)
    return [each.url for each in sense.observe(TICKET, REPORT, component, WINDOW)]


def test_loki_leads_to_the_query_it_asked_over_the_time_it_asked_for(
    server: TelemetryServer, tmp_path: Path
) -> None:
    server.routes[LOKI] = streams
    settings = Settings(
        home=tmp_path,
        loki_url=server.url,
        loki_label="app",
        loki_grafana_url="https://grafana.example/",
        loki_grafana_datasource="P8E80F9AEF21F6940",
    )
    [sense] = live_senses(settings)
    seen = sense.observe(TICKET, REPORT, "checkout", WINDOW)
    assert len(seen) == 3
    [url] = {each.url for each in seen}
    assert url is not None
    assert url == web_link(url)
    assert url.startswith("https://grafana.example/explore?schemaVersion=1&panes=")
    [pane] = json.loads(parse_qs(urlsplit(url).query)["panes"][0]).values()
    assert pane["datasource"] == "P8E80F9AEF21F6940"
    assert [each["expr"] for each in pane["queries"]] == ['{app=~"checkout"}']
    first = START - timedelta(hours=1)
    assert pane["range"] == {
        "from": str(int(first.timestamp() * 1000)),
        "to": str(int(WINDOW.end.timestamp() * 1000)),
    }


def test_loki_without_grafana_leads_nowhere(server: TelemetryServer, tmp_path: Path) -> None:
    server.routes[LOKI] = streams
    settings = Settings(home=tmp_path, loki_url=server.url, loki_label="app")
    [sense] = live_senses(settings)
    assert {each.url for each in sense.observe(TICKET, REPORT, "checkout", WINDOW)} == {None}


def test_no_name_ends_the_query_or_the_address() -> None:
    url = explore("https://grafana.example", "loki", f'{{app="{HOSTILE}"}}', WINDOW)
    assert web_link(url) == url
    [panes] = parse_qs(urlsplit(url).query)["panes"]
    assert json.loads(panes)["m"]["queries"][0]["expr"] == f'{{app="{HOSTILE}"}}'


def test_a_trace_named_by_others_stays_one_part_of_its_address() -> None:
    key = ("../../x?y=<z> ", "1")
    span = Span(key, None, "a", "o", at=0.0, ms=1.0, failed=False, client=False, peer=None)
    assert worst([span], "http://jaeger").endswith(
        " http://jaeger/trace/..%2F..%2Fx%3Fy%3D%3Cz%3E%20"
    )


def test_an_operators_address_is_filled_in_with_the_time_that_was_seen() -> None:
    of_an_hour = Window(start=START, end=START + timedelta(hours=1))
    [link] = links(TEMPLATE, Observation(title="t", media="state", text="x", window=of_an_hour))
    assert link == (
        "https://ops.example/default/d/shop?from=1772362800000&to=1772366400000"
        "&s=2026-03-01T11%3A00%3A00Z"
    )


def test_what_a_ticket_names_cannot_leave_its_part_of_the_address() -> None:
    [link] = links(TEMPLATE, Observation(title="t", media="state", text="x"), component=HOSTILE)
    assert link is not None
    assert web_link(link) == link
    assert urlsplit(link).netloc == "ops.example"
    assert len(urlsplit(link).path.split("/")) == 4
    assert sorted(parse_qs(urlsplit(link).query)) == ["from", "s", "to"]


def test_own_links_stay_and_what_was_not_seen_has_none() -> None:
    own = Observation(title="t", media="state", text="x", url="https://own.example")
    missing = Observation(title="t", media="missing", text="x")
    assert links(TEMPLATE, own, missing) == ["https://own.example", None]
    plain = Observation(title="t", media="state", text="x")
    assert links(TEMPLATE, plain, component=None) == [None]
    assert links("https://ops.example/all", plain, component=None) == ["https://ops.example/all"]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"sense_links": {"kubernetes": "javascript:alert(1)"}}, "needs http:// or https://"),
        ({"sense_links": {"kubernetes": "https://{component}.example/"}}, "name the host"),
        ({"sense_links": {"kubernetes": "https://a.example/{title}"}}, "{title} is not known"),
        ({"sense_links": {"kubernetes": "https://a.example/a b"}}, "write %20 for a blank"),
        ({"sense_links": {"kubernets": "https://a.example/"}}, "'kubernets' is no sense"),
        ({"sense_tenants": {"lokki": ["acme"]}}, "'lokki' is no sense; there are prometheus"),
        ({"sense_tenants": {"mcp tickets": ["acme"]}}, "'mcp tickets' is no sense"),
        ({"sense_tenants": {"loki": []}}, "loki serves no tenant"),
        ({"loki_grafana_url": "https://g.example"}, "loki_grafana_datasource is missing"),
        ({"loki_grafana_url": "ftp://g.example"}, "needs http:// or https://"),
    ],
)
def test_settings_that_would_lead_or_show_elsewhere_are_refused(
    tmp_path: Path, told: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        Settings(home=tmp_path, **told)
