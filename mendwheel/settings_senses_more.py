"""Settings of what is looked at besides telemetry: probes, Kubernetes, SQL, customers, MCP."""

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from mendwheel.domain.looking import Database, McpServer, Probe, Query, placeholders
from mendwheel.domain.web import web_address, web_link

SENSES = (
    *("prometheus", "logs", "loki", "traces", "changes", "deployments"),
    *("probe", "kubernetes", "sql", "customer"),
)
"""As evidence names them; an MCP server is `mcp` and its name."""
LINK_WORDS = ("component", "start", "end", "start_ms", "end_ms", "tenant")


class MoreSenseSettings(BaseSettings):
    """Part of `Settings`, in a file of its own for its length."""

    probes: list[Probe] = Field([], description="addresses that tell whether components answer")
    kubernetes_namespaces: list[str] = Field(
        [], description="namespaces whose pods, deployments and events are read; empty: none"
    )
    kubernetes_kubeconfig: Path | None = Field(
        None, description="default: the file KUBECONFIG names, ~/.kube/config, or the pod's account"
    )
    kubernetes_context: str = Field("", description="context in it; default: the current one")
    kubernetes_url: str | None = Field(
        None, description="address of the API server, instead of a kubeconfig"
    )
    kubernetes_token: SecretStr | None = Field(None, description="token for kubernetes_url")
    kubernetes_ca: Path | None = Field(None, description="CA certificate of kubernetes_url")
    sql_databases: list[Database] = Field(
        [], description="SQLite files and Postgres, for reading only"
    )
    sql_queries: list[Query] = Field([], description="what is read from them for each ticket")
    customer_url: str | None = Field(
        None, description="JSON about the reporter; {subject} and {tenant} stand in the address"
    )
    customer_token: SecretStr | None = Field(None, description="bearer token for customer_url")
    customer_query: str = Field(
        "", description="name of one of `sql_queries` that reads it, instead of customer_url"
    )
    customer_fields: list[str] = Field(
        [], description="what is shown of it: account, plan.name, entitlements; nothing else is"
    )
    customer_tenant_field: str = Field(
        "tenant", min_length=1, description="field that must hold the ticket's tenant"
    )
    mcp_servers: list[McpServer] = Field([], description="MCP servers; needs mendwheel[mcp]")
    sense_tenants: dict[str, list[str]] = Field(
        {},
        description="sense → tenants it is looked at for; one that is not named here serves all",
    )
    sense_links: dict[str, str] = Field(
        {},
        description="sense → address for people, where it gives none itself; {component}, {start}, "
        "{end}, {start_ms}, {end_ms} and {tenant} in it are filled in",
    )
    sense_secrets: dict[str, SecretStr] = Field(
        {}, description="name → secret, for probes, databases and MCP servers that name it"
    )

    @field_validator("kubernetes_url", "customer_url")
    @classmethod
    def _web(cls, value: str | None) -> str | None:
        return web_address(value) if value else value

    @field_validator("sense_tenants")
    @classmethod
    def _somebody(cls, value: dict[str, list[str]]) -> dict[str, list[str]]:
        for name, tenants in value.items():
            if not tenants:
                raise ValueError(f"{name} serves no tenant: name one, or do not set it up")
        return value

    @field_validator("sense_links")
    @classmethod
    def _places(cls, value: dict[str, str]) -> dict[str, str]:
        for name, template in value.items():
            if "{" in urlsplit(web_address(template)).netloc:
                raise ValueError(f"{name}: lets a ticket say which host is opened: name the host")
            if web_link(template) is None:
                raise ValueError(f"{name}: holds what would end a link: write %20 for a blank")
            if unknown := sorted(placeholders(template) - set(LINK_WORDS)):
                allowed = ", ".join(f"{{{each}}}" for each in LINK_WORDS)
                raise ValueError(f"{name}: {{{unknown[0]}}} is not known; known: {allowed}")
        return value

    @model_validator(mode="after")
    def _senses_are_known(self) -> Self:
        """A name that is none would leave the sense that was meant open to every tenant."""
        known = [*SENSES, *(f"mcp {server.name}" for server in self.mcp_servers)]
        for setting, named in (
            ("sense_tenants", self.sense_tenants),
            ("sense_links", self.sense_links),
        ):
            if unknown := sorted(named.keys() - set(known)):
                raise ValueError(
                    f"{setting}: {unknown[0]!r} is no sense; there are {', '.join(known)}"
                )
        return self

    @model_validator(mode="after")
    def _secrets_are_there(self) -> Self:
        named = {probe.token for probe in self.probes}
        named |= {database.postgres for database in self.sql_databases}
        for server in self.mcp_servers:
            named |= {server.token, *server.env.values()}
        if missing := sorted(named - {""} - self.sense_secrets.keys()):
            raise ValueError(
                f"a secret {missing[0]!r} is named, but not there: "
                f"set MENDWHEEL_SENSE_SECRETS__{missing[0].upper()}"
            )
        return self

    @model_validator(mode="after")
    def _queries_are_whole(self) -> Self:
        names = [query.name for query in self.sql_queries]
        if len(set(names)) < len(names):
            raise ValueError("sql_queries: two have the same name: rename one")
        databases = {each.name for each in self.sql_databases}
        for query in self.sql_queries:
            if query.database not in databases:
                raise ValueError(
                    f"sql_queries: {query.name} names the database {query.database!r}, "
                    "which is not in sql_databases"
                )
        if self.customer_query and self.customer_query not in names:
            raise ValueError(f"customer_query: {self.customer_query!r} is not in sql_queries")
        return self

    @model_validator(mode="after")
    def _customer_is_whole(self) -> Self:
        if self.customer_url and self.customer_query:
            raise ValueError("customer_url and customer_query: set one of them")
        if self.customer_url and "{" in self.customer_url.split("/")[2]:
            raise ValueError("customer_url lets a ticket say which host is asked: name the host")
        if self.customer_url and "{subject}" not in self.customer_url:
            raise ValueError("customer_url: {subject} is missing, as in …/accounts/{subject}")
        if (self.customer_url or self.customer_query) and not self.customer_fields:
            raise ValueError("customer_fields is empty: name what may be shown of a customer")
        return self

    @model_validator(mode="after")
    def _servers_are_whole(self) -> Self:
        names = [server.name for server in self.mcp_servers]
        if len(set(names)) < len(names):
            raise ValueError("mcp_servers: two have the same name: rename one")
        return self
