"""What is kept of members, all in one table."""
