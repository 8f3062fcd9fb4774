"""Posting what was taken, or given back, piece by piece: each held part moves with its own entry, once."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from chalicelib.earnings.books import ledger
from chalicelib.earnings.records import forward
from chalicelib.earnings.records import taking as records
from chalicelib.earnings.records.ledger import Also
from chalicelib.earnings.records.taking import Noted
from chalicelib.earnings.rules.held import HeldPart
from chalicelib.earnings.rules.taking import TakenBack
from chalicelib.earnings.rules.takings import back_pieces, taken_pieces
from chalicelib.kit import table


def post_taken(
    taken: TakenBack, held: Sequence[HeldPart], at: datetime, decided: Iterable[Also] = ()
) -> bool:
    """`held` is what waited when it was decided; what is `decided` is written with the first piece."""
    waits = {(part.month, part.partner): part.micros for part in held}
    writes = list(decided)
    for piece in taken_pieces(taken):
        for part in piece.held:
            before = waits.get((part.month, part.partner), 0)
            writes.append(partial(forward.take_held, part=part, before_micros=before))
        ledger.post(piece.entry, at, records.together(writes))
        writes = []
    return True


def post_back(taken: TakenBack, at: datetime, decided: Iterable[Also] = ()) -> bool:
    waits = table.fetch(*map(forward.wanted_held, taken.held)) if taken.held else []
    found = dict(zip(taken.held, waits, strict=True))
    writes = list(decided)
    for piece in back_pieces(taken):
        for part in piece.held:
            back = partial(forward.give_back_held, month=taken.given_back_in)
            writes.append(partial(back, part=part, waits=found[part]))
        ledger.post(piece.entry, at, records.together(writes))
        writes = []
    return True


def finish(noted: Noted, at: datetime) -> None:
    """Post what is missing of something whose taking, or giving back, was begun."""
    for taken in table.fetch_one(records.wanted_back(noted.invoice)).taken:
        if taken.id == noted.entry_id:
            post_taken(taken, forward.held_from(taken.returned.member), at)
        elif taken.given_back_as == noted.entry_id:
            post_back(taken, at)
