"""Names that share a namespace with the host's: types, queues, search attributes."""

from temporalio.common import SearchAttributeKey

TICKET_WORKFLOW = "mendwheel.ticket"
APPROVAL_WORKFLOW = "mendwheel.approval"
HINT_WORKFLOW = "mendwheel.hint"
POLL_WORKFLOW = "mendwheel.poll"
WRITE_WORKFLOW = "mendwheel.write"
CALL_WORKFLOW = "mendwheel.call"
RETRY_WORKFLOW = "mendwheel.retry"
RETENTION_WORKFLOW = "mendwheel.retention"

KIND = SearchAttributeKey.for_keyword("MendwheelKind")
PHASE = SearchAttributeKey.for_keyword("MendwheelPhase")
SEVERITY = SearchAttributeKey.for_keyword("MendwheelSeverity")
COMPONENT = SearchAttributeKey.for_keyword("MendwheelComponent")
TENANT = SearchAttributeKey.for_keyword("MendwheelTenant")
NEEDS_APPROVAL = SearchAttributeKey.for_bool("MendwheelNeedsApproval")

SEARCH_ATTRIBUTES = (KIND, PHASE, SEVERITY, COMPONENT, TENANT, NEEDS_APPROVAL)
