"""What touches the world: short, idempotent, ports injected."""
