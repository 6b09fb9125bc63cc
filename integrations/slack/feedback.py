"""What the thumbs below an answer carry: the ticket, and which of both it was."""

UP, DOWN = "up", "down"


def feedback_value(ticket_id: str, helpful: bool) -> str:
    """`up TICKET` or `down TICKET`."""
    return f"{UP if helpful else DOWN} {ticket_id}"


def read_feedback(value: str) -> tuple[str, bool]:
    """Ticket id, and whether it helped.

    Raises:
        ValueError: not a value of ours.
    """
    vote, _, ticket_id = value.partition(" ")
    if vote not in (UP, DOWN) or not ticket_id:
        raise ValueError(f"{value[:80]!r} is no feedback: expected `up TICKET` or `down TICKET`")
    return ticket_id, vote == UP
