"""What a refund or a lost dispute takes back, and from whom: no closed month, nothing that was released."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.earnings.rules.carry import CarriedPart, give_back, take_oldest
from chalicelib.earnings.rules.dues import DuesLine, Taking, recognised_in, unrecognised
from chalicelib.earnings.rules.held import HeldPart
from chalicelib.earnings.rules.ledger import TakenParts
from chalicelib.earnings.rules.months import month_after
from chalicelib.kit.money import portion, split

# An entry of the ledger has at most 40 lines: stripe, tax, deferred, platform, carried, loss, and these.
HELD_LINES_MAX = 30


@dataclass(frozen=True, slots=True)
class LineBack:
    """What of a refund fell to one line, and what of that no closed month had recognised."""

    line_id: str
    micros: int
    unrecognised: int


@dataclass(frozen=True)
class TakenBack:
    """One refund or lost dispute, without its tax: where it came from."""

    id: str
    window: str
    lines: tuple[LineBack, ...]
    deferred: int
    platform: int
    carried: tuple[CarriedPart, ...]
    held: tuple[HeldPart, ...]
    loss: int
    given_back_in: str = ""
    """The month in which all of it went back to where it came from: the refund failed after all."""

    @property
    def micros(self) -> int:
        return self.deferred + self.platform + self.carried_micros + self.held_micros + self.loss

    @property
    def carried_micros(self) -> int:
        return sum(part.micros for part in self.carried)

    @property
    def held_micros(self) -> int:
        return sum(part.micros for part in self.held)

    def takings(self) -> list[Taking]:
        """What the lines' later months no longer bring, and what they bring again."""
        taken = [Taking(each.line_id, self.window, each.unrecognised) for each in self.lines]
        if self.given_back_in:
            taken += [Taking(each.line_id, self.given_back_in, -each.unrecognised) for each in self.lines]
        return taken

    def stands_in(self, month: str) -> bool:
        """Whether it has been taken by that month, and not been given back."""
        return self.window <= month and not (self.given_back_in and self.given_back_in <= month)


@dataclass(frozen=True)
class Found:
    """All that decides what is taken: the invoice's lines, what was taken of them, and what waits."""

    lines: Sequence[DuesLine]
    takings: Sequence[Taking]
    shares_bps: Mapping[str, int]
    """By line: the partners' share in the newest closed month that recognised some of it."""
    carried: Sequence[CarriedPart]
    held: Sequence[HeldPart]


def take_back(name: str, micros: int, *, window: str, found: Found) -> TakenBack:
    """What a refund of this much, without tax, takes back in the first open month."""
    parts = _over_lines(micros, found.lines)
    lines = [
        _line_back(line, parts[line.id], window, found.takings) for line in found.lines if line.id in parts
    ]
    late = {each.line_id: each.micros - each.unrecognised for each in lines}
    writers = sum(portion(rest, found.shares_bps[line]) for line, rest in late.items())
    _, carried = take_oldest(found.carried, writers)
    still = writers - sum(part.micros for part in carried)
    held = take_newest(found.held, still)
    return TakenBack(
        id=name,
        window=window,
        lines=tuple(lines),
        deferred=sum(each.unrecognised for each in lines),
        platform=sum(late.values()) - writers,
        carried=carried,
        held=held,
        loss=still - sum(part.micros for part in held),
    )


def take_deferred(name: str, micros: int, *, window: str, deferred: int) -> TakenBack:
    """What a refund takes from a payment that has no line yet (a gift before it is redeemed)."""
    taken = min(micros, max(deferred, 0))
    return TakenBack(name, window, (), taken, 0, (), (), micros - taken)


def share_month(line: DuesLine, window: str, takings: Iterable[Taking], *, oldest: str) -> str:
    """The newest closed month that recognised some of the line; the window itself when none did.

    `oldest` is the first month that was ever closed.
    """
    taken, month = list(takings), month_after(window, -1)
    while month >= max(line.open_from, oldest):
        if recognised_in(line, month, taken):
            return month
        month = month_after(month, -1)
    return window


