"""Action and callback ids: what Slack sends back when somebody clicks. Never renamed."""

APPROVE = "mendwheel_approve"
REJECT = "mendwheel_reject"
EDIT = "mendwheel_edit"
MORE = "mendwheel_more"
TAKE_OVER = "mendwheel_take_over"
REOPEN = "mendwheel_reopen"
FEEDBACK = "mendwheel_feedback"

REJECT_REASON = "mendwheel_reject_reason"
EDIT_ARGUMENTS = "mendwheel_edit_arguments"
MORE_TEXT = "mendwheel_more_text"
RESOLVE_THIS = "mendwheel_resolve_this"

EVENT_TYPE = "mendwheel_effect"
"""Type of the metadata that a message of ours carries: the effect key it was written under."""
