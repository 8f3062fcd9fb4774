"""The middle: each part of the members split, stories and partners added up, and all of it checked. Pure:
whatever is written follows from what was frozen, so that doing a part again writes the same.
"""

import gzip
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import TypeVar

import msgspec

from chalicelib.earnings.books import ledger
from chalicelib.earnings.month_end.collecting import workings
from chalicelib.earnings.month_file import frozen, store
from chalicelib.earnings.records import months, runs
from chalicelib.earnings.records.forward import Overtaken
from chalicelib.earnings.rules import parts as rules
from chalicelib.earnings.rules.forward import Closing, MonthSums, added
from chalicelib.earnings.rules.ledger import close_platform_entry
from chalicelib.earnings.rules.month import FrozenMonth, compute
from chalicelib.earnings.rules.parts import ForPartners, ForStories
from chalicelib.earnings.rules.runs import Done, Manifest, Run
from chalicelib.earnings.rules.sheets import Sheet
from chalicelib.kit import table

PARTNERS_A_PART = 2_000  # two entries and a statement each: some 20 ms
Piece = TypeVar("Piece")


def split(run: Run, part: str, place: str, at: datetime) -> Done:
    manifest = manifest_of(run)
    month, closing = _computed(manifest, int(part))
    found = rules.split_part(int(part), month, closing, manifest.buckets)
    return _keep(run, part, _named("s", found.stories) | _named("p", found.partners), found.sums)


def stories(run: Run, part: str, place: str, at: datetime) -> Done:
    manifest = manifest_of(run)
    found = rules.share_stories(
        pieces(run, "split", f"s{int(part)}", ForStories), run.month, manifest.buckets
    )
    return _keep(run, part, _named("p", found.partners) | _named("m", found.held), found.sums)


def sheets(run: Run, part: str, place: str, at: datetime) -> Done:
    """A bucket's statements, by so many as one part of the next step writes."""
    name = f"p{int(part)}"
    received = chain(pieces(run, "split", name, ForPartners), pieces(run, "stories", name, ForPartners))
    found = rules.sheets_of_bucket(int(part), received, manifest_of(run))
    chunks = {
        f"{number:06}": found[start : start + PARTNERS_A_PART]
        for number, start in enumerate(range(0, len(found), PARTNERS_A_PART))
    }
    return _keep(run, part, chunks, rules.partner_sums(found))


def check(run: Run, part: str, place: str, at: datetime) -> Done:
    """Nothing is posted before who gives and who gets agree, to the micro."""
    step_sums = [
        added([rules.NOTHING, *(each.sums for each in runs.marks(run, step).values() if each.sums)])
        for step in ("split", "stories", "sheets")
    ]
    sums = rules.sums_of_month(*step_sums)
    if run.is_close:
        months.note_sums(run.month, sums)
        ledger.post(close_platform_entry(run.month, sums.platform), at)
    return Done(sums=sums)


def manifest_of(run: Run) -> Manifest:
    if store.is_manifest(run.inputs):
        return store.manifest(run.inputs)
    return frozen.manifest_of(table.fetch_one(months.wanted_month(run.month)))


def closing_of(run: Run, part: int) -> Closing:
    return _computed(manifest_of(run), part)[1]


def sheets_in(run: Run, bucket: str, chunk: str) -> list[Sheet]:
    """One chunk of a bucket's statements; raises Overtaken when another has ended this estimate meanwhile."""
    done = table.fetch_one(runs.wanted_mark(run, "sheets", bucket))
    if done is None and not run.is_close:
        raise Overtaken(f"the estimate {run.id} is over, and its marks are forgotten")
    assert done is not None  # This part was made from that mark.
    return _piece(done, chunk, list[Sheet])


def pieces(run: Run, step: str, name: str, kind: type[Piece]) -> Iterator[Piece]:
    """What the parts of a step left under this name, one after another."""
    for _, done in sorted(runs.marks(run, step).items()):
        if name in done.pieces:
            yield _piece(done, name, kind)


def _piece(done: Done, name: str, kind: type[Piece]) -> Piece:
    return msgspec.json.decode(gzip.decompress(store.piece(done.key, done.pieces[name])), type=kind)


def _computed(manifest: Manifest, part: int) -> tuple[FrozenMonth, Closing]:
    found = frozen.part_of(manifest, part)
    return found.frozen, Closing(compute(found.frozen), found.forward)


def _named(kind: str, found: Mapping[int, object]) -> dict[str, object]:
    return {f"{kind}{number}": each for number, each in sorted(found.items())}


def _keep(run: Run, part: str, found: Mapping[str, object], sums: MonthSums) -> Done:
    if not found:
        return Done(sums=sums)
    key = f"{workings(run, run.step)}/{part}"
    packed = {name: gzip.compress(msgspec.json.encode(each), mtime=0) for name, each in found.items()}
    return Done(key=key, pieces=store.keep_pieces(key, packed), sums=sums)
