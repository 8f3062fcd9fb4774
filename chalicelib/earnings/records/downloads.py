"""Files of lines that were made for partners when they asked: where each lies, once it does."""

from dataclasses import dataclass
from datetime import datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from chalicelib.earnings.records.ledger import FEATURE
from chalicelib.kit import clock, table


class DownloadRecord(table.Record):
    class Meta:
        feature = FEATURE

    asked_at = UnicodeAttribute()
    name = UnicodeAttribute(default="")
    size_bytes = NumberAttribute(default=0)


@dataclass(frozen=True)
class Made:
    """A file that was asked for; `name` is "" until it is made."""

    asked_at: str
    name: str
    size_bytes: int


def wanted_made(month: str, partner: str) -> table.Wanted[Made | None]:
    return table.Wanted(FEATURE, f"partner#{partner}", f"lines#{month}", _made)


def note_asked(month: str, partner: str, at: datetime) -> None:
    """It will be made anew: what was made before counts no more."""
    DownloadRecord(f"partner#{partner}", f"lines#{month}", asked_at=clock.rfc3339(at)).save()


def note_made(month: str, partner: str, name: str, size_bytes: int) -> None:
    actions: list[Action] = [DownloadRecord.name.set(name), DownloadRecord.size_bytes.set(size_bytes)]
    DownloadRecord(f"partner#{partner}", f"lines#{month}").update(actions=actions)


def _made(item: table.Item | None) -> Made | None:
    if item is None:
        return None
    return Made(item["asked_at"], item.get("name", ""), item.get("size_bytes", 0))
