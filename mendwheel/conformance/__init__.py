"""Promises that any app between Slack, Jira and people should keep, and a way to hold one to them.

Nothing here knows the suite: what is judged is what Slack and Jira see, and HTTP answers.
"""
