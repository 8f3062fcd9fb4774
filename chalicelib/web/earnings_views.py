"""What earnings.html is given: a partner's month, and how far being paid has come, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.earnings.rules.partners import ELSEWHERE, PAYABLE_COUNTRIES, Partner
from chalicelib.earnings.rules.payouts import Payout
from chalicelib.earnings.rules.sheets import Sheet
from chalicelib.earnings.rules.statement import StatementStory
from chalicelib.earnings.rules.troubles import BankTrouble
from chalicelib.earnings.service import MonthOnPaper
from chalicelib.kit import clock
from chalicelib.kit.money import micros_of
from chalicelib.stories import service as stories_service
from chalicelib.stories.rules import StoryCard
from chalicelib.web import filters

NAMES = ("reads", "reading", "engagement", "follower_bonus", "boost_bonus", "micros")
MONTHS_LISTED = 12
STATES_SAY = {
    "closed": "Your account at Stripe was closed. Open another one: your balance waits for it, all of it.",
    "rejected": "Stripe turned your account down, and says why only to you: write to its support. "
    "Your balance stays yours, and waits.",
    "pending": "Stripe is looking at your answers, usually for a day or two. Your balance waits.",
}
NOTHING: dict[str, Any] = {
    "month": None, "closed": False, "earned": 0, "readers": 0, "stories_read": 0, "months": [], "payout": [],
    "stories": [], "totals": dict.fromkeys(NAMES, 0), "statement": None, "policy": "", "closes_on": None,
}  # fmt: skip


def enrolment(partner: Partner | None, faults: Mapping[str, str]) -> dict[str, Any]:
    return {
        "enrolled": partner is not None,
        "ready": partner is not None and (partner.can_be_paid or not partner.is_reached_by_stripe),
        "says": _enrolment_says(partner),
        "steps": _enrolment_steps(partner),
        "action": _action(partner),
        "countries": [] if partner else [*PAYABLE_COUNTRIES.items(), (ELSEWHERE, "Another country")],
        "faults": faults,
    }


def months(sheets: Sequence[Sheet], shown: str, pencil: Mapping[str, int]) -> list[dict[str, Any]]:
    """The open months, in pencil, and the closed ones in ink, newest first."""
    ink = {each.month: each.earned_micros for each in sheets}
    listed = [(month, micros, month in ink) for month, micros in ({**pencil, **ink}).items()]
    newest_first = sorted(listed, reverse=True)[:MONTHS_LISTED]
    return [
        {
            "month": month,
            "url": f"/earnings/{month}",
            "micros": micros,
            "closed": closed,
            "current": month == shown,
        }
        for month, micros, closed in newest_first
    ]


def payout(found: Payout | None) -> list[dict[str, str]]:
    if found is None:
        return []
    decided = {"title": "Decided", "says": filters.day(clock.parse(found.decided_at)), "state": "done"}
    amount = filters.minor(found.sent_minor)
    if found.refusal:
        return [decided, {"title": "Not sent yet", "says": f"{amount}: {found.refusal}", "state": "now"}]
    if found.state != "sent":
        return [
            decided,
            {"title": "Being sent", "says": f"{amount}, to your account at Stripe", "state": "now"},
        ]
    when = filters.day(clock.parse(found.sent_at))
    sent = {"title": "Sent", "says": f"{amount} on {when}", "state": "done"}
    return [decided, sent, {"title": "To your bank", "says": "By Stripe, within some days", "state": "now"}]


def stories(rows: Sequence[StatementStory], cards: Mapping[str, StoryCard]) -> list[dict[str, Any]]:
    return [_story(row, cards.get(row.story)) for row in rows]


def totals(listed: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return {name: sum(each[name] for each in listed) for name in NAMES}


def statement(on_paper: MonthOnPaper) -> dict[str, Any]:
    made, moved = on_paper.statement, on_paper.statement.movements
    name = filters.month_name(made.month)
    lines = [
        _line("Brought forward", moved.balance_before_micros),
        _line(f"Earned in {name}", made.earned_micros),
        _line("Held", -moved.held_micros, note="from cards that are new"),
        _line("Released", moved.released_micros, note="held before"),
        _line("Adjusted", moved.adjustments_micros),
        _line("Granted from the commons", moved.grants_micros),
    ]
    return {
        "lines": [each for each in lines if each["micros"] or each["says"].startswith("Earned")],
        "balance": made.balance_after_micros + micros_of(moved.paid_minor + moved.withheld_minor),
        "paid": _paid(on_paper),
        "withheld": _line("Withheld for taxes", -micros_of(moved.withheld_minor)),
        "carried": made.balance_after_micros,
    }


def _paid(on_paper: MonthOnPaper) -> dict[str, Any] | None:
    payout = on_paper.payout
    if payout is None or payout.state != "sent":
        return None
    says = f"Paid on {filters.day(clock.parse(payout.sent_at))}"
    less = f", less {filters.minor(payout.reversed_minor)} that came back" if payout.reversed_minor else ""
    return {"says": says + less, "micros": -micros_of(on_paper.statement.movements.paid_minor)}


def _line(says: str, micros: int, *, note: str = "") -> dict[str, Any]:
    return {"says": says, "note": note, "micros": micros}


def _story(row: StatementStory, card: StoryCard | None) -> dict[str, Any]:
    """The author sees a title even of what was taken down; what is erased has none."""
    return {
        "title": card.title if card and card.title else "A story that is no longer here",
        "url": card.path if card and stories_service.is_visible(card) else "",
        "reads": row.reads,
        "reading": row.causes.reading,
        "engagement": row.causes.engagement,
        "follower_bonus": row.causes.follower_bonus,
        "boost_bonus": row.causes.boost_bonus,
        "micros": row.micros,
    }


def _enrolment_says(partner: Partner | None) -> str:
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
    if partner.left_at:
        return "You have left, and something is still yours: answer what Stripe asks, and it is sent to you."
    return (
        "You are earning already. To be paid, answer what Stripe asks; nothing is forfeited while you don’t."
    )


def _enrolment_steps(partner: Partner | None) -> list[dict[str, str]]:
    accepted = filters.day(clock.parse(partner.enrolled_at)) if partner else "A minute"
    terms = _step("Terms accepted", accepted, is_done=partner is not None, is_next=partner is None)
    answered = bool(partner and partner.transfers == "active")
    asks = "Answered" if answered else "Who you are, and your bank"
    questions = _step("Stripe’s questions", asks, is_done=answered, is_next=partner is not None)
    can = bool(partner and partner.payouts == "active")
    enabled = _step("Payouts enabled", "By Stripe, usually within a day", is_done=can, is_next=answered)
    return [terms, questions, enabled]


def _step(title: str, says: str, *, is_done: bool, is_next: bool) -> dict[str, str]:
    return {"title": title, "says": says, "state": "done" if is_done else "now" if is_next else ""}


def _action(partner: Partner | None) -> str:
    if partner is None:
        return "Enrol"
    if partner.blocked or partner.can_be_paid or not partner.is_reached_by_stripe:
        return ""
    if partner.transfers in ("pending", "rejected"):
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
