"""A statement as CSV: a row for each story, then one for each line of the account.

Amounts are whole micros. In the account's rows `amount_micros` is signed, and those before the last sum to
the last; a story's amount is the partner's own part of it, and those sum to what was earned.
"""

import csv
import io

from chalicelib.earnings.papers.prints.printed import Printed
from chalicelib.earnings.rules.statement import StatementStory

HEAD = (
    "row", "month", "currency", "rule_version", "story", "title", "member_reads", "read_seconds", "points",
    "reading_micros", "engagement_micros", "follower_bonus_micros", "boost_bonus_micros", "story_micros",
    "amount_micros",
)  # fmt: skip
BOM = "\ufeff"
"""Without it the commonest spreadsheet reads UTF-8 as something else."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet would take a cell for a formula by; the wide forms are read as the narrow ones."""
OF_STORIES = 8
"""Columns that only stories fill, between a row's title and its amount."""


def as_csv(of: Printed) -> str:
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(HEAD)
    made = of.statement
    common = (made.month, made.currency, made.policy_version)
    for row in made.stories:
        sheet.writerow(("story", *common, row.story, harmless(of.title(row.story)), *_figures(row)))
    for says, micros in of.lines:
        sheet.writerow(("account", *common, "", says, *[""] * OF_STORIES, micros))
    return BOM + out.getvalue()


def harmless(text: str) -> str:
    """The text such that no spreadsheet runs it: what looks like a formula stands behind an apostrophe."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def _figures(row: StatementStory) -> tuple[int, ...]:
    why = row.causes
    causes = (why.reading, why.engagement, why.follower_bonus, why.boost_bonus)
    return (row.reads, row.seconds, row.points, *causes, row.micros, row.part_micros)
