"""Settings turn on the senses they name, and nothing else; building them opens nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from mendwheel.integrations.senses.more import more_senses
from mendwheel.investigation.case import Case, Exhibit
from mendwheel.investigation.records import records
from mendwheel.settings import Settings

EVERYTHING = """
kubernetes_namespaces = ["shop"]
kubernetes_url = "https://127.0.0.1:1"
customer_query = "crm"
customer_fields = ["account"]

[[probes]]
component = "shop"
url = "http://127.0.0.1:1/health"

[[sql_databases]]
name = "d"
path = "gone.db"

[[sql_queries]]
name = "crm"
database = "d"
statement = "SELECT account, tenant FROM customers WHERE subject = :subject"

[[sql_queries]]
name = "orders"
database = "d"
statement = "SELECT count(*) FROM orders WHERE service = :component AND at >= :start"

[[mcp_servers]]
name = "grafana"
command = "mcp-grafana"
env = { GRAFANA_TOKEN = "grafana" }

[[mcp_servers.reads]]
tool = "query"
arguments = { expr = 'up{job="{component}"}', from = "{start}" }
media = "metrics"
"""


def test_nothing_is_looked_at_unless_it_is_named() -> None:
    assert more_senses(Settings()) == []


def test_each_sense_that_the_file_names_is_built_and_opens_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MENDWHEEL_SENSE_SECRETS__GRAFANA", "sesame")
    (tmp_path / "mendwheel.toml").write_text(EVERYTHING)
    names = [sense.name for sense in more_senses(Settings.load())]
    assert names == ["probe", "kubernetes", "sql", "customer", "mcp grafana"]
    assert [path.name for path in tmp_path.iterdir()] == ["mendwheel.toml"]


def test_a_look_that_failed_is_no_sign_of_a_fault() -> None:
    why = "kubernetes: status 503: see the cluster\nmcp x did not answer within 15 s: timed out"
    exhibit = Exhibit(id="e", name="kubernetes failed", kind="missing", text=why)
    assert records(Case(title="", body="", exhibits=[exhibit])) == []
    assert records(Case(title="", body="", exhibits=[exhibit.model_copy(update={"kind": "logs"})]))


def test_who_does_not_use_mcp_does_not_load_it() -> None:
    code = "import sys, mendwheel.integrations.senses.more; sys.exit('mcp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
