"""What happens, in order. Deterministic; no I/O."""
