"""What earnings.html is given: a partner's month, and how far being paid has come, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.earnings.rules.partners import ELSEWHERE, PAYABLE_COUNTRIES, Partner
from chalicelib.earnings.rules.sheets import Sheet
from chalicelib.earnings.rules.troubles import BankTrouble
from chalicelib.kit import clock
from chalicelib.kit.money import micros_of
from chalicelib.web import filters
from chalicelib.web.statement_views import NAMES

MONTHS_LISTED = 12
STATES_SAY = {
    "closed": "Your account at Stripe was closed. Open another one: your balance waits for it, all of it.",
    "rejected": "Stripe turned your account down, and says why only to you: write to its support. "
    "Your balance stays yours, and waits.",
    "pending": "Stripe is looking at your answers, usually for a day or two. Your balance waits.",
}
BANK_SAYS = (
    "What is yours is sent to your account at Stripe. Before it goes on to your bank, Stripe wants something "
    "more of you; nothing is forfeited while it waits there."
)
ANSWERS_SAY = {
    "active": "Answered",
    "pending": "Stripe is looking at your answers",
    "restricted": "Stripe waits for an answer",
    "unsupported": "Stripe can’t open such an account",
    "rejected": "Turned down by Stripe",
    "closed": "The account was closed",
}
PAYOUTS_SAY = {
    "active": "Enabled",
    "pending": "Stripe is looking at it",
    "restricted": "Stripe waits for an answer, or for your bank’s details",
    "unsupported": "Not to this bank",
    "rejected": "Refused by Stripe",
}
NOTHING: dict[str, Any] = {
    "month": None, "closed": False, "earned": 0, "readers": 0, "stories_read": 0, "months": [], "payout": [],
    "stories": [], "largest": 0, "totals": dict.fromkeys(NAMES, 0), "pages": None, "statement": None,
    "policy": "", "closes_on": None, "check": None, "account": None, "by_month": [], "history": [],
    "release": None, "trouble": None, "leaving": None, "leaving_faults": {},
    "coming": [],
}  # fmt: skip


def enrolment(
    partner: Partner | None, faults: Mapping[str, str], *, was_paid: bool = False
) -> dict[str, Any]:
    """Step by step how far one has come; `was_paid` tells a lapse from what was never finished."""
    return {
        "enrolled": partner is not None,
        "ready": partner is not None and _is_through(partner),
        "aside": _aside(partner, was_paid),
        "says": _enrolment_says(partner, was_paid),
        "steps": _enrolment_steps(partner),
        "action": _action(partner),
        "countries": [] if partner else [*PAYABLE_COUNTRIES.items(), (ELSEWHERE, "Another country")],
        "faults": faults,
    }


def months(ink: Sequence[Sheet], shown: str, pencil: Sequence[Sheet], present: str) -> list[dict[str, Any]]:
    """The open months, in pencil, and the closed ones in ink, newest first."""
    settled = {each.month: each.earned_micros for each in ink}
    all_months = {present: 0} | {each.month: each.earned_micros for each in pencil} | settled
    newest_first = sorted(all_months.items(), reverse=True)[:MONTHS_LISTED]
    return [
        {
            "month": month,
            "url": f"/earnings/{month}",
            "micros": micros,
            "closed": month in settled,
            "current": month == shown,
        }
        for month, micros in newest_first
    ]


def _is_through(partner: Partner) -> bool:
    """Whether what is sent reaches the partner's bank, as far as Stripe said."""
    return partner.can_be_paid and partner.payouts in ("active", "")


def _aside(partner: Partner | None, was_paid: bool) -> str:
    if partner is None:
        return "Not enrolled yet"
    if partner.blocked or not partner.is_reached_by_stripe or partner.transfers in ("rejected", "closed"):
        return "It can’t be sent at present"
    return "Something is asked again" if was_paid else "Nearly there"


def _enrolment_says(partner: Partner | None, was_paid: bool) -> str:
    if partner is None:
        return (
            "You accept two terms, then Stripe asks who you are and where your bank is; we never see either."
        )
    if partner.blocked:
        return f"You can’t be paid at present: {partner.blocked}"
    if not partner.is_reached_by_stripe:
        return "Stripe doesn’t pay to where you live yet. What you earn is kept for you, without an end."
    if partner.transfers in STATES_SAY:
        return STATES_SAY[partner.transfers]
    if partner.can_be_paid:
        return BANK_SAYS
    if partner.left_at:
        return "You have left, and something is still yours: answer what Stripe asks, and it is sent to you."
    if was_paid:
        return "Stripe asks for something again. You go on earning, and all of it waits until you answer."
    return (
        "You are earning already. To be paid, answer what Stripe asks; nothing is forfeited while you don’t."
    )


def _enrolment_steps(partner: Partner | None) -> list[dict[str, str]]:
    accepted = filters.day(clock.parse(partner.enrolled_at)) if partner else "A minute"
    terms = _step("Terms accepted", accepted, is_done=partner is not None, is_next=partner is None)
    if partner and not partner.is_reached_by_stripe:
        return [terms, _step("Stripe", "Doesn’t pay to your country yet", is_done=False, is_next=True)]
    transfers, payouts = (partner.transfers, partner.payouts) if partner else ("", "")
    answered = transfers == "active"
    asks = ANSWERS_SAY.get(transfers, "Who you are, and your bank")
    questions = _step("Stripe’s questions", asks, is_done=answered, is_next=partner is not None)
    bank = PAYOUTS_SAY.get(payouts if answered else "", "By Stripe, usually within a day")
    enabled = _step("Payouts to your bank", bank, is_done=answered and payouts == "active", is_next=answered)
    return [terms, questions, enabled]


def _step(title: str, says: str, *, is_done: bool, is_next: bool) -> dict[str, str]:
    return {"title": title, "says": says, "state": "done" if is_done else "now" if is_next else ""}


def _action(partner: Partner | None) -> str:
    if partner is None:
        return "Enrol"
    if partner.blocked or not partner.is_reached_by_stripe:
        return ""
    if partner.transfers in ("pending", "rejected") or _is_through(partner):
        return ""
    return "Open another account" if partner.transfers == "closed" else "Go on at Stripe"


def leaving(partner: Partner | None) -> dict[str, Any] | None:
    """None for whoever has not enrolled; `left` is when they left, or None."""
    if partner is None:
        return None
    left = clock.parse(partner.left_at) if partner.left_at else None
    return {"left": left, "country": partner.country}


def trouble(found: BankTrouble | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "micros": micros_of(found.amount_minor),
        "at": clock.parse(found.at),
        "why": found.why or "It did not say why.",
    }
