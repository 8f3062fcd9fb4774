"""Members, as Stripe's webhooks would have made them."""

from datetime import datetime

from chalicelib.kit import ids
from chalicelib.members.records import standing
from chalicelib.members.rules import Membership, Standing


def make_member(person_id: str, tier: str = "member", *, until: datetime, cancels: bool = False) -> None:
    """Let somebody be a member to this moment, and if it `cancels` not a moment longer."""
    standing.keep_customer(person_id, f"cus_{ids.new()}")
    now = Standing(tier, "active", until, cancels)
    standing.keep_standing(Membership(person_id), now)
