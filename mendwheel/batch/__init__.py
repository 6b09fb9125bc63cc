"""A file of tickets resolved by real workflow runs, apart from everything live.

Each batch has a folder of its own with its store and its Temporal database, so that it neither
reads nor feeds the live suite, and goes on where it stopped after any crash.
"""