def take_newest(held: Iterable[HeldPart], micros: int) -> tuple[HeldPart, ...]:
    """Newest month first; in a month over partners, by what each has held from this member."""
    taken: list[HeldPart] = []
    parts = [part for part in held if part.micros > 0]
    for month in sorted({part.month for part in parts}, reverse=True):
        of_month = {part.partner: part for part in parts if part.month == month}
        weights = {partner: part.micros for partner, part in of_month.items()}
        amount = min(micros, sum(weights.values()))
        micros -= amount
        shares = split(amount, weights)
        taken += [replace(of_month[each], micros=share) for each, share in sorted(shares.items()) if share]
    return tuple(taken)


def entry_parts(taken: TakenBack) -> list[TakenParts]:
    """What each of its entries moves: the first all but those held parts for which it has no room."""
    held: dict[str, int] = {}
    for part in taken.held:
        held[part.partner] = held.get(part.partner, 0) + part.micros
    partners = sorted(held)
    pieces = [partners[at : at + HELD_LINES_MAX] for at in range(0, len(partners), HELD_LINES_MAX)] or [[]]
    whole = [{partner: held[partner] for partner in piece} for piece in pieces]
    first = TakenParts(taken.deferred, taken.platform, taken.carried_micros, whole[0], taken.loss)
    return [first, *(TakenParts(0, 0, 0, more, 0) for more in whole[1:])]


def carried_after(parts: Sequence[CarriedPart], taken: TakenBack, *, back: bool) -> tuple[CarriedPart, ...]:
    """What the member carries when this was taken, or was given back."""
    if back:
        return give_back(parts, taken.carried)
    return take_oldest(parts, taken.carried_micros)[0]


def _over_lines(micros: int, lines: Iterable[DuesLine]) -> dict[str, int]:
    positive = {line.id: line.net_micros for line in lines if line.net_micros > 0}
    return split(micros, positive) if positive else {}


def _line_back(line: DuesLine, part: int, window: str, takings: Iterable[Taking]) -> LineBack:
    mine = [each for each in takings if each.line_id == line.id]
    return LineBack(line.id, part, min(part, max(unrecognised(line, window, mine), 0)))


@dataclass(frozen=True)
class Dispute:
    """What a member's bank disputed: from when, until when, and who won."""

    id: str
    opened_at: datetime
    ended_at: datetime | None = None
    is_lost: bool = False

    def is_open(self, at: datetime) -> bool:
        return self.opened_at < at and not self._has_ended(at)

    def bars_reading(self, at: datetime) -> bool:
        """Open or lost: readings of what was paid by it don't count."""
        return self.opened_at < at and (self.is_lost or not self._has_ended(at))

    def _has_ended(self, at: datetime) -> bool:
        return self.ended_at is not None and self.ended_at < at


@dataclass(frozen=True)
class InvoiceBack:
    """All that came back of one invoice's money."""

    taken: tuple[TakenBack, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    version: int = 0

    def takings(self) -> list[Taking]:
        return [taking for each in self.taken for taking in each.takings()]

    def of(self, name: str) -> TakenBack | None:
        return next((each for each in self.taken if each.id == name), None)

    def counts_for_reading(self, line: DuesLine, month: str, cut_off: datetime) -> bool:
        """Whether a line of this invoice is neither wholly taken back nor disputed by the month's cut-off."""
        parts = (part for each in self.taken if each.stands_in(month) for part in each.lines)
        taken = sum(part.micros for part in parts if part.line_id == line.id)
        return taken < line.net_micros and not any(each.bars_reading(cut_off) for each in self.disputes)

    def with_taken(self, taken: TakenBack) -> "InvoiceBack":
        """With one more, or in place of itself."""
        others = tuple(each for each in self.taken if each.id != taken.id)
        return replace(self, taken=(*others, taken))

    def with_dispute(self, dispute: Dispute) -> "InvoiceBack":
        others = tuple(each for each in self.disputes if each.id != dispute.id)
        return replace(self, disputes=(*others, dispute))
