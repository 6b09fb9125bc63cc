"""What is measured, each with one command: `python -m bench NAME` from the repository's root.

Every bench prints progress to stderr and one JSON object as the last line of stdout.
"""
