"""Read-only looks at the world."""
