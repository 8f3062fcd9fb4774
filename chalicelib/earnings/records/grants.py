"""Grants from the commons: each as it stands, and an index by the month in whose statement it is."""

from chalicelib.earnings.records.ledger import FEATURE
from chalicelib.kit import table

GRANTED = "granted-in"


def granted_in(month: str) -> list[tuple[str, int]]:
    """Partner and micros of each grant that was approved for the month: a few."""
    items = table.query_all(FEATURE, f"{GRANTED}#{month}")
    return [(item["partner"], item["micros"]) for item in items]
