"""Grants from the commons, which two people decide: one proposes with a public reason, another approves.

An approved grant is posted with its record, in one transaction, and is in the partner's next statement.
"""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.earnings.books import ledger
from chalicelib.earnings.pay import partners
from chalicelib.earnings.records import grants as records
from chalicelib.earnings.records import months
from chalicelib.earnings.records.ledger import Also
from chalicelib.earnings.rules import grants as rules
from chalicelib.earnings.rules.chain import first_unsealed, open_month
from chalicelib.earnings.rules.grants import Grant
from chalicelib.earnings.rules.ledger import COMMONS, grant_entry
from chalicelib.earnings.rules.reads import PartnerId
from chalicelib.kit import clock, limits, table
from chalicelib.kit.refusals import Conflict, NotFound, Unavailable
from chalicelib.kit.telemetry import log

DEEDS = limits.Limit("grants", tokens=20, each_ms=30_000)  # an operator who presses again does no harm
TRIES = 5  # others approve seldom, and a month is sealed once
PAGE = 50


def propose(
    partner: str, amount_minor: int, reason: str, *, grant_id: str, by: str, gains_nothing: bool, at: datetime
) -> Grant:
    """One of two people. Raises Conflict for more than the commons holds, Forbidden for one's own."""
    limits.spend(by, DEEDS, at)
    reason = rules.check_wish(amount_minor, reason)
    who = _in_good_standing(partner)
    rules.check_disinterested(who, by, gains_nothing=gains_nothing)
    made = Grant(grant_id, who, amount_minor, reason, by, clock.rfc3339(at))
    before = table.fetch_one(records.wanted_grant(grant_id))
    if before:
        return _same(before, made)
    rules.check_covered(made.micros, commons_micros())
    if not records.add(made):
        return _same(grant(grant_id), made)
    log.info("an operator proposes a grant", extra={"grant": grant_id, "by": by})
    return made


def approve(grant_id: str, *, by: str, gains_nothing: bool, at: datetime) -> Grant:
    """The other: it is the partner's from now on. Approved again it stays as it is."""
    limits.spend(by, DEEDS, at)
    for _ in range(TRIES):
        try:
            return _approve(grant_id, by=by, gains_nothing=gains_nothing, at=at)
        except table.Refused:
            continue
    raise Unavailable("Others are deciding at this moment. Look again.", retry_after_s=2)


def withdraw(grant_id: str, *, by: str, at: datetime) -> Grant:
    """Take a proposal back, whoever made it; raises Conflict once it was approved."""
    limits.spend(by, DEEDS, at)
    found = grant(grant_id)
    rules.check_withdrawable(found)
    if found.withdrawn_at:
        return found
    gone = replace(found, withdrawn_by=by, withdrawn_at=clock.rfc3339(at), version=found.version + 1)
    if not records.withdraw(gone):
        raise Conflict("Somebody else has just decided this. Look again.", code=40924)
    log.info("an operator withdraws a grant", extra={"grant": grant_id, "by": by})
    return gone


def grant(grant_id: str) -> Grant:
    found = table.fetch_one(records.wanted_grant(grant_id))
    if found is None:
        raise NotFound("There is no such grant.", code=40412)
    return found


def grants() -> list[Grant]:
    """Every one that was proposed, the newest first."""
    return rules.newest_first(records.all_grants())


def public_grants(place: str) -> tuple[list[Grant], str]:
    """What was granted, for everybody to read."""
    return records.public(place, PAGE)


def commons_micros() -> int:
    return -ledger.balance_micros(COMMONS)


def granted_in(month: str) -> dict[PartnerId, int]:
    """What partners were granted, by the month in whose statement it is."""
    found = Counter[PartnerId]()
    for each in records.granted_in(month):
        found[each.partner] += each.micros
    return dict(sorted(found.items()))


def _approve(grant_id: str, *, by: str, gains_nothing: bool, at: datetime) -> Grant:
    count, found = table.fetch_one(records.wanted_count()), grant(grant_id)
    rules.check_approvable(found, by)
    rules.check_disinterested(found.partner, by, gains_nothing=gains_nothing)
    if found.approved_at:
        return found
    _in_good_standing(found.partner)
    rules.check_covered(found.micros, commons_micros())
    known = months.all_months()
    month = first_unsealed(open_month(known, clock.month_of(at)), known)
    approved = replace(
        found, approved_by=by, approved_at=clock.rfc3339(at), month=month, version=found.version + 1
    )
    ledger.post(grant_entry(grant_id, found.partner, found.micros), at, _together(approved, count))
    log.info("an operator approves a grant", extra={"grant": grant_id, "by": by})
    return approved


def _together(approved: Grant, count: int) -> Also:
    def write(transaction: Any) -> None:
        records.approve(transaction, approved, count)
        months.require_unsealed(transaction, approved.month)

    return write


def _in_good_standing(person_id: str) -> PartnerId:
    """Raises NotFound for who is no partner, Conflict for one who has left."""
    found = table.fetch_one(partners.wanted_partner(person_id))
    if found is None:
        raise NotFound("Only partners can be granted anything: they have not enrolled.", code=40413)
    if not found.in_good_standing:
        raise Conflict("This partner has left the programme, or is blocked.", code=40925)
    return found.person_id


def _same(before: Grant, made: Grant) -> Grant:
    """What was proposed under this id; raises Conflict when that was something else."""
    if (before.partner, before.amount_minor, before.reason) != (made.partner, made.amount_minor, made.reason):
        raise Conflict("Something else was proposed under this key.", code=40926)
    return before
