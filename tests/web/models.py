"""What each template is given in tests: plainly invented people, stories and sums."""

import random
from datetime import UTC, datetime
from typing import Any

MEDIA = "/media"
AT = datetime(2026, 11, 24, 14, 2, tzinfo=UTC)
Model = dict[str, Any]

VIEWER = {
    "name": "Demo Reader",
    "handle": "demo-reader",
    "roles": frozenset({"operator"}),
    "notices": 3,
    "partner": True,
    "member": True,
    "owes": False,
}
SIGNED_IN: Model = {"viewer": VIEWER, "csrf": "demo-token", "seeded": True}
SIGNED_OUT: Model = {"viewer": None, "csrf": "", "seeded": True}


def a_card(n: int = 1, *, picture: str = "", members: bool = False) -> Model:
    titles = (
        "The tide table on the harbour wall",
        "What the dredger brought up",
        "Nine ways to lose a river",
    )
    return {
        "url": f"/@demo-writer/story-{n}",
        "title": titles[n % 3],
        "subtitle": "How a column of numbers came to know the sea" if n % 2 else "",
        "author_name": "Demo Writer",
        "author_url": "/@demo-writer",
        "published_at": AT,
        "minutes": 6,
        "members": members,
        "picture": picture,
    }


def a_paragraph(seed: int) -> str:
    """A hundred words that compress no better than a writer's own."""
    chance = random.Random(seed)
    syllables = list(zip("aeiou" * 4, "bdfghklmnprstvwzcqxy", strict=True))
    words = [
        "".join(a + b for a, b in chance.choices(syllables, k=chance.choice((1, 2, 2, 3))))
        for _ in range(100)
    ]
    return f"<p>{' '.join(words).capitalize()}.</p>"


def a_text(paragraphs: int = 12) -> str:
    """A story's body with every element that a story may have; 1,200 words by default."""
    body = a_paragraph(0)
    return (
        f'{body}<figure><img src="{MEDIA}/sea.png" alt="A grey sea" width="960" height="640">'
        "<figcaption>Low water at the north slip.</figcaption></figure>"
        "<h2>Two bulges and a coast</h2>"
        + a_paragraph(1)
        + a_paragraph(2)
        + "<blockquote><p>It predicts nothing.</p></blockquote>"
        '<blockquote class="pull"><p>You have to ask the harbour.</p></blockquote>'
        "<h3>In eleven lines</h3><p>Each line of <code>WAVES</code> is a <em>wheel</em>, "
        'and <strong>nothing</strong> else, as <a href="https://example.org/tides">they say</a>.</p>'
        '<pre><code class="language-python">from math import cos, radians  # longer than a phone is wide'
        "\nprint(cos(radians(28.984)))</code></pre>"
        "<ul><li><p>The moon</p></li><li><p>The sun</p></li></ul>"
        "<ol><li><p>Low</p></li><li><p>High</p></li></ol>"
        "<hr>" + "".join(a_paragraph(n) for n in range(3, paragraphs))
    )


def a_story(**but: Any) -> Model:
    from markupsafe import Markup

    return {
        "id": "0123456789abcdef",
        "url": "http://localhost:8000/@demo-writer/the-tide-table-0123456789abcdef",
        "path": "/@demo-writer/the-tide-table-0123456789abcdef",
        "title": "The tide table on the harbour wall",
        "subtitle": "How a column of numbers came to know the sea better than anyone beside it",
        "html": Markup(a_text()),
        "author": {
            "name": "Demo Writer",
            "handle": "demo-writer",
            "url": "/@demo-writer",
            "bio": "Writes about harbours, instruments and the people who read them.",
        },
        "published_at": AT,
        "edited_at": None,
        "minutes": 6,
        "words": 1200,
        "members": False,
        "topics": [
            {"name": "Sea", "url": "/topic/sea"},
            {"name": "Measurement", "url": "/topic/measurement"},
        ],
        "language": "en",
        "rtl": False,
        "picture": "",
    } | but


def a_story_page(**but: Any) -> Model:
    return {
        **SIGNED_OUT,
        "title": "The tide table on the harbour wall",
        "description": "How a column of numbers came to know the sea better than anyone beside it",
        "story": a_story(),
        "cut": None,
        "applause": {"mine": 0, "total": 1204, "readers": 167, "may": False},
        "follow": None,
        "ticket": "",
        "linked": {"@context": "https://schema.org", "@type": "Article", "headline": "</script><b>"},
        "more": [a_card(1), a_card(2, picture=f"{MEDIA}/sea.png", members=True)],
        "mine": False,
        "contents": [{"id": f"h-{name}", "name": f"A {name} of brass"} for name in ("sum", "wheel", "cord")],
    } | but


def a_home(**but: Any) -> Model:
    return {
        **SIGNED_OUT,
        "title": "Latest",
        "here": "home",
        "heading": "Latest",
        "hidden": True,
        "about": "",
        "topic": None,
        "lead": {"card": a_card(3, picture=f"{MEDIA}/sea.png"), "reason": "The newest with a picture"},
        "tabs": [
            {"name": "Latest", "url": "/", "current": True},
            {"name": "Following", "url": "/following", "current": False},
            *(
                {"name": n, "url": "/topic/sea", "current": False}
                for n in ("Sea", "Maps", "Bread", "Machines")
            ),
        ],
        "entries": [
            {"card": a_card(n, picture=f"{MEDIA}/sea.png" if n % 2 else "", members=n % 3 == 0), "reason": ""}
            for n in range(1, 7)
        ],
        "empty": "Nothing is published yet.",
        "step": None,
        "older": "/?cursor=demo",
    } | but


def a_step(title: str, says: str, state: str, **more: Any) -> Model:
    return {"title": title, "says": says, "state": state, "at": None, "part": None} | more


def a_month() -> Model:
    return {
        **SIGNED_IN,
        "title": "October 2026",
        "here": "console",
        "month": "2026-10",
        "months": [{"month": "2026-10", "url": "/console/2026-10", "says": "paying", "current": True}],
        "says": "Closed. Paying: 812 of 1,120 partners have been sent their transfer. One needs you.",
        "notes": ["Rule, version 3", "Started 08:00 by you"],
        "steps": [
            a_step("Freeze the inputs", "1,911,340 readings", "done", at=AT),
            a_step("Pay", "About 4 minutes left", "now", part={"done": 812, "of": 1120}),
            a_step("Reconcile with Stripe", "After the last transfer", ""),
        ],
        "needs": [{"who": "@demo-writer", "amount": 88_100_000, "says": "The bank refused it"}],
        "books": [
            {"says": "Dues recognised", "micros": 18_412_406_913, "check": False},
            {"says": "Kept by the site", "micros": 9_048_113_207, "check": False},
            {"says": "Recognised, less what was given", "micros": 0, "check": True},
        ],
        "agree": True,
        "transfers": [{"who": "@demo-writer", "id": "tr_demo", "micros": 203_390_000, "state": "sent"}],
        "close": "This month is closed.",
        "pay": "",
    }  # fmt: skip


def a_draft(**but: Any) -> Model:
    from markupsafe import Markup

    draft = {
        "id": "0123456789abcdef",
        "version": 3,
        "title": "A year of wrong barometers",
        "subtitle": "What I learnt from trusting the worst one",
        "html": Markup("<p>There are four barometers in my house.</p>"),
        "state": "draft",
        "url": "",
        "topics": ["Weather"],
        "audience": "everyone",
        "preview_words": 200,
    } | but
    return {**SIGNED_IN, "title": "Draft", "here": "write", "draft": draft, "media": "http://media.example"}
