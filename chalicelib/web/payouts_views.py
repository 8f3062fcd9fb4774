"""What payouts.html is given: a dry run, whose consent it has, and what banks sent back."""

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.earnings.rules.consent import Proposal
from chalicelib.earnings.rules.preview import Preview, Row
from chalicelib.earnings.rules.troubles import BankTrouble
from chalicelib.kit import clock
from chalicelib.kit.money import micros_of
from chalicelib.web import filters

Names = Mapping[str, str]


def sums(found: Preview) -> list[dict[str, Any]]:
    """The last row is what the others come to."""
    return [
        {"says": "Available at Stripe", "micros": micros_of(found.available_minor)},
        {"says": "Would be sent", "micros": -micros_of(found.sent_minor)},
        {"says": "Available then", "micros": micros_of(found.stripe_after_minor)},
    ]


def rows(found: Iterable[Row], names: Names) -> list[dict[str, Any]]:
    return [
        {
            "who": names[row.partner],
            "left": row.leaving,
            "before": row.before_micros,
            "sent": micros_of(row.sent_minor),
            "withheld": micros_of(row.withheld_minor),
            "authority": row.authority,
            "after": row.after_micros,
            "says": _row_says(row),
        }
        for row in found
    ]


def consent(made: Proposal | None, found: Preview | None, names: Names, *, by: str) -> dict[str, Any]:
    """How far two people have come: what is said, and which of the two deeds the viewer may do."""
    due = bool(found and (found.plan.pay or found.plan.forgive))
    stands = bool(made and found and made.digest == found.digest)
    return {
        "says": _consent_says(made, names, stands=stands, due=due),
        "digest": made.digest if made else "",
        "may_propose": due and not stands,
        "may_approve": bool(made and stands and not made.approved_by and made.proposed_by != by),
    }


def may_pay(found: Preview, made: Proposal | None, *, takes_two: bool) -> bool:
    """Whether pressing *Pay* would do anything, as far as can be seen here."""
    due = bool(found.plan.pay or found.plan.forgive)
    consents = bool(made and made.approved_by and made.digest == found.digest) or not takes_two
    waits = any(row.on_its_way_minor for row in found.rows)
    return waits or (due and consents and found.stripe_after_minor >= 0)


def troubles(found: Iterable[BankTrouble], names: Names) -> list[dict[str, Any]]:
    return [
        {
            "who": names[each.partner],
            "amount": micros_of(each.amount_minor),
            "says": each.why or each.code,
            "at": clock.parse(each.at),
        }
        for each in found
    ]


def _row_says(row: Row) -> str:
    if row.forgiven_micros:
        return "The debt is written off"
    if row.on_its_way_minor and not row.amount_minor:
        return "On its way already"
    if row.why_not:
        return row.why_not[0].upper() + row.why_not[1:]
    return "Left: whatever the minimum" if row.leaving else ""


def _consent_says(made: Proposal | None, names: Names, *, stands: bool, due: bool) -> str:
    if made is None or (not stands and not made.approved_by):
        changed = "The amounts have changed since this was proposed. " if made and due else ""
        return changed + ("One person proposes this, another approves it." if due else "Nothing is due.")
    who, when = names[made.proposed_by], filters.moment(clock.parse(made.proposed_at))
    if not made.approved_by:
        return f"Proposed by {who} on {when}. Somebody else has to approve exactly this."
    says = f"Proposed by {who}, approved by {names[made.approved_by]}."
    return says if stands or not due else f"{says} What is due now is something else: propose it."
