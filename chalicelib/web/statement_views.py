"""What earnings.html is given of one month: story by story, and the account with what was paid from it."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.earnings.papers.prints.printed import GONE
from chalicelib.earnings.rules.payouts import Payout
from chalicelib.earnings.rules.statement import StatementStory
from chalicelib.earnings.service import MonthOnPaper, Readiness, lines_filename
from chalicelib.kit import clock
from chalicelib.kit.money import micros_of
from chalicelib.stories import service as stories_service
from chalicelib.stories.rules import StoryCard
from chalicelib.web import filters

CAUSES = ("reading", "engagement", "follower_bonus", "boost_bonus")
NAMES = ("reads", "seconds", "points", *CAUSES, "micros", "part")
STORIES_A_PAGE = 100
LINES: dict[str, tuple[str, str]] = {
    "adjusted": ("Adjusted", "readings struck, refunds, debts forgiven"),
    "granted": ("Granted from the commons", ""),
    "held": ("Held", "from cards that are new"),
    "released": ("Released", "held before"),
}
"""Of the account's lines what they are called, and why they are there."""


def payout(of_month: Sequence[Payout]) -> list[dict[str, str]]:
    """How far the month's pay has come; where there are two, the later one."""
    if not of_month:
        return []
    found = max(of_month, key=lambda each: each.decided_at)
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


def totals(rows: Sequence[StatementStory]) -> dict[str, int]:
    """Of all stories, shown or not."""
    summed = dict.fromkeys(NAMES, 0)
    for row in rows:
        for name, figure in _figures(row).items():
            summed[name] += figure
    return summed


def pages(month: str, shown: int, rows: int) -> dict[str, Any] | None:
    """Where the table goes on; None where it is on one page."""
    count = (rows + STORIES_A_PAGE - 1) // STORIES_A_PAGE
    if count < 2:
        return None
    address = f"/earnings/{month}?page="
    return {
        "shown": shown,
        "count": count,
        "before": f"{address}{shown - 1}#stories" if shown > 1 else "",
        "after": f"{address}{shown + 1}#stories" if shown < count else "",
    }


def statement(on_paper: MonthOnPaper) -> dict[str, Any]:
    """Lines that sum to the balance, and what was taken from it. Those of 0 are left out."""
    made, lines = on_paper.statement, on_paper.statement.lines
    before = made.movements.balance_before_micros
    says = LINES | {"earned": (f"Earned in {filters.month_name(made.month)}", "")}
    came = [_line(*says[line], micros) for line, micros in lines.items() if line in says]
    sent = [each for each in on_paper.payouts if each.state == "sent"]
    return {
        "lines": ([_line("Brought forward", "", before)] if before else []) + came,
        "balance": made.balance_after_micros - lines.get("paid", 0) - lines.get("withheld", 0),
        "paid": [_paid(each) for each in sent],
        "withheld": _line(_withheld_says(sent), "", lines["withheld"]) if "withheld" in lines else None,
        "carried": made.balance_after_micros,
        "month": made.month,
        "made": clock.parse(on_paper.made_at),
    }


def check(month: str, readiness: Readiness) -> dict[str, Any]:
    """The file behind a statement, and how to recompute it."""
    return {
        "url": f"/api/partner/months/{month}/lines",
        "command": f"python -m infra.recompute {lines_filename(month)}",
        "state": readiness.state,
        "asked": clock.parse(readiness.asked_at) if readiness.asked_at else None,
    }


def _paid(payout: Payout) -> dict[str, Any]:
    says = f"Paid on {filters.day(clock.parse(payout.sent_at))}"
    less = f", less {filters.minor(payout.reversed_minor)} that came back" if payout.reversed_minor else ""
    return _line(says + less, "", micros_of(payout.reversed_minor - payout.sent_minor))


def _withheld_says(sent: Sequence[Payout]) -> str:
    authorities = sorted({each.authority for each in sent if each.withheld_minor and each.authority})
    return f"Withheld for {', '.join(authorities)}" if authorities else "Withheld for taxes"


def _line(says: str, note: str, micros: int) -> dict[str, Any]:
    return {"says": says, "note": note, "micros": micros}


def _story(row: StatementStory, card: StoryCard | None) -> dict[str, Any]:
    """The author sees a title even of what was taken down; what is erased has none."""
    return {
        "title": card.title if card and card.title else GONE,
        "url": card.path if card and stories_service.is_visible(card) else "",
        **_figures(row),
    }


def _figures(row: StatementStory) -> dict[str, int]:
    causes = {name: getattr(row.causes, name) for name in CAUSES}
    counts = {"reads": row.reads, "seconds": row.seconds, "points": row.points}
    return {**counts, **causes, "micros": row.micros, "part": row.part_micros}
