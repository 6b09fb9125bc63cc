"""What a ticket, a diagnosis, a decision and an outcome are. Pure data and pure rules, no I/O."""
