"""What one operator proposed to pay for a month, and another approved."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Proposal:
    """A dry run's digest, and its sums; the plan lies in the store. Times are RFC 3339, or ""."""

    month: str
    digest: str
    plan: str
    partners: int
    sent_minor: int
    withheld_minor: int
    proposed_by: str
    proposed_at: str
    approved_by: str = ""
    approved_at: str = ""
    version: int = 1
