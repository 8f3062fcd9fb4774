"""How many calls to DynamoDB each route makes: every route is listed, so that none grows unnoticed.

Counted on a small world, as the routes stand in the product: with a session (one call) where the route asks
for one, and the writer's limit (one call) where it writes.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import app  # noqa: F401
from chalicelib.kit.operations import OPERATIONS
from infra.faults import counting
from infra.stripe_stand_in import SECRET, SECRET_ACCOUNTS
from tests.client import Client, Reply
from tests.members.conftest import a_shop
from tests.stripe_stand_in import Json, signed
from tests.worlds import ADDRESS, World, a_world, let_gifts_in, let_money_in, let_one_withdraw

CAPABILITY = "v2.core.account[configuration.recipient].capability_status_updated"


@pytest.fixture
def world(tmp_path: Path, aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for shop in a_shop(tmp_path, monkeypatch):
        yield a_world(shop)


PROPOSAL = {
    "numbers": {"hold_days": 90},
    "from_month": "2027-06",
    "reason": "Cards are disputed later than they were.",
}

FORMED = {"hold_days": "90", "from_month": "2027-06", "reason": PROPOSAL["reason"]}

# Verb and path; who asks (w the writer, r the reader, m the member, p the partner, o the operator, - nobody);
# what is sent; the budget. A path's variables are filled from the world, and `at` is another than the usual
# one; `form:` is a page's form, and `event` what Stripe tells.
STRIKE = {"reader": "struck_reader", "first_day": "2026-11-01", "last_day": "day", "reason": "Nobody read."}
PLAN = "tier=friend&interval=month"
AGREED = {"due": "due", "as_of": "as_of"}
GIFT = {"tier": "member", "months": 1}
REPAID = {"amount": 500, "how": "By bank transfer."}
Row = tuple[str, str, str, Any, int]
FIRST, SECOND = {"n": 1, "seconds": 15}, {"n": 2, "seconds": 15}
OF_MONEY = (
    "{month}", "{version}", "{person_id}", "hooks", "strike", "console/readings", "remittances",
    "departure", "leave", "grants", "commons",
)  # fmt: skip
WITHHELD = {"rate_bps": 2_400, "authority": "us-irs", "reference": "W-8BEN"}
GRANT = {"partner": "wen", "amount_minor": 200, "reason": "For the maps.", "gains_nothing": True}
GRANT_FORM = {"form": 1, "partner": "wen", "amount": "2", "reason": "For the maps.", "gains_nothing": "yes"}
REMITTED = {"amount_minor": 1, "authority": "us-irs", "reference": "quarter 4"}
ROWS: list[Row] = [
    ("GET", "/healthz", "-", None, 0),
    ("GET", "/openapi.json", "-", None, 0),
    ("GET", "/docs", "-", None, 0),
    ("POST", "/api/sign-in/codes", "-", {"address": ADDRESS}, 3),
    ("POST", "/api/sessions", "-", {"address": ADDRESS, "code": "code"}, 5),
    ("GET", "/api/sessions", "r", None, 3),
    ("DELETE", "/api/sessions/{session_id}", "w", None, 3),
    ("DELETE", "/api/sessions", "w", None, 3),
    ("GET", "/api/me", "w", None, 2),
    ("PUT", "/api/me/handle", "r", {"handle": "reader"}, 4),
    ("PUT", "/api/me/profile", "w", {"name": "Maren", "If-Match": "version"}, 3),
    ("GET", "/api/people/{handle}", "-", None, 2),
    ("GET", "/api/people/{handle}/stories", "-", None, 4),
    ("GET", "/api/people/{handle}/follow", "r", None, 3),
    ("PUT", "/api/people/{handle}/follow", "o", None, 5),
    ("DELETE", "/api/people/{handle}/follow", "r", None, 5),
    ("GET", "/api/me/following", "r", None, 3),
    ("POST", "/api/images", "w", {"type": "image/jpeg", "bytes": 1000}, 4),
    ("PUT", "/api/images/{image_id}", "w", {"at": "unfinished"}, 6),
    ("GET", "/api/images/{image_id}", "-", None, 1),
    ("POST", "/api/stories", "w", {"title": "New"}, 4),
    ("GET", "/api/stories/{story_id}", "r", None, 3),
    ("GET", "/api/stories/{story_id}/draft", "w", None, 2),
    ("PUT", "/api/stories/{story_id}/draft", "w", {"title": "Newer", "If-Match": "1"}, 3),
    ("GET", "/api/drafts", "w", None, 3),
    ("PUT", "/api/stories/{story_id}/publication", "w", {"topics": ["maps"], "If-Match": "1"}, 5),
    ("DELETE", "/api/stories/{story_id}/publication", "w", None, 5),
    ("DELETE", "/api/stories/{story_id}", "w", None, 5),
    ("PUT", "/api/stories/{story_id}/restoration", "w", {"at": "deleted"}, 5),
    ("GET", "/api/stories/{story_id}/applause", "r", None, 2),
    ("PUT", "/api/stories/{story_id}/applause", "r", {"claps": 3}, 4),
    # The dearest: the day's first, and more than has passed. What a page reports is one write (tests/reads).
    ("POST", "/api/readings", "m", {"ticket": "ticket", "beats": [{"n": 1, "seconds": 10}]}, 5),
    ("POST", "/api/stories/{story_id}/friend-links", "f", {"note": "Ines"}, 5),
    ("GET", "/api/stories/{story_id}/friend-links", "w", None, 2),
    ("DELETE", "/api/stories/{story_id}/friend-links/{link_id}", "w", None, 3),
    ("POST", "/api/gift-readings", "-", {"ticket": "gift_ticket", "beats": [FIRST, SECOND]}, 5),
    ("GET", "/api/feeds/latest", "-", None, 2),
    ("GET", "/api/feeds/following", "r", None, 4),
    ("GET", "/api/topics/{topic}/stories", "-", None, 2),
    ("GET", "/api/notices", "r", None, 3),
    ("PUT", "/api/notices/read", "r", {"to": "notice"}, 5),
    ("GET", "/api/membership", "r", None, 2),
    ("POST", "/api/membership/checkout", "r", {"tier": "member", "interval": "year"}, 8),
    ("POST", "/api/membership/portal", "m", {}, 3),
    ("GET", "/api/membership/plan-change", "m", {"query": PLAN}, 4),
    ("PUT", "/api/membership/plan", "m", {"tier": "friend", "interval": "month", **AGREED}, 6),
    ("PUT", "/api/membership/cancellation", "m", {}, 5),
    ("DELETE", "/api/membership/cancellation", "m", {}, 4),
    ("GET", "/api/membership/withdrawal", "m", None, 6),
    ("PUT", "/api/membership/withdrawal", "m", {}, 37),
    ("GET", "/api/membership/next-payment", "m", None, 2),
    ("GET", "/api/membership/invoices", "m", None, 7),
    ("GET", "/api/membership/invoices/{invoice_id}", "m", None, 2),
    ("POST", "/api/gifts", "m", GIFT, 8),
    ("GET", "/api/gifts", "m", None, 3),
    ("GET", "/api/gifts/{gift_id}", "m", None, 2),
    ("POST", "/api/gifts/{gift_id}/link", "m", {}, 5),
    ("POST", "/api/gifts/{gift_id}/letter", "m", {"address": ADDRESS}, 9),
    ("PUT", "/api/gifts/{gift_id}/withdrawal", "m", {}, 29),
    ("GET", "/api/gift-codes/{gift_code}", "-", None, 2),
    ("PUT", "/api/gift-codes/{gift_code}/redemption", "r", {}, 13),
    ("GET", "/api/operator/gifts", "o", None, 3),
    ("POST", "/api/operator/gifts/{gift_id}/letter", "o", {}, 8),
    ("POST", "/api/operator/gifts/{gift_id}/refund", "o", {}, 27),
    ("GET", "/api/operator/withdrawals", "o", None, 3),
    (
        "PUT",
        "/api/operator/withdrawals/{subscription}/repayment",
        "o",
        REPAID,
        33,
    ),
    ("POST", "/hooks/stripe", "-", {"event": "checkout.session.completed"}, 5),
    ("POST", "/hooks/stripe", "-", {"event": "invoice.paid"}, 9),
    ("POST", "/hooks/stripe/accounts", "-", {"event": CAPABILITY}, 5),
    ("POST", "/api/partner", "w", {"country": "us", "agrees": True}, 8),
    ("GET", "/api/membership/dues/{month}", "m", {"at": "open"}, 7),
    ("GET", "/api/membership/dues/{month}/csv", "n", {"at": "payable"}, 3),
    ("GET", "/api/membership/dues/{month}/file", "n", {"at": "payable"}, 2),
    ("GET", "/api/partner", "p", None, 5),
    ("GET", "/api/partner/estimate", "p", None, 4),
    ("GET", "/api/partner/statements/{month}", "p", None, 4),
    ("GET", "/api/partner/statements/{month}/csv", "p", None, 5),
    ("GET", "/api/partner/statements/{month}/pdf", "p", None, 5),
    ("GET", "/api/partner/months/{month}/lines", "p", None, 3),
    ("PUT", "/api/partner/months/{month}/lines", "p", {}, 3),
    ("POST", "/earnings/{month}/lines", "p", {"form": 1}, 3),
    ("GET", "/api/operator/months/{month}", "o", None, 2),
    ("POST", "/api/operator/months/{month}/close", "o", {"at": "closable"}, 4),
    ("POST", "/api/operator/months/{month}/pay", "o", {}, 5),
    ("GET", "/api/operator/months/{month}/export", "o", None, 2),
    ("GET", "/api/operator/books", "o", None, 2),
    ("PUT", "/api/partner/departure", "p", {"confirmed": True}, 5),
    ("GET", "/api/operator/months/{month}/payouts/preview", "o", None, 22),
    ("GET", "/api/operator/months/{month}/payouts/proposal", "o", None, 3),
    ("PUT", "/api/operator/months/{month}/payouts/proposal", "o", {}, 24),
    ("PUT", "/api/operator/months/{month}/payouts/approval", "o", {"digest": "digest"}, 25),
    ("GET", "/api/operator/partners/{person_id}/withholding", "o", None, 3),
    ("PUT", "/api/operator/partners/{person_id}/withholding", "o", WITHHELD, 5),
    ("POST", "/api/operator/remittances", "o", REMITTED, 4),
    ("GET", "/api/operator/bank-troubles", "o", None, 2),
    ("GET", "/api/operator/ledger", "o", None, 2),
    ("GET", "/api/operator/ledger/accounts", "o", None, 17),
    ("GET", "/api/operator/ledger/entries", "o", None, 17),
    ("GET", "/api/operator/ledger/entries/{entry_id}", "o", None, 2),
    ("GET", "/api/policies", "-", None, 1),
    ("GET", "/api/operator/policies", "o", None, 2),
    ("POST", "/api/operator/policies", "o", PROPOSAL, 4),
    ("POST", "/api/operator/policies/{version}/test", "o", {}, 3),
    ("PUT", "/api/operator/policies/{version}/publication", "o", {}, 6),
    ("GET", "/api/operator/strikes", "o", None, 2),
    ("POST", "/api/operator/strikes", "o", STRIKE, 5),
    ("GET", "/api/operator/strikes/{strike_id}", "o", None, 12),
    ("PUT", "/api/operator/strikes/{strike_id}/reversal", "o", {"why": "It was a reading."}, 7),
    ("PUT", "/api/operator/strikes/{strike_id}/adjustment", "o", {}, 18),
    ("GET", "/", "-", None, 2),
    ("GET", "/following", "r", None, 5),
    ("GET", "/topic/{topic}", "-", None, 2),
    ("GET", "/topic/{topic}/feed", "-", None, 2),
    ("GET", "/feed/{handle}", "-", None, 4),
    ("GET", "/{handle}", "-", None, 3),
    ("GET", "/{handle}/{slug}", "-", None, 1),
    ("GET", "/p/{story_id}", "-", None, 1),
    ("POST", "/p/{story_id}/applaud", "r", {"form": 1, "claps": "3"}, 4),
    ("POST", "/{handle}/follow", "o", {"form": 1}, 4),
    ("POST", "/{handle}/unfollow", "r", {"form": 1}, 5),
    ("GET", "/p/{story_id}/friend/{token}", "-", None, 4),
    ("GET", "/p/{story_id}/links", "w", None, 3),
    ("POST", "/p/{story_id}/links", "w", {"form": 1, "key": "again", "note": "Ines", "days": "7"}, 5),
    ("POST", "/p/{story_id}/links/{link_id}/take-back", "w", {"form": 1}, 3),
    ("GET", "/rules", "-", None, 1),
    ("GET", "/signin", "-", None, 0),
    ("POST", "/signin", "-", {"form": 1, "address": ADDRESS}, 3),
    ("GET", "/signin/code", "-", None, 0),
    ("POST", "/signin/code", "-", {"form": 1, "address": ADDRESS, "code": "code"}, 4),
    ("POST", "/signout", "r", {"form": 1}, 2),
    ("GET", "/welcome", "r", None, 2),
    ("POST", "/welcome", "r", {"form": 1, "handle": "reader", "name": "Reader"}, 6),
    ("GET", "/you", "r", None, 2),
    ("GET", "/settings/profile", "w", None, 2),
    ("POST", "/settings/profile", "w", {"form": 1, "name": "Maren", "version": "version"}, 3),
    ("GET", "/settings/sessions", "r", None, 4),
    ("POST", "/settings/sessions/{session_id}/revoke", "w", {"form": 1}, 3),
    ("POST", "/settings/sessions/everywhere", "w", {"form": 1}, 3),
    ("GET", "/write", "w", None, 2),
    ("GET", "/drafts", "w", None, 4),
    ("GET", "/drafts/{story_id}", "w", None, 3),
    ("POST", "/drafts/{story_id}/publish", "w", {"form": 1, "version": "1", "topics": "sea"}, 5),
    ("POST", "/drafts/{story_id}/unpublish", "w", {"form": 1}, 5),
    ("POST", "/drafts/{story_id}/delete", "w", {"form": 1}, 5),
    ("POST", "/drafts/{story_id}/restore", "w", {"form": 1, "at": "deleted"}, 5),
    ("GET", "/notices", "r", None, 4),
    ("POST", "/notices/read", "r", {"form": 1, "to": "notice"}, 5),
    ("GET", "/membership", "r", None, 2),
    ("POST", "/membership/join", "r", {"form": 1, "tier": "member", "interval": "year"}, 8),
    ("POST", "/membership/portal", "m", {"form": 1}, 3),
    ("GET", "/membership/plan", "m", {"query": PLAN}, 5),
    ("POST", "/membership/plan", "m", {"form": 1, "tier": "friend", "interval": "month", **AGREED}, 6),
    ("POST", "/membership/cancel", "m", {"form": 1}, 5),
    ("POST", "/membership/keep", "m", {"form": 1}, 4),
    ("GET", "/membership/withdrawal", "m", None, 6),
    ("POST", "/membership/withdrawal", "m", {"form": 1}, 37),
    ("GET", "/membership/invoices/{invoice_id}", "m", None, 2),
    ("GET", "/membership/gifts", "m", None, 4),
    ("POST", "/membership/gifts", "m", {"form": 1, "tier": "member", "months": "1", "name": "g"}, 8),
    ("GET", "/membership/gifts/{gift_id}", "m", None, 3),
    ("POST", "/membership/gifts/{gift_id}/link", "m", {"form": 1}, 7),
    ("POST", "/membership/gifts/{gift_id}/letter", "m", {"form": 1, "address": ADDRESS}, 9),
    ("POST", "/membership/gifts/{gift_id}/withdrawal", "m", {"form": 1, "confirmed": "yes"}, 29),
    ("GET", "/gifts/{gift_code}", "r", None, 4),
    ("POST", "/gifts/{gift_code}", "r", {"form": 1}, 13),
    ("GET", "/membership/thanks", "r", None, 2),
    ("GET", "/membership/dues", "m", None, 12),
    ("GET", "/membership/dues/{month}", "m", {"at": "open"}, 11),
    ("GET", "/earnings", "p", None, 6),
    ("GET", "/earnings/return", "p", None, 5),
    ("GET", "/earnings/{month}", "p", None, 7),
    ("POST", "/earnings/enrol", "w", {"form": 1, "country": "us", "agrees": "yes"}, 8),
    ("GET", "/console", "o", None, 10),
    ("GET", "/console/memberships", "o", None, 16),
    ("GET", "/console/gifts", "o", None, 5),
    ("GET", "/console/gifts/{gift_id}", "o", None, 4),
    ("POST", "/console/gifts/{gift_id}/letter", "o", {"form": 1}, 8),
    ("POST", "/console/gifts/{gift_id}/refund", "o", {"form": 1, "confirmed": "yes"}, 27),
    ("GET", "/console/withdrawals", "o", None, 4),
    (
        "POST",
        "/console/withdrawals/{subscription}/repayment",
        "o",
        {"form": 1, **REPAID},
        33,
    ),
    ("GET", "/console/policies", "o", None, 3),
    ("POST", "/console/policies", "o", {"form": 1, **FORMED}, 5),
    ("GET", "/console/policies/{version}", "o", None, 5),
    ("POST", "/console/policies/{version}/test", "o", {"form": 1}, 3),
    ("POST", "/console/policies/{version}/publish", "o", {"form": 1, "confirmed": "yes"}, 7),
    ("GET", "/console/readings", "o", None, 4),
    ("POST", "/console/readings", "o", {"form": 1, **STRIKE}, 5),
    ("GET", "/console/readings/{strike_id}", "o", None, 14),
    ("POST", "/console/readings/{strike_id}/reversal", "o", {"form": 1, "why": "It was a reading."}, 5),
    ("POST", "/console/readings/{strike_id}/adjustment", "o", {"form": 1}, 16),
    ("GET", "/console/books", "o", None, 3),
    ("GET", "/console/ledger", "o", None, 20),
    ("GET", "/console/ledger/accounts", "o", None, 18),
    ("GET", "/console/{month}", "o", {"at": "paid"}, 27),
    ("POST", "/console/{month}/close", "o", {"form": 1, "at": "closable"}, 4),
    ("POST", "/console/{month}/pay", "o", {"form": 1}, 5),
    ("GET", "/console/{month}/payouts", "o", None, 25),
    ("POST", "/console/{month}/proposal", "o", {"form": 1}, 24),
    ("GET", "/api/grants", "-", None, 1),
    ("GET", "/api/operator/grants", "o", None, 4),
    ("POST", "/api/operator/grants", "o", GRANT, 8),
    ("PUT", "/api/operator/grants/{grant_id}/approval", "o", {"gains_nothing": True}, 9),
    ("DELETE", "/api/operator/grants/{grant_id}", "o", {}, 5),
    ("GET", "/commons", "-", None, 1),
    ("GET", "/console/commons", "o", None, 5),
    ("POST", "/console/commons", "o", GRANT_FORM, 7),
    ("POST", "/console/commons/{grant_id}/approval", "o", {"form": 1, "gains_nothing": "yes"}, 8),
    ("POST", "/console/commons/{grant_id}/withdrawal", "o", {"form": 1}, 4),
    ("POST", "/console/{month}/approval", "o", {"form": 1, "digest": "digest"}, 25),
    ("POST", "/earnings/leave", "p", {"form": 1, "confirmed": "yes"}, 5),
]


def test_every_route_has_a_budget() -> None:
    listed = {(verb, path) for verb, path, _, _, _ in ROWS}
    assert listed == {(each.verb, each.path) for each in OPERATIONS if "probe" not in each.name}


def test_what_only_reads_keeps_its_budget(world: World) -> None:
    let_money_in(world)
    let_gifts_in(world)
    wrong = [why for row in ROWS if row[0] == "GET" and (why := _wrong(world, row))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row[0] != "GET"], ids=lambda row: f"{row[0]} {row[1]}"
)
def test_what_writes_keeps_its_budget(world: World, row: Row) -> None:
    if any(part in row[1] for part in OF_MONEY):
        let_money_in(world)
    if any(part in row[1] for part in ("gift", "/plan")):
        let_gifts_in(world)
    if "/withdrawals" in row[1]:
        let_one_withdraw(world)
    assert not _wrong(world, row)


def _wrong(world: World, row: Row) -> str:
    """What is not as the row says; "" when all is."""
    verb, path, who, sent, budget = row
    with counting() as watch:
        reply = ask(world, verb, path, who, sent or {})
    if reply.status >= 400:
        return f"{verb} {path}: {reply.text[:300]}"
    used = [str(call) for call in watch.calls if call.service == "dynamodb"]
    return "" if len(used) == budget else f"{verb} {path}: {len(used)} calls, {used}"


def ask(world: World, verb: str, path: str, who: str, sent: dict[str, Any]) -> Reply:
    client, known = world.clients[who], dict(world.ids)
    if event := sent.get("event"):
        return _told(path, world.events[event])
    fields = {name: known.get(v, v) if isinstance(v, str) else v for name, v in sent.items()}
    if at := fields.pop("at", ""):
        known |= {"image_id": at, "story_id": at, "month": at}
    if not path.startswith(("/api", "/topic")):
        known["handle"] = "@maren"
    for name, value in known.items():
        path = path.replace("{" + name + "}", str(value))
    if query := fields.pop("query", ""):
        path += f"?{query}"
    headers = {"If-Match": f'"{version}"'} if (version := fields.pop("If-Match", "")) else {}
    if fields.pop("form", None):
        return _form(client, path, fields, world.csrf.get(client.token, ""))
    return client.call(verb, path, None if verb == "GET" else fields, headers=headers)


def _told(path: str, event: Json) -> Reply:
    """As Stripe tells it."""
    body, signature = signed(event, SECRET_ACCOUNTS if path.endswith("accounts") else SECRET)
    return Client().post(path, body, headers={"stripe-signature": signature})


def _form(client: Client, path: str, fields: dict[str, str], csrf: str) -> Reply:
    browser = Client(cookie=client.token)
    return browser.form(path, fields | ({"csrf": csrf} if csrf else {}))
