"""Every partner's sheet of a month in one pass: the stories, the readers, what was held and released."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.earnings.rules.forward import Closing
from chalicelib.earnings.rules.held import by_partner
from chalicelib.earnings.rules.month import StoryMonth
from chalicelib.earnings.rules.reads import MemberId, PartnerId
from chalicelib.earnings.rules.split import Causes
from chalicelib.earnings.rules.statement import Movements, Statement, StatementStory
from chalicelib.kit.money import micros_of


@dataclass(frozen=True)
class Sheet:
    """What a close, or an estimate, found for one partner: the part of a statement that never changes."""

    month: str
    partner: PartnerId
    policy_version: int
    stories: tuple[StatementStory, ...]
    """What earned most first."""
    readers: int = 0
    held_micros: int = 0
    released_micros: int = 0
    earned_micros: int = 0
    adjustments_micros: int = 0
    grants_micros: int = 0

    @property
    def balance_micros(self) -> int:
        """What the month added to the partner's balance, before pay."""
        came = self.earned_micros + self.adjustments_micros + self.grants_micros
        return came - self.held_micros + self.released_micros


@dataclass
class _Draft:
    stories: list[StatementStory] = field(default_factory=list)
    readers: set[MemberId] = field(default_factory=set)


def sheets_of(closing: Closing) -> list[Sheet]:
    """One for each partner that earned, or of whom something was released or taken, by id."""
    drafts: dict[PartnerId, _Draft] = {}
    for story in closing.computed.totals.stories.values():
        for partner, part in story.parts.items():
            drafts.setdefault(partner, _Draft()).stories.append(_row(story, part))
    _count_readers(closing, drafts)
    released, adjusted = by_partner(closing.released()), closing.forward.adjustments
    held = by_partner(closing.held())
    for partner, micros in adjusted.items():
        released[partner] = released.get(partner, 0) - micros
    return [
        _sheet(closing, partner, drafts.get(partner, _Draft()), held=held, released=released)
        for partner in sorted(drafts.keys() | released.keys())
    ]


def statement_of(
    sheet: Sheet,
    *,
    earlier: list[Sheet],
    paid_minor: Mapping[str, int],
    currency: str,
    withheld_minor: Mapping[str, int] | None = None,
) -> Statement:
    """The whole statement: `earlier` sheets and the payouts of all months, sent ones, say where it began."""
    withheld_minor = withheld_minor or {}
    before = sum(each.balance_micros for each in earlier)
    for sent in (paid_minor, withheld_minor):
        before -= sum(micros_of(minor) for month, minor in sent.items() if month < sheet.month)
    moved = Movements(
        balance_before_micros=before,
        held_micros=sheet.held_micros,
        released_micros=sheet.released_micros,
        paid_minor=paid_minor.get(sheet.month, 0),
        adjustments_micros=sheet.adjustments_micros,
        grants_micros=sheet.grants_micros,
        withheld_minor=withheld_minor.get(sheet.month, 0),
    )
    return Statement(sheet.month, currency, sheet.policy_version, sheet.partner, sheet.stories, moved)


def causes_of(sheet: Sheet) -> Causes:
    """The causes of the partner's own parts, each by its share of the story."""
    total = Causes()
    for row in sheet.stories:
        total += row.causes
    return total


def _count_readers(closing: Closing, drafts: Mapping[PartnerId, _Draft]) -> None:
    stories = closing.computed.totals.stories
    for member in closing.computed.members.values():
        for given in member.given:
            for partner in stories[given.read.story].parts:
                drafts[partner].readers.add(member.id)


def _sheet(
    closing: Closing,
    partner: PartnerId,
    draft: _Draft,
    *,
    held: Mapping[PartnerId, int],
    released: Mapping[PartnerId, int],
) -> Sheet:
    rows = tuple(sorted(draft.stories, key=lambda row: (-row.part_micros, row.story)))
    return Sheet(
        month=closing.computed.month,
        partner=partner,
        policy_version=closing.forward.policy_version,
        stories=rows,
        readers=len(draft.readers),
        held_micros=held.get(partner, 0),
        released_micros=released.get(partner, 0),
        earned_micros=sum(row.part_micros for row in rows),
        adjustments_micros=closing.forward.adjustments.get(partner, 0),
    )


def _row(story: StoryMonth, part_micros: int) -> StatementStory:
    return StatementStory(
        story=story.id,
        reads=story.qualified,
        seconds=story.seconds,
        points=story.points,
        micros=story.micros,
        causes=story.causes,
        part_micros=part_micros,
    )
