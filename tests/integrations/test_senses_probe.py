"""Probes ask configured addresses only, end in time, and say in one line what is wrong."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from mendwheel.domain.looking import Probe
from mendwheel.integrations.senses.http_get import get
from mendwheel.integrations.senses.probe import ProbeSense
from mendwheel.investigation.case import Case, Exhibit
from mendwheel.investigation.records import records
from mendwheel.ports import SenseError
from tests.integrations.sense_site import REPORT, WINDOW, Site, certified, drips, says, ticket


@pytest.fixture
def site() -> Iterator[Site]:
    with Site().running() as site:
        yield site


def _seen(sense: ProbeSense, component: str | None = None) -> list[dict[str, Any]]:
    (observation,) = sense.observe(ticket(), REPORT, component, WINDOW)
    assert observation.media == "probe"
    found: list[dict[str, Any]] = json.loads(observation.text)["probes"]
    return found


def _probe(site: Site, path: str = "/", **more: Any) -> Probe:
    return Probe(component="shop", url=site.url + path, **more)


def test_a_good_answer_is_ok_and_says_how_long_it_took(site: Site) -> None:
    site.routes["/"] = says("all good here")
    (row,) = _seen(ProbeSense([_probe(site, text="all good")], {}))
    assert (row["state"], row["status"], row["name"]) == ("ok", 200, "shop")
    assert 0 <= row["latency_ms"] < 2000


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [("all good", 503, "status 503 instead of 200"), ("welcome", 200, "'all good' is missing")],
)
def test_a_wrong_status_or_text_is_an_alert(site: Site, body: str, status: int, told: str) -> None:
    site.routes["/"] = says(body, status=status)
    (row,) = _seen(ProbeSense([_probe(site, text="all good")], {}))
    assert row["state"] == "alert"
    assert told in row["message"]


def test_investigators_find_what_a_probe_saw(site: Site) -> None:
    site.routes["/"] = says("", status=503)
    (seen,) = ProbeSense([_probe(site)], {}).observe(ticket(), REPORT, "shop", WINDOW)
    exhibit = Exhibit(id="e1", name=seen.title, kind=seen.media, text=seen.text)
    statements = [each.statement for each in records(Case(title="", body="", exhibits=[exhibit]))]
    assert any("status 503 instead of 200" in each for each in statements)


def test_a_redirect_within_the_host_is_followed_and_one_to_another_host_is_not(site: Site) -> None:
    with Site().running() as other:
        site.routes["/near"] = says("", status=302, location="/here")
        site.routes["/here"] = says("here")
        site.routes["/far"] = says("", status=302, location=f"{other.url}/there")
        near, far = _seen(ProbeSense([_probe(site, "/near"), _probe(site, "/far")], {}))
        assert near["state"] == "ok"
        assert f"not followed to {other.url}/there" in far["message"]
        assert other.asked == []


def test_a_circle_of_redirects_ends(site: Site) -> None:
    site.routes["/"] = says("", status=302, location="/")
    (row,) = _seen(ProbeSense([_probe(site)], {}))
    assert row["state"] == "alert"
    assert len(site.asked) == 3


def test_probes_of_the_component_are_asked_and_all_where_it_has_none(site: Site) -> None:
    site.routes |= {"/a": says("a"), "/b": says("b")}
    probes = [Probe(component=name, url=f"{site.url}/{name}") for name in "ab"]
    sense = ProbeSense(probes, {})
    assert [row["name"] for row in _seen(sense, "B")] == ["b"]
    assert [row["name"] for row in _seen(sense, "unheard-of")] == ["a", "b"]


def test_the_token_is_sent_and_neither_it_nor_a_query_is_shown(site: Site) -> None:
    site.routes["/"] = says("")
    sense = ProbeSense([_probe(site, "/?key=hidden", token="t")], {"t": SecretStr("sesame")})
    (seen,) = sense.observe(ticket(), REPORT, None, WINDOW)
    assert site.asked == [("/?key=hidden", "Bearer sesame")]
    assert "hidden" not in repr(seen)
    assert "sesame" not in repr(seen)


def test_a_certificate_near_its_end_is_an_alert(tmp_path: Path) -> None:
    server, client = certified(tmp_path, days=3.5)
    with Site(server).running() as site:
        site.routes["/"] = says("fine")
        (row,) = _seen(ProbeSense([_probe(site)], {}, context=client))
    assert row["certificate_expires_in_days"] == 3
    assert "certificate expires in 3 days" in row["message"]


def test_a_certificate_that_has_ended_is_told_as_such(tmp_path: Path) -> None:
    server, client = certified(tmp_path, days=-1)
    with Site(server).running() as site:
        (row,) = _seen(ProbeSense([_probe(site)], {}, context=client))
    assert row["state"] == "alert"
    assert "certificate has expired" in row["message"]


def test_a_server_that_drips_is_cut_off_at_the_deadline(site: Site) -> None:
    over = threading.Event()
    site.routes["/"] = drips(over)
    begun = time.monotonic()
    with pytest.raises(SenseError, match=r"did not answer within 0\.6 s"):
        get(site.url, within=0.6)
    over.set()
    assert time.monotonic() - begun < 2


def test_a_large_answer_is_read_to_the_limit_only(site: Site) -> None:
    site.routes["/"] = says(b"x" * 5_000_000)
    answer = get(site.url, limit=1000)
    assert (len(answer.body), answer.whole) == (1000, False)


def test_nobody_there_is_one_line_with_a_way_out() -> None:
    with pytest.raises(SenseError) as refused:
        get("http://127.0.0.1:1/x")
    assert str(refused.value) == (
        "127.0.0.1 could not be asked (Connection refused): correct its address"
    )


def test_a_token_that_cannot_be_sent_is_not_repeated(site: Site) -> None:
    sense = ProbeSense([_probe(site, token="t")], {"t": SecretStr("sesame\n")})
    (row,) = _seen(sense)
    assert row["state"] == "alert"
    assert "sesame" not in repr(row)
    assert site.asked == []


@pytest.mark.parametrize("location", ["http://[::1", "//[", "http://localhost:99999/"])
def test_a_redirect_to_what_is_no_address_hides_no_other_probe(site: Site, location: str) -> None:
    site.routes |= {"/": says("", status=302, location=location), "/ok": says("")}
    odd, fine = _seen(ProbeSense([_probe(site), _probe(site, "/ok")], {}))
    assert odd["state"] == "alert"
    assert "status 302 instead of 200, not followed" in odd["message"]
    assert fine["state"] == "ok"
