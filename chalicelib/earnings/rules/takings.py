"""The entries of what was taken back, and of what was given back after all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.earnings.rules.held import HeldPart, by_partner
from chalicelib.earnings.rules.ledger import (
    BANK,
    DISPUTED,
    STRIPE,
    Entry,
    TakenParts,
    credit_account,
    more_held_entry,
    refund_entry,
)
from chalicelib.earnings.rules.reads import PartnerId
from chalicelib.earnings.rules.taking import Returned, TakenBack

# An entry has at most 40 lines: stripe, tax, deferred, platform, carried, loss, and these. With what else
# is written in their transaction they are some 70 items of at most 100.
HELD_MAX = 30


@dataclass(frozen=True)
class Piece:
    """One entry, and the held parts that it moves."""

    entry: Entry
    held: tuple[HeldPart, ...]


def taken_pieces(taken: TakenBack) -> list[Piece]:
    """In the order in which they are posted: its own entry last, so that when it stands all of it does.

    What has no room in that goes before it, as `{entry}:2`, `:3` and so on.
    """
    held = sorted(taken.held, key=lambda part: (part.partner, part.month))
    parts = [tuple(held[at : at + HELD_MAX]) for at in range(0, len(held), HELD_MAX)] or [()]
    more = [_piece(f"{taken.id}:{number}", each) for number, each in enumerate(parts[1:], 2)]
    return [piece for piece in (*more, _first_piece(taken, parts[0])) if piece]


def back_pieces(taken: TakenBack) -> list[Piece]:
    """The same lines back. What a lost dispute had taken comes to Stripe again, when it is won after all."""
    return [_reversed(piece, taken) for piece in taken_pieces(taken)]


def adjustments(taken: TakenBack, *, back: bool) -> Mapping[PartnerId, int]:
    """What it changes of what is held for partners."""
    sign = 1 if back else -1
    return {partner: sign * micros for partner, micros in by_partner(taken.held).items()}


def _first_piece(taken: TakenBack, held: tuple[HeldPart, ...]) -> Piece | None:
    """All that moved at Stripe; what is held and has no room is loss until the other pieces say otherwise."""
    elsewhere = taken.held_micros - sum(part.micros for part in held)
    loss = taken.loss + elsewhere
    parts = TakenParts(taken.deferred, taken.platform, taken.carried_micros, _lines(held), loss)
    returned = taken.returned
    entry = refund_entry(
        taken.id,
        source=_source(returned),
        gross=returned.gross,
        tax=returned.tax,
        member=returned.member,
        parts=parts,
    )
    return Piece(entry, held) if entry else None


def _source(returned: Returned) -> str:
    """The account that it went back from."""
    sources = {"dispute": DISPUTED, "repaid": BANK, "credit": credit_account(returned.member)}
    return sources.get(returned.id.partition(":")[0], STRIPE)


def _piece(name: str, held: tuple[HeldPart, ...]) -> Piece | None:
    entry = more_held_entry(name, _lines(held))
    return Piece(entry, held) if entry else None


def _reversed(piece: Piece, taken: TakenBack) -> Piece:
    name = taken.given_back_as + piece.entry.id.removeprefix(taken.id)
    lines = ((STRIPE if account == DISPUTED else account, -micros) for account, micros in piece.entry.lines)
    return Piece(Entry(name, tuple(sorted(lines))), piece.held)


def _lines(held: Iterable[HeldPart]) -> dict[str, int]:
    return {str(partner): micros for partner, micros in by_partner(held).items()}
