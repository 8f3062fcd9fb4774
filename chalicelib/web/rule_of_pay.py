"""The rule of pay as a page for anybody: its words, its numbers today, every version that was or comes."""

import json
from functools import cache
from typing import Any

from chalicelib.earnings import policies
from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Page, Routes, Who
from chalicelib.web import policy_views as views
from chalicelib.web import sheet
from chalicelib.web.look import HERE

SHOWN_S = 300  # for how long a shared cache may keep it; a change comes with thirty days’ notice

routes = Routes(__name__)


@routes.get("/rules", who=Who.ANYONE, page=True, api="GET /api/policies")
def show(ask: Ask[Nothing]) -> Page:
    """The rule of pay: how members' dues become writers' pay, and how its numbers changed"""
    present, known, rule = clock.month_of(clock.now()), policies.proposals(), words()
    paper, _ = sheet.opened(ask)
    return paper.page(
        "rules.html",
        public_s=SHOWN_S,
        title="The rule of pay",
        description="How members’ dues become writers’ pay, exact to the last digit.",
        now=views.in_force(present),
        present=present,
        versions=views.versions(known, present),
        contents=rule["contents"],
        rule=_ours(rule["html"]),
    )


@cache
def words() -> dict[str, Any]:
    """EARNINGS.md as `make build` left it."""
    try:
        made: dict[str, Any] = json.loads((HERE / "rule.json").read_text("utf-8"))
    except FileNotFoundError as absence:
        raise FileNotFoundError("The page of the rule is missing; run `make build`.") from absence
    return made


def _ours(html: str) -> Any:
    from markupsafe import Markup

    return Markup(html)  # noqa: S704 - our own build wrote it, from our own words
