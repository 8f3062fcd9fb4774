"""A month closed, or estimated, step by step; and what is decided of its readings once it is closed."""
