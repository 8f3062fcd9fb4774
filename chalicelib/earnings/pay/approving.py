"""Two people for a payout, where it is asked for: one proposes a dry run, another approves just that."""

from dataclasses import replace
from datetime import datetime

from chalicelib.earnings.month_file import store
from chalicelib.earnings.pay.previewing import preview
from chalicelib.earnings.records import proposals as records
from chalicelib.earnings.rules.consent import Proposal
from chalicelib.earnings.rules.preview import Plan, digest_of, packed, unpacked
from chalicelib.kit import clock, table
from chalicelib.kit.refusals import Conflict, Forbidden, NotFound
from chalicelib.kit.settings import settings
from chalicelib.kit.telemetry import log

wanted_proposal = records.wanted_proposal


def takes_two() -> bool:
    return settings().payout_approvals == "2"


def proposal(month: str) -> Proposal | None:
    return table.fetch_one(records.wanted_proposal(month))


def known(month: str) -> Proposal:
    """Raises NotFound where nobody has proposed anything."""
    found = proposal(month)
    if found is None:
        raise NotFound(f"Nobody has proposed what to pay for {month}.", code=40411)
    return found


def propose(month: str, by: str, at: datetime, *, rows_max: int | None = None) -> Proposal:
    """Keep what a dry run finds now, in place of an earlier proposal; raises Conflict if it is nothing."""
    found = preview(month, rows_max=rows_max)
    if not found.plan.pay and not found.plan.forgive:
        raise Conflict(f"Nothing is due for {month}.", code=40912)
    body, before = packed(found.plan), proposal(month)
    if before and before.digest == found.digest:
        return before
    made = Proposal(
        month=month,
        digest=found.digest,
        plan=store.keep_plan(month, body),
        partners=found.paid,
        sent_minor=sum(each.amount_minor - each.withheld_minor for each in found.plan.pay),
        withheld_minor=found.withheld_minor,
        proposed_by=by,
        proposed_at=clock.rfc3339(at),
        version=before.version + 1 if before else 1,
    )
    if not records.put(made):
        raise Conflict("Somebody else proposed at this moment. Look at it first.", code=40913)
    log.info("an operator proposes a payout", extra={"month": month, "by": by, "digest": made.digest})
    return made


def approve(month: str, digest: str, by: str, at: datetime, *, rows_max: int | None = None) -> Proposal:
    """Let exactly what was proposed be paid.

    Raises Forbidden for who proposed it, Conflict when it is not what would be paid now.
    """
    made = known(month)
    if made.proposed_by == by:
        raise Forbidden("Somebody else has to approve what you proposed.", code=4034)
    if digest != made.digest or preview(month, rows_max=rows_max).digest != digest:
        raise Conflict("The amounts have changed since: look again, and propose again.", code=40914)
    if made.approved_by:
        return made
    approved = replace(made, approved_by=by, approved_at=clock.rfc3339(at), version=made.version + 1)
    if not records.put(approved):
        raise Conflict("Somebody else changed this at this moment. Look at it first.", code=40913)
    log.info("an operator approves a payout", extra={"month": month, "by": by, "digest": digest})
    return approved


def approved_plan(month: str) -> Plan | None:
    """What may be paid; None where one person is enough. Raises Conflict before it was approved."""
    if not takes_two():
        return None
    made = proposal(month)
    if made is None or not made.approved_by:
        raise Conflict(
            f"Two people pay {month}: one proposes what a dry run shows, another approves it.", code=40915
        )
    body = store.plan(made.plan)
    if digest_of(body) != made.digest:
        raise AssertionError(f"the plan {made.plan} is not what was approved")
    return unpacked(body)
