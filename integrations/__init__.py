"""How the world reaches us, and how we answer it."""
