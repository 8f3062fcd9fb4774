"""What the pages of membership and of gifts are given in tests: plainly invented people and sums."""

from typing import Any

from tests.web.models import AT, SIGNED_IN, VIEWER, Model
from tests.web.more_models import you


def membership(*, state: str) -> Model:
    prices = {"member_month": 500, "member_year": 5000, "friend_month": 1500, "friend_year": 15000}
    known = {"tier": "member", "state": state, "until": AT, "cancels": False} if state else None
    return {
        **SIGNED_IN,
        "title": "Membership",
        "here": "membership",
        "membership": known,
        "ended": None,
        "prices": prices,
        "coming": {"at": AT, "due_minor": 550, "tax_minor": 100, "credit_minor": 50} if state else None,
        "withdrawal": {"until": AT, "back_micros": 6_000_000} if state else None,
        "next": "",
        "back": "/membership",
        "fault": "",
        "left": False,
    }


def gifts() -> Model:
    wish = {
        "tier": "member",
        "months": 12,
        "address": "reader@example.org",
        "message": "Read well.",
        "giver_name": "Ada",
    }
    gift = {"id": "0123456789abcdef", "wish": wish, "state": "bought", "void": False, "waits": True}
    gift |= {
        "made_at": AT,
        "bought_at": AT,
        "letters": 1,
        "invoice": "in_1",
        "sent_at": AT,
        "start": None,
        "end": None,
        "url": "",
    }
    prices = {"member_month": 500, "member_year": 5000, "friend_month": 1500, "friend_year": 15000}
    said = {"gifts": [gift], "prices": prices, "name": "g", "form": None, "faults": {}, "left": False}
    return {**SIGNED_IN, "title": "Give Longhand", "here": "membership", **said}


def a_gift(*, given: bool) -> Model:
    (gift,) = gifts()["gifts"]
    said = {
        "gift": gift,
        "link": "http://localhost:8000/gifts/0123456789abcdef" if given else "",
        "fault": "",
        "price": 5000,
        "until": AT,
    }
    said |= {"code": "0123456789abcdef", "signin": "/signin", "is_mine": False, "pays": True, "waits_for": AT}
    return {**SIGNED_IN, "title": "A gift", "here": "membership", **said}


def withdrawal() -> Model:
    found = {"until": AT, "back_micros": 6_000_000, "credit_micros": -1_000_000, "is_disputed": True}
    said = {"tier": "member", "interval": "month", "withdrawal": found, "reads_on": AT}
    return {**SIGNED_IN, "title": "Withdraw", "here": "membership", **said}


def console_gifts(*, some: bool = True) -> Model:
    found = [{"gift": each, "giver": "demo-reader"} for each in gifts()["gifts"]] if some else []
    return {**SIGNED_IN, "title": "Gifts", "here": "console", "gifts": found, "older": ""}


def console_gift() -> Model:
    (gift,) = gifts()["gifts"]
    said = {"gift": gift, "giver": "demo-reader", "redeemer": "", "price": 5000, "faults": {}}
    return {**SIGNED_IN, "title": "A gift", "here": "console", **said}


def console_withdrawals() -> Model:
    """One that waits for a person, its form sent back, and one that was paid back by hand."""
    paid = {"by": "p2", "how": "By transfer, reference 2026-0117", "amount_minor": 500, "at": AT}
    waits = {"person_id": "p1", "subscription": "sub_1", "invoices": ("in_1", "in_2"), "at": AT}
    said = {
        "waiting": [{"withdrawal": waits, "left": 1_250}],
        "repaid": [waits | {"person_id": "p3", "repaid": paid}],
        "handles": {"p1": "demo-reader", "p2": "demo-keeper"},
        "wrong": "sub_1",
        "how": "By hand",
        "faults": {"how": "Say it in 10 to 300 characters."},
    }
    return {**SIGNED_IN, "title": "Withdrawals", "here": "console", **said}


def plan() -> Model:
    lines = [{"says": "Unused time on Member", "amount_minor": -250}, {"says": "Friend", "amount_minor": 750}]
    preview = {"due_minor": 500, "tax_minor": 0, "lines": lines}
    change = {"tier": "friend", "interval": "month", "preview": preview, "credit_minor": 0}
    return {**SIGNED_IN, "title": "Change your plan", "here": "membership", "change": change, "as_of": "now"}


def thanks(*, member: bool, gives_up: bool = False) -> Model:
    said = {"title": "Thank you", "member": member, "gives_up": gives_up}
    said |= {"again": "/thanks-waiting", "last": "/thanks-late", "looks": 40}
    return {**SIGNED_IN, **said, "next": {"url": "/", "says": "Read on"}}


def pages() -> dict[str, tuple[str, Any]]:
    return {
        "/membership": ("membership.html", membership(state="")),
        "/membership-plan": ("plan.html", plan()),
        "/membership-withdrawal": ("withdrawal.html", withdrawal()),
        "/console-gifts": ("console_gifts.html", console_gifts()),
        "/console-gifts-none": ("console_gifts.html", console_gifts(some=False)),
        "/console-gift": ("console_gift.html", console_gift()),
        "/console-withdrawals": ("console_withdrawals.html", console_withdrawals()),
        "/you-owing": ("you.html", you() | {"viewer": VIEWER | {"owes": True}}),
        "/membership-gifts": ("gifts.html", gifts()),
        "/membership-given": ("given.html", a_gift(given=True)),
        "/membership-gift": ("gift.html", a_gift(given=False)),
        "/membership-active": ("membership.html", membership(state="active")),
        "/thanks": ("thanks.html", thanks(member=True)),
        "/thanks-waiting": ("thanks.html", thanks(member=False)),
        "/thanks-late": ("thanks.html", thanks(member=False, gives_up=True)),
    }
