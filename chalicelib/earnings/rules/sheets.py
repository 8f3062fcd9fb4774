"""Every partner's sheet of a month in one pass: the stories, the readers, what was held and released."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.earnings.rules.forward import BroughtForward, Closing
from chalicelib.earnings.rules.held import by_partner
from chalicelib.earnings.rules.reads import PartnerId
from chalicelib.earnings.rules.split import Causes
from chalicelib.earnings.rules.statement import Movements, Statement, StatementStory, row_of
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
class Found:
    """What there is about one partner, on the way to a sheet."""

    stories: list[StatementStory] = field(default_factory=list)
    readers: int = 0
    held: int = 0
    released: int = 0
    adjusted: int = 0
    granted: int = 0

    def sheet(self, month: str, partner: PartnerId, policy_version: int) -> Sheet:
        """What a refund took from what was held counts as released, and taken."""
        rows = tuple(sorted(self.stories, key=lambda row: (-row.part_micros, row.story)))
        return Sheet(
            month=month,
            partner=partner,
            policy_version=policy_version,
            stories=rows,
            readers=self.readers,
            held_micros=self.held,
            released_micros=self.released - self.adjusted,
            earned_micros=sum(row.part_micros for row in rows),
            adjustments_micros=self.adjusted,
            grants_micros=self.granted,
        )


def sheets_of(closing: Closing) -> list[Sheet]:
    """One for each partner of whom anything was found, by id."""
    found: defaultdict[PartnerId, Found] = defaultdict(Found)
    for story in closing.computed.totals.stories.values():
        for partner, part in story.parts.items():
            found[partner].stories.append(row_of(story, part))
    for partner, readers in readers_of(closing).items():
        found[partner].readers = readers
    for partner, micros in by_partner(closing.held()).items():
        found[partner].held = micros
    for partner, micros in by_partner(closing.released()).items():
        found[partner].released = micros
    note_forward(found, closing.forward)
    month, version = closing.computed.month, closing.forward.policy_version
    return [found[partner].sheet(month, partner, version) for partner in sorted(found)]


def note_forward(found: defaultdict[PartnerId, Found], forward: BroughtForward) -> None:
    """What else moved partners' balances."""
    for partner, micros in forward.adjustments.items():
        found[partner].adjusted = micros
    for partner, micros in forward.grants.items():
        found[partner].granted = micros


def readers_of(closing: Closing) -> dict[PartnerId, int]:
    """Of how many members each partner had a qualified read."""
    stories, readers = closing.computed.totals.stories, Counter[PartnerId]()
    for member in closing.computed.members.values():
        readers.update({partner for given in member.given for partner in stories[given.read.story].parts})
    return dict(readers)


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
