"""What the pages of earnings are given in tests: plainly invented stories and sums."""

from tests.web.models import AT, SIGNED_IN, Model


def an_enrolment(*, ready: bool) -> Model:
    return {
        "enrolled": True,
        "ready": ready,
        "aside": "Nearly there",
        "says": "Stripe asks who you are and where your bank is; we never see either.",
        "action": "" if ready else "Go on at Stripe",
        "countries": [] if ready else [("DE", "Germany"), ("US", "United States")],
        "faults": {} if ready else {"country": "Choose the country where you pay taxes."},
        "steps": [
            {"title": "Terms accepted", "says": "24 November 2026", "state": "done"},
            {"title": "Stripe’s questions", "says": "Two are open", "state": "now"},
            {"title": "Payouts enabled", "says": "By Stripe, usually within a day", "state": ""},
        ],
    }


def earned_by(title: str, reading: int, engagement: int, boost: int = 0) -> Model:
    causes = {
        "reading": reading,
        "engagement": engagement,
        "follower_bonus": reading // 4,
        "boost_bonus": boost,
    }
    micros = sum(causes.values())
    counts = {"reads": 1204, "seconds": 310_422, "points": 3_104_220_000}
    return {"title": title, "url": "/@demo-writer/x", **counts, **causes, "micros": micros, "part": micros}


def some_earnings(*, closed: bool) -> Model:
    stories = [
        earned_by("What the dredger brought up", 66_806_185, 15_670_184, 14_608_030),
        earned_by("Salt, and who owned it", 42_603_291, 7_839_624),
        earned_by("A harbour-master’s Sunday", 17_456_195, 5_332_015),
    ]
    names = tuple(name for name in stories[0] if name not in ("title", "url"))
    totals = {name: sum(story[name] for story in stories) for name in names}
    return {
        **SIGNED_IN,
        "title": "Earnings, October 2026",
        "here": "earnings",
        "enrolment": an_enrolment(ready=closed),
        "month": "2026-10",
        "closed": closed,
        "earned": totals["micros"],
        "readers": 1391,
        "stories_read": 3,
        "months": [
            a_month_of_earnings("2026-11", 84_540_000, closed=False),
            a_month_of_earnings("2026-10", totals["micros"], closed=True),
        ],
        "payout": [
            {"title": "Closed", "says": "3 November", "state": "done"},
            {"title": "On its way to your bank", "says": "expected 6 November", "state": "now"},
        ] if closed else [],
        "stories": stories,
        "largest": stories[0]["micros"],
        "totals": totals,
        "pages": {"shown": 1, "count": 2, "before": "", "after": "/earnings/2026-10?page=2#stories"},
        "check": a_check() if closed else None,
        **the_account(),
        "trouble": {"micros": 31_000_000, "at": AT, "why": "Your account was closed."} if closed else None,
        "leaving": {"left": None, "country": "de"},
        "leaving_faults": {},
        "statement": a_statement(totals["micros"]) if closed else None,
        "policy": "3",
        "coming": [],
        "closes_on": AT,
    }  # fmt: skip


def a_month_of_earnings(month: str, micros: int, *, closed: bool) -> Model:
    return {
        "month": month,
        "url": f"/earnings/{month}",
        "micros": micros,
        "closed": closed,
        "current": month == "2026-10",
    }


def a_statement(micros: int) -> Model:
    return {
        "lines": [
            {"says": "Brought forward from September", "note": "", "micros": 6_418_807},
            {"says": "Earned in October", "note": "", "micros": micros},
            {"says": "Held until 2 December", "note": "new cards", "micros": -14_207_335},
        ],
        "balance": 203_397_744,
        "withheld": {"says": "Withheld for us-irs", "note": "", "micros": -61_010_000},
        "paid": [{"says": "Paid on 3 November", "note": "", "micros": -142_380_000}],
        "carried": 7_744,
        "month": "2026-10",
        "made": AT,
    }


def a_check(state: str = "ready") -> Model:
    url, command = "/api/partner/months/2026-10/lines", "python -m infra.recompute lines-2026-10.json"
    return {"url": url, "command": command, "state": state, "asked": AT}


def the_account() -> Model:
    """What the page says of all months together."""
    amounts = {"balance": 7_744, "on_its_way": 0, "held": 14_207_335, "minimum": 10_000_000}
    return {
        "account": {**amounts, "withheld": "30 %"},
        "release": {"days": 60, "next": ("2026-11", AT), "expected": 2_500_000, "last": ("2026-12", AT)},
        "by_month": [a_past_month(f"2026-{n:02}", n * 17_003_331, closed=n < 11) for n in range(3, 12)],
        "history": [
            a_payout("2026-10", 203_390_000, withheld=61_010_000, transfer="tr_1demoDEMOdemo"),
            a_payout("2026-09", 31_000_000, withheld=0, says="Not sent yet: Your account was closed."),
        ],
    }


def a_past_month(month: str, micros: int, *, closed: bool) -> Model:
    named = {"month": month, "url": f"/earnings/{month}", "closed": closed, "readers": 311}
    return {**named, "micros": micros, "held": 4_207_335, "released": 0, "balance": micros - 4_207_335}


def a_payout(
    month: str, micros: int, *, withheld: int, says: str = "Sent on 3 November 2026", transfer: str = ""
) -> Model:
    amounts = {"micros": micros, "withheld": withheld, "sent": micros - withheld, "reversed": 0}
    told = {"authority": "us-irs" if withheld else "", "says": says, "transfer": transfer}
    return {"month": month, "leaving": False, "decided": AT, **amounts, **told}


def lapsed_earnings() -> Model:
    """Stripe asks for something again, and the month's file is being made."""
    from chalicelib.earnings.rules.partners import Partner
    from chalicelib.earnings.rules.reads import PartnerId
    from chalicelib.web import earnings_views

    who = Partner(PartnerId("p1"), "de", "2026-01-02T08:00:00.000Z", 1, "acct_1", "restricted", "restricted")
    enrolment = earnings_views.enrolment(who, {}, was_paid=True)
    return {**some_earnings(closed=True), "enrolment": enrolment, "check": a_check("asked")}


def shared_earnings() -> Model:
    """Some stories are shared with others, and so many read that the file is made when asked for."""
    model = some_earnings(closed=True)
    stories = [{**story, "part": story["micros"] // (1 + n)} for n, story in enumerate(model["stories"])]
    totals = {**model["totals"], "part": sum(story["part"] for story in stories)}
    return {**model, "stories": stories, "totals": totals, "check": a_check("large")}
