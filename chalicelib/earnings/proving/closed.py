"""A closed month from what was frozen for it: each entry as the rules give it, no other, and its sums."""

from collections.abc import Iterator
from dataclasses import asdict
from hashlib import sha256

from botocore.exceptions import ClientError

from chalicelib.earnings.month_end import closing
from chalicelib.earnings.month_file import store
from chalicelib.earnings.proving.faults import Fault, unlike
from chalicelib.earnings.proving.journals import ENTRIES_A_READ
from chalicelib.earnings.proving.tally import Tally
from chalicelib.earnings.records import ledger as records
from chalicelib.earnings.rules.chain import MonthState
from chalicelib.earnings.rules.forward import Closing
from chalicelib.earnings.rules.ledger import Entry
from chalicelib.earnings.rules.seals import Posted, packed
from chalicelib.kit import table


def check_closed(state: MonthState, tally: Tally) -> Iterator[Fault]:
    changed = list(_check_files(state))
    if changed:
        yield from changed
        return
    found = closing.closing_of(state)
    entries = found.entries()
    for start in range(0, len(entries), ENTRIES_A_READ):
        yield from _check_entries(entries[start : start + ENTRIES_A_READ])
    for entry_id in tally.not_among((entry.id for entry in entries), state.month):
        yield Fault(entry_id, f"does not follow from the frozen inputs of {state.month}")
    yield from _check_sums(state, found)


def _check_files(state: MonthState) -> Iterator[Fault]:
    """A file's name ends with the digest of what it holds; the parts' are in the manifest."""
    names = [state.inputs, state.forward] if state.forward else [state.inputs]
    changed = [fault for name in names for fault in _check_file(state.month, name)]
    yield from changed
    if not changed and store.is_manifest(state.inputs):
        for part in store.manifest(state.inputs).parts:
            yield from _check_file(state.month, part.key)


def _check_file(month: str, name: str) -> Iterator[Fault]:
    try:
        digest = sha256(store.kept(name)).hexdigest()
    except ClientError:
        yield Fault(f"inputs of {month}", f"the frozen file {name} is missing")
        return
    if digest not in name:
        said = name.rsplit("/", 1)[-1].rsplit("-", 1)[-1].partition(".")[0]
        yield Fault(f"inputs of {month}", f"the frozen file {name} was changed", "", said, digest)


def _check_entries(entries: list[Entry]) -> Iterator[Fault]:
    posted: list[Posted | None] = table.fetch(*(records.wanted_posted(each.id) for each in entries))
    for entry, found in zip(entries, posted, strict=True):
        if found is None:
            yield Fault(entry.id, "follows from the frozen inputs, and is missing")
        else:
            expected = Posted(entry.id, found.at, packed(entry))
            yield from unlike(expected, found, "is not what the frozen inputs give")


def _check_sums(state: MonthState, found: Closing) -> Iterator[Fault]:
    kept = asdict(state.sums) if state.sums else {}
    for name, micros in asdict(found.sums()).items():
        if kept.get(name) != micros:
            says = "its sums are not what the frozen inputs give"
            yield Fault(f"month {state.month}", says, name, str(micros), str(kept.get(name)))
