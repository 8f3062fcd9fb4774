"""What a refund or a lost dispute takes back, and from whom: no closed month, nothing that was released."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.earnings.rules.carry import CarriedPart, give_back, take_oldest
from chalicelib.earnings.rules.dues import DuesLine, Taking, recognised_in, unrecognised
from chalicelib.earnings.rules.held import HeldPart
from chalicelib.earnings.rules.months import month_after
from chalicelib.earnings.rules.reads import MemberId
from chalicelib.kit.money import portion, split


@dataclass(frozen=True, slots=True)
class Returned:
    """What went back to a member: `id` is that of the ledger's entry."""

    id: str
    member: MemberId
    gross: int
    tax: int = 0

    @property
    def micros(self) -> int:
        """Without its tax."""
        return self.gross - self.tax


@dataclass(frozen=True, slots=True)
class LineBack:
    """What of it fell to one line, and what of that no closed month had recognised."""

    line_id: str
    micros: int
    unrecognised: int


@dataclass(frozen=True)
class TakenBack:
    """Where it came from; the five sum to what went back, without its tax."""

    returned: Returned
    window: str
    """The first month that was open."""
    lines: tuple[LineBack, ...] = ()
    deferred: int = 0
    platform: int = 0
    carried: tuple[CarriedPart, ...] = ()
    held: tuple[HeldPart, ...] = ()
    loss: int = 0
    given_back_in: str = ""
    """The month in which all of it went back to where it came from, and the entry that says why."""
    given_back_as: str = ""

    @property
    def id(self) -> str:
        return self.returned.id

    @property
    def carried_micros(self) -> int:
        return sum(part.micros for part in self.carried)

    @property
    def held_micros(self) -> int:
        return sum(part.micros for part in self.held)

    @property
    def micros(self) -> int:
        return self.deferred + self.platform + self.carried_micros + self.held_micros + self.loss

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


def take_back(returned: Returned, *, window: str, found: Found) -> TakenBack:
    """What it takes in the first open month, from lines of which at least one brought something."""
    parts = _over_lines(returned.micros, found.lines)
    lines = [
        _line_back(each, parts[each.id], window, found.takings) for each in found.lines if each.id in parts
    ]
    late = {each.line_id: each.micros - each.unrecognised for each in lines}
    writers = sum(portion(rest, found.shares_bps[line]) for line, rest in late.items())
    _, carried = take_oldest(found.carried, writers)
    still = writers - sum(part.micros for part in carried)
    held = take_newest(found.held, still)
    return TakenBack(
        returned=returned,
        window=window,
        lines=tuple(lines),
        deferred=sum(each.unrecognised for each in lines),
        platform=sum(late.values()) - writers,
        carried=carried,
        held=held,
        loss=still - sum(part.micros for part in held),
    )


def take_rest(returned: Returned, *, window: str, found: Found) -> TakenBack:
    """What undoing an invoice's credit takes: all that is left of every line, whatever its sign.

    What closed months recognised of it, beyond that, is taken as a refund's is; below zero it is less loss.
    """
    lines = tuple(
        LineBack(each.id, each.net_micros, unrecognised(each, window, _of(each, found.takings)))
        for each in found.lines
    )
    deferred = sum(each.unrecognised for each in lines)
    late = returned.micros - deferred
    dearest = max(found.lines, key=lambda each: each.net_micros)
    writers = portion(late, found.shares_bps[dearest.id])
    _, carried = take_oldest(found.carried, max(writers, 0))
    still = writers - sum(part.micros for part in carried)
    held = take_newest(found.held, max(still, 0))
    return TakenBack(
        returned=returned,
        window=window,
        lines=lines,
        deferred=deferred,
        platform=late - writers,
        carried=carried,
        held=held,
        loss=still - sum(part.micros for part in held),
    )


def take_deferred(returned: Returned, *, window: str, deferred: int) -> TakenBack:
    """What it takes from a payment without such a line (a gift before it is redeemed)."""
    taken = min(returned.micros, max(deferred, 0))
    return TakenBack(returned, window, deferred=taken, loss=returned.micros - taken)


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


def carried_after(parts: Sequence[CarriedPart], taken: TakenBack, *, back: bool) -> tuple[CarriedPart, ...]:
    """What the member carries when this was taken, or was given back."""
    if back:
        return give_back(parts, taken.carried)
    return take_oldest(parts, taken.carried_micros)[0]


def _over_lines(micros: int, lines: Iterable[DuesLine]) -> dict[str, int]:
    return split(micros, {line.id: line.net_micros for line in lines if line.net_micros > 0})


def _line_back(line: DuesLine, part: int, window: str, takings: Iterable[Taking]) -> LineBack:
    left = max(unrecognised(line, window, _of(line, takings)), 0)
    return LineBack(line.id, part, min(part, left))


def _of(line: DuesLine, takings: Iterable[Taking]) -> list[Taking]:
    return [each for each in takings if each.line_id == line.id]
