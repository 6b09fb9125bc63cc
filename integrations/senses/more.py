"""The senses besides telemetry that the settings ask for."""

from mendwheel.integrations.senses.customer import CustomerSense, HttpRecords, Records, SqlRecords
from mendwheel.integrations.senses.kubernetes import KubernetesSense
from mendwheel.integrations.senses.mcp_sense import McpSense
from mendwheel.integrations.senses.probe import ProbeSense
from mendwheel.integrations.senses.sql import SqlSense
from mendwheel.ports import LiveSense
from mendwheel.settings import Settings


def more_senses(settings: Settings) -> list[LiveSense]:
    """Those that are configured. Opens nothing: what is wrong is said when it is looked at."""
    senses: list[LiveSense] = []
    if settings.probes:
        senses.append(ProbeSense(settings.probes, settings.sense_secrets))
    if settings.kubernetes_namespaces:
        senses.append(KubernetesSense(settings))
    queries = [each for each in settings.sql_queries if each.name != settings.customer_query]
    if queries:
        senses.append(SqlSense(settings.sql_databases, queries, settings.sense_secrets))
    if customers := records(settings):
        fields, tenant_field = settings.customer_fields, settings.customer_tenant_field
        senses.append(CustomerSense(customers, fields, tenant_field))
    senses += [McpSense(server, settings.sense_secrets) for server in settings.mcp_servers]
    return senses


def records(settings: Settings) -> Records | None:
    """Where customers are looked up; None where nothing is set."""
    if settings.customer_url:
        return HttpRecords(settings.customer_url, settings.customer_token)
    if not settings.customer_query:
        return None
    query = next(each for each in settings.sql_queries if each.name == settings.customer_query)
    sql = SqlSense(settings.sql_databases, [query], settings.sense_secrets)
    return SqlRecords(sql, query)
