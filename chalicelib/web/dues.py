"""A member's pages of where the dues went: one's own months alone, in ink when closed, in pencil before."""

from typing import Any

from chalicelib.earnings import policies, service
from chalicelib.earnings.papers import dues_file, dues_shown
from chalicelib.earnings.papers.dues_shown import DuesShown
from chalicelib.kit import clock, table
from chalicelib.kit.http import Ask, Nothing, Page, Routes, Who
from chalicelib.kit.refusals import NotFound
from chalicelib.stories import service as stories
from chalicelib.web import dues_views as views
from chalicelib.web import sheet

STORIES_SHOWN = 200  # the rest in one line; the API has them all
ONLY_OPENED_SHOWN = 20

routes = Routes(__name__)


@routes.get("/membership/dues", who=Who.SIGNED_IN, page=True, api="GET /api/membership/dues/{month}")
def show(ask: Ask[Nothing]) -> Page:
    """Where my dues went: the newest month that is closed, or the open one"""
    at = clock.now()
    months = dues_shown.months_of(ask.me.person_id, at)
    known = service.months_known()
    closed = [each for each in months if each in known and known[each].closed_at]
    for month in (*closed[:1], *months[:1]):
        try:
            return _page(ask, months, dues_shown.dues_of(ask.me.person_id, month, at))
        except NotFound:
            continue
    return _page(ask, months, None)


@routes.get(
    "/membership/dues/{month}",
    who=Who.SIGNED_IN,
    page=True,
    api="GET /api/membership/dues/{month}",
    refuses=(NotFound,),
)
def month(ask: Ask[Nothing], month: str) -> Page:
    """Where my dues of one month went"""
    at, who = clock.now(), ask.me.person_id
    found = dues_shown.dues_of(who, month, at)
    return _page(ask, dues_shown.months_of(who, at), found)


def _page(ask: Ask[Any], months: list[str], found: DuesShown | None) -> Page:
    wanted = [each.story for each in found.stories[:STORIES_SHOWN]] if found else []
    opened = found.only_opened[:ONLY_OPENED_SHOWN] if found else ()
    paper, _ = sheet.opened(ask)
    cards = table.fetch(*map(stories.wanted_card, (*wanted, *opened))) if wanted or opened else []
    known = {card.id: card for card in cards if card}
    return paper.page(
        "dues.html",
        title=f"Where my dues went, {found.month}" if found else "Where my dues went",
        here="membership",
        months=views.months(months, found.month if found else ""),
        **(_month(found, known) if found else {"month": ""}),
    )


def _month(found: DuesShown, cards: views.Cards) -> dict[str, Any]:
    stories_shown = views.stories(found.stories, cards, most=STORIES_SHOWN)
    return {
        "month": found.month,
        "closed": found.is_closed,
        "held": found.is_held,
        "rule": found.policy_version,
        "policy": policies.numbers_of(found.policy_version),
        "dues": found.split.dues_micros,
        "site": found.platform_micros,
        "pool": found.split.pool_micros,
        "carried_in": found.split.carried_in_micros,
        "account": views.account(found),
        "waits": views.waits(found),
        "waiting": sum(each.micros for each in found.waits),
        "writers": views.writers(found.stories, cards),
        "strip": views.strip(found, views.writers(found.stories, cards)),
        "stories": stories_shown,
        "command": f"python -m infra.recompute {dues_file.filename(found.month)}",
        "causes": views.causes(found),
        "only_opened": [views.story_link(story, cards) for story in found.only_opened[:ONLY_OPENED_SHOWN]],
    }
