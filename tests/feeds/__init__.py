"""Feeds: what is there to read, in which order, and for whom."""
