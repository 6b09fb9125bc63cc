"""Settings of looks at telemetry: Prometheus, logs, traces and changes. Each is read only."""

import re
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from mendwheel.domain.web import web_address

PROMETHEUS_QUERIES = {
    "latency p95 seconds": "histogram_quantile(0.95, sum by (le, {label}) (rate("
    'http_request_duration_seconds_bucket{{label}=~"{component}"}[5m])))',
    "errors percent": "100 * (sum by ({label}) (rate(http_requests_total"
    '{{label}=~"{component}",code=~"5.."}[5m])) or 0 * sum by ({label}) (rate('
    'http_requests_total{{label}=~"{component}"}[5m]))) / sum by ({label}) (rate('
    'http_requests_total{{label}=~"{component}"}[5m]))',
    "traffic requests per second": "sum by ({label}) (rate("
    'http_requests_total{{label}=~"{component}"}[5m]))',
    "saturation cpu cores": "sum by ({label}) (rate("
    'process_cpu_seconds_total{{label}=~"{component}"}[5m]))',
    "saturation memory bytes": "sum by ({label}) ("
    'process_resident_memory_bytes{{label}=~"{component}"})',
    "availability percent": '100 * avg by ({label}) (up{{label}=~"{component}"})',
}
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|' + r"'(?:[^'\\\n]|\\.)*'|`[^`]*`")
"""A string in PromQL and LogQL."""

COMPONENT = "{component}"
CHANGE_FIELDS = {
    "time": "time",
    "component": "component",
    "kind": "kind",
    "version": "version",
    "previous_version": "previous_version",
    "description": "description",
}


class SenseSettings(BaseSettings):
    """Part of `Settings`, in a file of its own for its length."""

    prometheus_url: str | None = Field(
        None, description="Prometheus or what speaks its API; default: it is not asked"
    )
    prometheus_token: SecretStr | None = Field(None, description="bearer token for Prometheus")
    prometheus_headers: dict[str, SecretStr] = Field(
        {}, description="further headers for Prometheus, as in X-Scope-OrgID"
    )
    prometheus_label: str = Field(
        "job", pattern=r"^[a-zA-Z_]\w*$", description="label that names the component"
    )
    prometheus_queries: dict[str, str] = Field(
        PROMETHEUS_QUERIES,
        description="what is measured, with its unit → PromQL with {component} and {label}",
    )
    logs_paths: list[Path] = Field(
        [], description="log files, and folders of them; a file's name is its component"
    )
    logs_zone: str = Field(
        "UTC", description="time zone of log files whose lines name none, as in Europe/Berlin"
    )
    loki_url: str | None = Field(
        None, description="Loki or what speaks its API; default: it is not asked"
    )
    loki_token: SecretStr | None = Field(None, description="bearer token for Loki")
    loki_headers: dict[str, SecretStr] = Field(
        {}, description="further headers for Loki, as in X-Scope-OrgID"
    )
    loki_label: str = Field(
        "service_name", pattern=r"^[a-zA-Z_]\w*$", description="label that names the component"
    )
    loki_query: str = Field(
        '{{label}=~"{component}"}', description="LogQL of the lines, with {component} and {label}"
    )
    loki_grafana_url: str | None = Field(
        None, description="Grafana in which people open the lines (Explore); default: no links"
    )
    loki_grafana_datasource: str | None = Field(
        None, pattern=r"^[\w-]{1,80}$", description="uid of Loki among Grafana's data sources"
    )
    jaeger_url: str | None = Field(
        None, description="Jaeger's query service or what speaks its API; default: it is not asked"
    )
    jaeger_token: SecretStr | None = Field(None, description="bearer token for Jaeger")
    jaeger_headers: dict[str, SecretStr] = Field({}, description="further headers for Jaeger")
    changes_file: Path | None = Field(
        None, description="deployments and changes, one JSON object a line"
    )
    changes_url: str | None = Field(
        None,
        description="address that answers deployments and changes as JSON; {start}, {end} and "
        "{component} in it are filled in",
    )
    changes_token: SecretStr | None = Field(None, description="bearer token for `changes_url`")
    changes_headers: dict[str, SecretStr] = Field(
        {}, description="further headers for `changes_url`"
    )
    changes_items: str = Field(
        "", description="where the list stands in the answer, as in data.items; empty: it is it"
    )
    changes_fields: dict[str, str] = Field(
        CHANGE_FIELDS, description="our field → field of a change, as in commit.author"
    )
    changes_hours: float = Field(
        24.0, gt=0, description="how long before the window changes are of interest"
    )

    @field_validator("prometheus_url", "loki_url", "loki_grafana_url", "jaeger_url", "changes_url")
    @classmethod
    def _sense_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if "{" in urlsplit(web_address(value, like="http://127.0.0.1:9090")).netloc:
            raise ValueError("lets a ticket say which host is asked: fill in the path only")
        return value

    @field_validator("prometheus_url", "loki_url", "loki_grafana_url", "jaeger_url")
    @classmethod
    def _no_end_slash(cls, value: str | None) -> str | None:
        return value and value.rstrip("/")

    @field_validator("prometheus_queries", "loki_query")
    @classmethod
    def _quoted(cls, value: dict[str, str] | str) -> dict[str, str] | str:
        for query in value.values() if isinstance(value, dict) else [value]:
            if COMPONENT in STRING.sub("", query):
                raise ValueError("{component} stands outside quotes: no escaping could hold a name")
        return value

    @model_validator(mode="after")
    def _whole_page(self) -> Self:
        if self.loki_grafana_url and not self.loki_grafana_datasource:
            raise ValueError(
                "loki_grafana_datasource is missing: set the uid that Grafana shows in the address "
                "of its data source for Loki"
            )
        return self

    @field_validator("logs_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value == "UTC":  # known without a database of zones, which not every machine has
            return value
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{value!r} is no time zone: use a name as in Europe/Berlin") from None
        return value

    @field_validator("changes_fields")
    @classmethod
    def _whole_fields(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if not name.isidentifier():
                raise ValueError(f"{name!r} is no name: use letters, digits and underscores")
        return CHANGE_FIELDS | value
