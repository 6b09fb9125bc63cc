"""The model gateway: routes, budget, redaction and repair behind one call."""
