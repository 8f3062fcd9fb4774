"""The quieter pages' models, and variants of the loud ones."""

from tests.web.models import (
    AT,
    MEDIA,
    SIGNED_IN,
    SIGNED_OUT,
    Model,
    a_card,
    a_draft,
    a_home,
    a_story,
    a_story_page,
)

A_PERSON = {
    "name": "Demo Writer",
    "handle": "demo-writer",
    "bio": "Harbours, instruments, and the people who read them.",
    "picture": "",
    "links": ["https://www.skerravoe.example/about"],
    "since": "2024",
}


def a_story_for_a_reader() -> Model:
    return a_story_page(
        **SIGNED_IN,
        applause={"mine": 12, "total": 1204, "readers": 167, "may": True},
        follow={"following": False},
        ticket="demo-ticket",
        story=a_story(members=True, edited_at=AT),
    )


def a_cut_story() -> Model:
    from markupsafe import Markup

    return a_story_page(
        story=a_story(members=True, html=Markup("<p>The dredger came in on a Sunday. …</p>")),
        cut={"words_shown": 216, "price_minor": 500, "free": {"title": "The tide table", "url": "/p/x"}},
    )


def following() -> Model:
    return a_home(
        **SIGNED_IN,
        title="Following",
        heading="Following",
        hidden=False,
        about="Everything from the 23 people you follow, newest first.",
        lead=None,
        entries=[],
        empty="You follow nobody yet. Their stories will stand here, all of them, newest first.",
        step={"url": "/", "says": "Find somebody to follow"},
        older="",
    )


def a_topic() -> Model:
    return a_home(
        title="Sea",
        heading="Sea",
        hidden=False,
        lead=None,
        topic={"name": "Sea", "feed_url": "/topic/sea/feed"},
        entries=[{"card": a_card(1, members=True), "reason": "You follow Demo Writer"}],
    )


def a_profile() -> Model:
    return {
        **SIGNED_IN,
        "title": "Demo Writer",
        "person": A_PERSON,
        "followers": 1316,
        "follow": {"following": True},
        "entries": [a_card(1), a_card(2, picture=f"{MEDIA}/sea.png", members=True)],
        "older": "",
        "mine": False,
    }


def settings_with_faults() -> Model:
    return {
        **SIGNED_IN,
        "title": "Settings",
        "here": "you",
        "section": "profile",
        "person": A_PERSON | {"links": "skerravoe.example", "picture": "", "picture_url": "", "version": 3},
        "faults": {
            "name": "Say a name.",
            "links": "Begin with https://, for example https://skerravoe.example",
        },
    }


def devices() -> Model:
    sessions = [
        {"id": "a", "device": "Firefox on Linux", "used_at": AT, "current": True},
        {"id": "b", "device": "Safari on an iPhone", "used_at": AT, "current": False},
    ]
    return {**SIGNED_IN, "title": "Devices", "here": "you", "section": "sessions", "sessions": sessions}


def drafts() -> Model:
    def draft(state: str, **but: object) -> Model:
        known = {"id": state, "title": f"One that is {state}", "state": state, "changed_at": AT, "words": 412}
        return {**known, "url": "", "ahead": False, "until": None, **but}

    listed = [
        draft("draft", title=""),
        draft("published", url="/p/x", ahead=True),
        draft("deleted", until=AT),
    ]
    return {**SIGNED_IN, "title": "Your stories", "here": "write", "drafts": listed, "older": ""}


def notices(*, some: bool) -> Model:
    told = {
        "url": "/p/x",
        "says": "Demo Writer has published a story",
        "title": "Salt",
        "at": AT,
        "unread": True,
    }
    said = {
        "notices": [told] * some,
        "newest": "2026-11-24T12:00:00.000Z#0123456789abcdef" * some,
        "older": "",
    }
    return {**SIGNED_IN, "title": "Notices", "here": "notices", **said}


def you() -> Model:
    links = [
        {"url": "/drafts", "says": "Your stories", "count": None},
        {"url": "/notices", "says": "Notices", "count": 3},
    ]
    section = {"name": "Yours", "says": "Written and read", "links": links}
    return {**SIGNED_IN, "title": "You", "here": "you", "sections": [section]}


def not_enrolled() -> Model:
    """As the page makes it, after a form that lacked the country."""
    from chalicelib.web import earnings_views

    faults = {"country": "Say in which country you live, such as DE."}
    return {
        **SIGNED_IN,
        **earnings_views.NOTHING,
        "title": "Earnings",
        "here": "earnings",
        "enrolment": earnings_views.enrolment(None, faults),
        "held": 0,
    }


