"""A step that is done again, since its worker died amid it, is one row of the audit."""

from temporalio import activity


def this_run() -> str:
    """The run that asks; nothing outside of an activity, where nothing is run again."""
    return activity.info().workflow_run_id or "" if activity.in_activity() else ""
