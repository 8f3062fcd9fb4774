"""A member's closed month to keep: a sheet for people, and the file that anybody can compute anew."""

from datetime import datetime

from chalicelib.earnings.month_file.member import write_member
from chalicelib.earnings.papers import dues_shown
from chalicelib.earnings.papers.prints.dues_sheet import as_csv
from chalicelib.kit import table
from chalicelib.kit.refusals import NotFound
from chalicelib.kit.settings import settings
from chalicelib.stories import service as stories


def filename(month: str, kind: str = "json") -> str:
    return f"longhand-{month}-dues.{kind}"


def file_of(member_id: str, month: str, at: datetime) -> bytes:
    """For `python -m infra.recompute`; raises NotFound before the close."""
    frozen, forward, is_closed = dues_shown.month_of_one(member_id, month, at)
    _require(is_closed)
    return write_member(frozen, forward)


def csv_of(member_id: str, month: str, at: datetime) -> str:
    """A row for each story, then the account; raises NotFound likewise."""
    found = dues_shown.dues_of(member_id, month, at)
    _require(found.is_closed)
    cards = table.fetch(*(stories.wanted_card(each.story) for each in found.stories)) if found.stories else []
    known = {card.id: card for card in cards if card and stories.is_visible(card)}
    return as_csv(found, known, settings().currency)


def _require(is_closed: bool) -> None:
    if not is_closed:
        raise NotFound("This month is not closed yet: what it comes to is an estimate.", code=4053)
