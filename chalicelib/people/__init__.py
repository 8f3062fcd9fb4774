"""People: how they sign in, what they are called, and what they show of themselves."""