def docs() -> Model:
    operation = {
        "verb": "POST",
        "path": "/api/stories",
        "summary": "Begin a story",
        "who": "signed in",
        "anchor": "create",
        "parameters": [{"name": "Idempotency-Key", "place": "header", "says": "A name for this request"}],
        "body": '{\n  "title": "string"\n}',
        "answer": '{\n  "id": "string"\n}',
        "status": 201,
        "refusals": [{"status": 422, "says": "That cannot be right"}],
    }
    groups = [{"name": "Stories", "anchor": "stories", "operations": [operation]}]
    refusals = [{"code": 4220, "status": 422, "title": "That cannot be right"}]
    return {**SIGNED_OUT, "title": "The API", "groups": groups, "refusals": refusals}


def a_ledger(*, proven: bool = True, entries: bool = True) -> Model:
    root = "5b1f0a3cd1e24b6f9a7788e0c1d2f3a4b5c6d7e8f90112233445566778899aab"

    def row(says: str, account: str, micros: int) -> Model:
        of_many = "/console/ledger/accounts?begins=partner%3A"
        url = f"/console/ledger?account={account}#entries" if account else of_many
        return {"says": says, "micros": micros, "url": url}

    def line(account: str, micros: int) -> Model:
        return {"account": account, "url": f"/console/ledger?account={account}#entries", "micros": micros}

    def an_entry(entry_id: str, means: str, *lines: Model) -> Model:
        return {"id": entry_id, "url": "/console/ledger#entries", "at": AT, "means": means, "lines": lines}

    held = [row("At Stripe", "stripe", 9_412_406_913), row("Stripe’s fees", "fees", 402_000_000)]
    owed = [row("Owed to partners", "", -9_812_406_900), row("The commons", "commons", -2_000_013)]
    return {
        **SIGNED_IN,
        "title": "Ledger",
        "here": "console",
        "seals": {
            "sealed": AT if proven else None,
            "number": 214 if proven else 0,
            "root": root if proven else "",
            "proven": AT if proven else None,
            "entries": 120_403,
            "faults": 0,
        },
        "accounts": [{"says": "Held", "rows": held}, {"says": "Owed, and so below nothing", "rows": owed}],
        "total": 0,
        "says": "Posted in November 2026.",
        "month": "2026-11",
        "months": [{"month": "2026-11", "current": True}, {"month": "2026-10", "current": False}],
        "account": "",
        "begins": "",
        "entries": [
            an_entry("payment:in_1PgDemo0000000000", "A member paid an invoice.",
                     line("stripe", 5_000_000), line("dues:deferred", -5_000_000)),
            an_entry("close:2026-10:member:7d2qk9x0f3h5m8pt", "What a member did not read waits.",
                     line("carried:7d2qk9x0f3h5m8pt", -1_250_007), line("dues:deferred", 1_250_007)),
            an_entry("fee:txn_damaged", "Stripe kept its fee."),
        ] if entries else [],
        "older": "/console/ledger?month=2026-11&cursor=demo#entries" if entries else "",
    }  # fmt: skip


def the_accounts(*, some: bool = True) -> Model:
    names = [f"partner:demo{number}" for number in range(3)]
    return {
        **SIGNED_IN,
        "title": "Accounts",
        "here": "console",
        "begins": "partner:" if some else "partner:nobody",
        "accounts": [
            {"account": name, "micros": -12_345_678, "url": f"/console/ledger?account={name}#entries"}
            for name in names
        ] if some else [],
        "older": "/console/ledger/accounts?begins=partner%3A&cursor=demo" if some else "",
    }  # fmt: skip


def the_books(*, agree: bool) -> Model:
    off = 0 if agree else -4_560_000
    night = {"day": "2026-11-24", "at": AT, "ledger": 9_412_406_913 + off, "stripe": 9_412_406_913,
             "off": off, "unexplained": 0, "agrees": agree, "named": 0 if agree else 2}  # fmt: skip
    named = [
        {"says": "Stripe moved this, and the ledger does not know of it", "transaction": f"txn_demo{number}",
         "entry": entry, "stripe": micros, "ledger": 0}
        for number, (entry, micros) in enumerate((("", 5_000_000), ("fee:txn_demo1", -440_000)))
    ]  # fmt: skip
    return {
        **SIGNED_IN,
        "title": "The books",
        "here": "console",
        "newest": night,
        "differences": [] if agree else named,
        "nights": [night, {**night, "day": "2026-11-23", "off": 0, "agrees": True, "named": 0}],
    }


