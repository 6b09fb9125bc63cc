"""Slack: how people talk to the suite, and where it shows them a ticket's card."""
