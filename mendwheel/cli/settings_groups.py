"""The settings in the order in which people meet them, for `init` and for the reference."""

from typing import NamedTuple

from pydantic import SecretStr
from pydantic.fields import FieldInfo


class Group(NamedTuple):
    """Settings that belong together, and what to know before setting them."""

    title: str
    about: str
    names: tuple[str, ...]


GROUPS = (
    Group(
        "Basics",
        "Nothing here has to be set on one machine.",
        (
            "home",
            "store",
            "tenant",
            "task_queue",
            "temporal_address",
            "temporal_namespace",
            "temporal_ui_url",
            "policy",
            "listen",
            "attestation_key",
            "user",
            "retention_days",
            "retention_days_of",
            "log_level",
        ),
    ),
    Group(
        "Slack",
        "The bot token turns it on. Over HTTP the signing secret is needed too, in Socket Mode "
        "the app token.",
        (
            "slack_bot_token",
            "slack_signing_secret",
            "slack_app_token",
            "slack_mode",
            "slack_command",
            "slack_base_url",
        ),
    ),
    Group(
        "Jira",
        "Address and token turn it on; Jira Cloud needs the user too. Changes come in by webhook, "
        "by poll, or by both.",
        (
            "jira_base_url",
            "jira_user",
            "jira_token",
            "jira_deployment",
            "jira_webhook_secret",
            "jira_projects",
            "jira_poll_seconds",
            "jira_jql",
            "jira_internal",
            "jira_label",
            "jira_transitions",
            "jira_transition_fields",
        ),
    ),
    Group(
        "Alerts and on-call",
        "Alertmanager needs the token where others reach the address.",
        ("alerts_token", "alerts_show_in", "oncall_url", "oncall_key", "oncall_format"),
    ),
    Group(
        "Remedies over HTTP",
        "docs/how-to/register-a-remedy.md shows what names them.",
        ("remedy_secrets",),
    ),
    Group(
        "Model",
        "Without one, answers are put together from documents and evidence word by word.",
        (
            "model_base_url",
            "model",
            "model_api_key",
            "model_keys",
            "model_routes",
            "model_timeout_seconds",
            "model_deadline_seconds",
            "model_max_tokens",
            "trust_model_confidence",
            "model_context_chars",
            "model_prompt_price",
            "model_completion_price",
            "model_breaker_failures",
            "model_breaker_seconds",
            "model_cache_seconds",
            "token_budget",
            "tenant_tokens_per_minute",
            "tenant_tokens_per_day",
            "moderation_base_url",
            "moderation_model",
            "moderation_api_key",
            "prompt_versions",
            "agent_reads",
        ),
    ),
    Group(
        "Probes, Kubernetes, SQL, customers and MCP",
        "What is looked at for each ticket; all of it only reads. docs/how-to/other-senses.md "
        "and docs/how-to/mcp.md show it.",
        (
            "probes",
            "kubernetes_namespaces",
            "kubernetes_kubeconfig",
            "kubernetes_context",
            "kubernetes_url",
            "kubernetes_token",
            "kubernetes_ca",
            "sql_databases",
            "sql_queries",
            "customer_url",
            "customer_token",
            "customer_query",
            "customer_fields",
            "customer_tenant_field",
            "mcp_servers",
            "sense_tenants",
            "sense_links",
            "sense_secrets",
        ),
    ),
    Group(
        "Search",
        "The extra `embedder` finds what is said in other words; words alone are compared without. "
        "Documents with access labels are found where they may be read: docs/how-to/knowledge.md.",
        (
            "embedder",
            "embedding_base_url",
            "embedding_model",
            "embedding_api_key",
            "embedding_timeout_seconds",
            "embedding_folder",
            "embedding_cache",
            "tenant_labels",
        ),
    ),
    Group(
        "Telemetry",
        "Looked at while an anomaly is investigated; nothing is written there. An address or a "
        "path turns each on.",
        (
            "prometheus_url",
            "prometheus_token",
            "prometheus_headers",
            "prometheus_label",
            "prometheus_queries",
            "logs_paths",
            "logs_zone",
            "loki_url",
            "loki_token",
            "loki_headers",
            "loki_label",
            "loki_query",
            "loki_grafana_url",
            "loki_grafana_datasource",
            "jaeger_url",
            "jaeger_token",
            "jaeger_headers",
            "changes_file",
            "changes_url",
            "changes_token",
            "changes_headers",
            "changes_items",
            "changes_fields",
            "changes_hours",
        ),
    ),
    Group(
        "Encryption",
        "Encrypts what Temporal keeps of tickets: docs/how-to/encrypt.md.",
        ("payload_keys_file", "payload_keys", "codec_token", "codec_origin"),
    ),
    Group(
        "Releases",
        "Tells Temporal which release a worker runs: docs/how-to/deploy-a-new-version.md.",
        ("worker_deployment", "worker_build"),
    ),
    Group("Limits", "When a ticket is handed over to a human.", ("thresholds", "limits")),
    Group(
        "Links",
        "Where answers may lead people: docs/how-to/hostile-input.md.",
        ("link_hosts",),
    ),
    Group("Places", "What holds in single Slack channels and Jira projects.", ("places",)),
)


def secret(field: FieldInfo) -> bool:
    """Whether the setting must not be written into a file that is shared."""
    annotation = field.annotation
    return annotation is SecretStr or SecretStr in getattr(annotation, "__args__", ())
