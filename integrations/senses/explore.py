"""Where Grafana shows the lines of a query: the address of its page Explore, for people."""

import json
from urllib.parse import urlencode

from mendwheel.domain.observation import Window
from mendwheel.integrations.senses.windows import epoch


def explore(grafana: str, datasource: str, query: str, window: Window) -> str:
    """The page of `query` over `window`; `datasource` is Loki's uid in Grafana 10 or newer."""
    asked = {
        "refId": "A",
        "datasource": {"type": "loki", "uid": datasource},
        "expr": query,
        "queryType": "range",
    }
    times = {
        "from": str(int(epoch(window.start) * 1000)),
        "to": str(int(epoch(window.end) * 1000)),
    }
    panes = {"m": {"datasource": datasource, "queries": [asked], "range": times}}
    told = {"schemaVersion": "1", "panes": json.dumps(panes, separators=(",", ":"))}
    return f"{grafana}/explore?{urlencode(told)}"
