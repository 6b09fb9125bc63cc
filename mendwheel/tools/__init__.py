"""The registry of reads and remedies: what agents may look at, and what may be done at all."""
