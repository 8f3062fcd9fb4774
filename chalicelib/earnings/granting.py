"""Grants from the commons, which two people decide: one proposes with a public reason, another approves."""

from collections import Counter

from chalicelib.earnings.records import grants as records
from chalicelib.earnings.rules.reads import PartnerId


def granted_in(month: str) -> dict[PartnerId, int]:
    """What partners were granted, by the month in whose statement it is."""
    found = Counter[PartnerId]()
    for partner, micros in records.granted_in(month):
        found[PartnerId(partner)] += micros
    return dict(sorted(found.items()))