def struck(*, some: bool = True) -> Model:
    decided = {"story": "", "first": AT, "last": AT, "at": AT, "is_reversed": False, "is_by_hand": False}
    reasons = {
        "reader-0demo0000001": (
            "8 or more stories were each read for the very same number of seconds.",
            "9 of 61 s",
        ),
        "reader-0demo0000002": ("A closed circle of accounts read only each other.", "3 accounts"),
    }
    return {
        **SIGNED_IN,
        "title": "Struck readings",
        "here": "console",
        "month": "2026-11",
        "months": [{"month": "2026-11", "current": True}],
        "strikes": [
            decided | {"url": "/console/readings/demo", "reader": name, "reason": reason, "evidence": found}
            for name, (reason, found) in reasons.items()
        ] if some else [],
        "older": "/console/readings?month=2026-11&cursor=demo" if some else "",
        "form": {"reader": "", "story": "", "first_day": "", "last_day": "", "reason": ""},
        "faults": {} if some else {"reader": "This member has read nothing of the kind on these days."},
    }  # fmt: skip


def a_strike(*, closed: bool) -> Model:
    taken_back = {"by": "@keeper", "at": AT, "why": "A class that reads by the clock."}
    return {
        **SIGNED_IN,
        "title": "A decision about readings",
        "here": "console",
        "reader": "reader-0demo0000001",
        "reason": "8 or more stories were each read for the very same number of seconds.",
        "evidence": "9 stories of 61 s",
        "story": "",
        "first": AT,
        "last": AT,
        "at": AT,
        "by": "A rule",
        "url": "/console/readings/demo",
        "month": "2026-11",
        "readings": [{"story": "0demo0000000000s", "day": AT, "seconds": 61}],
        "reversed": taken_back if closed else None,
        "says": "The month is closed. It stays as it is; what is decided now follows as an adjustment.",
        "changes": [{"who": "@maren", "micros": 1_666_667}] if closed else [],
        "cause": "ours" if closed else "",
        "adjusted": None,
        "faults": {}
        if closed
        else {"why": "Say why, in 10 to 400 characters: it is kept with the decision."},
    }


def the_rest() -> dict[str, tuple[str, Model]]:
    asked = {**SIGNED_OUT, "title": "Sign in", "address": "demo@longhand.example", "next": "/write"}
    lost = {
        "title": "No such page",
        "status": 404,
        "heading": "This page was never written, or has been taken out",
        "says": "There is nothing at this address.",
        "steps": [{"url": "/", "says": "Read the latest"}],
    }
    chosen = {"title": "Welcome", "handle": "saltings", "name": "", "next": "",
              "faults": {"handle": "@saltings is taken. @saltings-2 is free."}}  # fmt: skip
    return {
        "/signin": ("signin.html", asked | {"faults": {}}),
        "/signin/code": ("code.html", asked | {"faults": {"code": "That code is not the one we sent."}}),
        "/welcome": ("welcome.html", SIGNED_IN | chosen),
        "/settings/profile": ("settings_profile.html", settings_with_faults()),
        "/settings/sessions": ("settings_sessions.html", devices()),
        "/drafts": ("drafts.html", drafts()),
        "/notices": ("notices.html", notices(some=True)),
        "/notices-none": ("notices.html", notices(some=False)),
        "/you": ("you.html", you()),
        "/earnings-none": ("earnings.html", not_enrolled()),
        "/books": ("books.html", the_books(agree=True)),
        "/books-differ": ("books.html", the_books(agree=False)),
        "/books-none": ("books.html", the_books(agree=True) | {"newest": None, "nights": []}),
        "/ledger": ("ledger.html", a_ledger()),
        "/ledger-new": ("ledger.html", a_ledger(proven=False, entries=False)),
        "/ledger-accounts": ("ledger_accounts.html", the_accounts()),
        "/ledger-accounts-none": ("ledger_accounts.html", the_accounts(some=False)),
        "/struck": ("struck.html", struck()),
        "/struck-none": ("struck.html", struck(some=False)),
        "/strike": ("strike.html", a_strike(closed=False)),
        "/strike-taken-back": ("strike.html", a_strike(closed=True)),
        "/refusal": ("refusal.html", SIGNED_OUT | lost),
        "/docs": ("docs.html", docs()),
        "/editor-new": ("editor.html", a_draft(id="", version=0, title="", subtitle="", html="")),
    }  # fmt: skip
