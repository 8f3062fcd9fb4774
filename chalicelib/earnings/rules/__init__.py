"""The rules of the money, pure: the same month gives the same micro, whoever computes it."""
