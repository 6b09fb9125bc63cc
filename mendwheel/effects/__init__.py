"""The ledger's use: one decision, one observable effect."""
