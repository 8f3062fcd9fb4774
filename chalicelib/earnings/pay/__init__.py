"""Partners, and how they are paid: decided, consented to, withheld of, sent; grants from the commons."""
