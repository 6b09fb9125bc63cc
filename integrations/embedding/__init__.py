"""Adapters of the port `Embedder`."""
