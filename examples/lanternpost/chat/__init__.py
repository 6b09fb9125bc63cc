"""The sample tickets where people are: in a local Slack and a local Jira."""
