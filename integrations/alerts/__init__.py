"""Alertmanager's webhook: what fires becomes a ticket, what is resolved is told to it."""
