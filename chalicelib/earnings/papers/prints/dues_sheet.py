"""A member's month as CSV, and the words for each line of the account.

Amounts are whole micros. The account's rows are signed, and those before the last sum to the last; what the
stories got sums to what went to them.
"""

import csv
import io
from collections.abc import Mapping

from chalicelib.earnings.papers.dues_shown import DuesShown, StoryShown
from chalicelib.earnings.papers.prints.csv_sheet import BOM, harmless
from chalicelib.stories.rules import StoryCard

HEAD = (
    "row", "month", "currency", "rule_version", "story", "title", "writer", "read_seconds", "did", "points",
    "reading_micros", "engagement_micros", "follower_bonus_micros", "boost_bonus_micros", "amount_micros",
)  # fmt: skip
OF_STORIES = 8
"""Columns that only stories fill, between a row's title and its amount."""
TIERS = {"member": "a Member", "friend": "a Friend"}
GONE = "A story that was taken down"
WAITS = "Waits for you"
Line = tuple[str, int]


def as_csv(found: DuesShown, cards: Mapping[str, StoryCard], currency: str) -> str:
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(HEAD)
    common = (found.month, currency, found.policy_version)
    for each in found.stories:
        sheet.writerow(("story", *common, each.story, *_named(cards.get(each.story)), *_figures(each)))
    for says, micros in (*due(found), *went(found), (WAITS, left(found))):
        sheet.writerow(("account", *common, "", says, *[""] * OF_STORIES, micros))
    return BOM + out.getvalue()


def due(found: DuesShown) -> list[Line]:
    """What there was to give."""
    carried = found.split.carried_in_micros
    return [
        *((f"Dues, as {TIERS[tier]}", micros) for tier, micros in found.dues_by_tier.items() if micros),
        ("Kept by the site", -found.platform_micros),
        *([("Waiting from months before", carried)] if carried else []),
    ]


def went(found: DuesShown) -> list[Line]:
    """Where it went."""
    out = found.carried_out
    return [
        ("To the stories that you read", -found.split.pool_micros),
        *([("To the commons", -out.commons)] if out.commons else []),
        *([("Forgiven, since the membership has ended", out.ended)] if out.ended else []),
    ]


def left(found: DuesShown) -> int:
    return sum(each.micros for each in found.waits)


def _named(card: StoryCard | None) -> tuple[str, str]:
    if card is None:
        return GONE, ""
    return harmless(card.title), harmless(card.author.name or f"@{card.author.handle}")


def _figures(each: StoryShown) -> tuple[int | str, ...]:
    why, given = each.causes, each.given
    causes = (why.reading, why.engagement, why.follower_bonus, why.boost_bonus)
    return (given.read.seconds, " ".join(each.did), given.points, *causes, given.micros)
