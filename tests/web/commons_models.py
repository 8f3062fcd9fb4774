"""What the pages of the commons are given in tests: plainly invented people and reasons."""

from typing import Any

from tests.web.models import AT, SIGNED_IN, Model

A_GRANT = {
    "id": "0123456789abcdef",
    "partner": "@demo-writer",
    "micros": 120_000_000,
    "reason": "For the translation of the harbour pieces into three languages, out in spring.",
    "by": "@demo-keeper",
    "proposer": "somebody",
    "approver": "@demo-friend",
    "is_granted": True,
    "at": AT,
}


def granted(*, some: bool = True) -> Model:
    another = A_GRANT | {"partner": "0123456789abcdef", "reason": "For a year of maps of the shallow waters."}
    return {
        **SIGNED_IN,
        "title": "Grants from the commons",
        "grants": [A_GRANT, another] if some else [],
        "older": "/commons?cursor=demo" if some else "",
    }


def grants(**but: Any) -> Model:
    form = {"id": "1123456789abcdef", "partner": "", "amount": "", "reason": "", "gains_nothing": ""}
    mine = A_GRANT | {"id": "2123456789abcdef", "proposer": "me"}
    return {
        **SIGNED_IN,
        "title": "The commons",
        "here": "console",
        "commons": 3_456_780_000,
        "proposed": [A_GRANT, mine],
        "decided": [A_GRANT, A_GRANT | {"is_granted": False}],
        "me": "me",
        "form": form,
        "faults": {},
        **but,
    }


def pages() -> dict[str, tuple[str, Model]]:
    faults = {
        "amount": "Write the amount like 120 or 120.50.",
        "gains_nothing": "Only who gains nothing may.",
    }
    return {
        "/commons": ("commons.html", granted()),
        "/commons-none": ("commons.html", granted(some=False)),
        "/grants": ("grants.html", grants()),
        "/grants-none": ("grants.html", grants(proposed=[], decided=[], faults=faults)),
    }
