"""Earnings over HTTP, subject by subject."""
