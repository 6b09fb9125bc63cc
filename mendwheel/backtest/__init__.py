"""Past issues worked on as if they came in today, and what came of it held against what people did.

This is what a team runs before it trusts the suite: nothing is asked, written back or done.
"""
