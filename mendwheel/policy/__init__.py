"""Who may do what unasked, who must be asked. Pure; evaluated in an activity."""
