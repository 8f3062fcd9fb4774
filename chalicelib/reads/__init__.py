"""Reading, counted: tickets, heartbeats, and what each member read on each day."""
