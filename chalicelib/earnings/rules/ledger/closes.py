"""What a month's close moves: its dues to the platform and partners, what is carried, held and let go."""

from chalicelib.earnings.rules.ledger.accounts import (
    COMMONS,
    DEFERRED,
    LOSS,
    PLATFORM,
    carried_account,
    held_account,
    partner_account,
)
from chalicelib.earnings.rules.ledger.entries import Entry, entry
from chalicelib.earnings.rules.reads import MemberId, PartnerId


def close_platform_entry(month: str, micros: int) -> Entry | None:
    return entry(f"close:{month}:platform", {DEFERRED: micros, PLATFORM: -micros})


def close_partner_entry(month: str, partner: PartnerId, *, earned: int, held: int) -> Entry | None:
    lines = {DEFERRED: earned, partner_account(partner): held - earned, held_account(partner): -held}
    return entry(f"close:{month}:{partner}", lines)


def close_member_entry(month: str, member: MemberId, *, carried_in: int, carried_out: int) -> Entry | None:
    more = carried_out - carried_in
    return entry(f"close:{month}:member:{member}", {DEFERRED: more, carried_account(member): -more})


def release_entry(month: str, partner: PartnerId, micros: int) -> Entry | None:
    lines = {held_account(partner): micros, partner_account(partner): -micros}
    return entry(f"release:{month}:{partner}", lines)


def commons_entry(month: str, member: MemberId, micros: int) -> Entry | None:
    """What was carried too long, or by whose membership has ended."""
    return entry(f"commons:{month}:{member}", {carried_account(member): micros, COMMONS: -micros})


def ended_entry(month: str, member: MemberId, micros: int) -> Entry | None:
    """What a member whose membership has ended carried below 0, as a positive number."""
    return entry(f"ended:{month}:{member}", {LOSS: micros, carried_account(member): -micros})
