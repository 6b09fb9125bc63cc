"""Typed stubs of activities, and the payloads and names of messages. Workflows import these."""
