"""The engine that answers without a language model: it picks, cites and abstains."""
