"""Jira: a system of record, read again for every hint and written to by one hand."""
