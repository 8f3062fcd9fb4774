"""A closed month read back from what was frozen for it, part by part, whole, or as a file."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from tempfile import TemporaryFile
from typing import BinaryIO

from chalicelib.earnings.month_file import parts, store
from chalicelib.earnings.month_file.parts import FrozenPart
from chalicelib.earnings.month_file.reading import read_month
from chalicelib.earnings.rules.chain import MonthState
from chalicelib.earnings.rules.forward import BroughtForward
from chalicelib.earnings.rules.month import FrozenMonth
from chalicelib.earnings.rules.reads import Reads
from chalicelib.earnings.rules.runs import FrozenName, Manifest


class Changed(Exception):
    """A frozen file that is not what its name says."""


def manifest_of(state: MonthState) -> Manifest:
    """Of a month that was frozen as one file, too: it is one part."""
    if not state.forward:
        return store.manifest(state.inputs)
    month = read_month(BytesIO(store.kept(state.inputs)))
    whole = FrozenName(state.inputs, "", members=len(month.members), readings=0, forward=state.forward)
    forward = store.forward(state.forward)
    return Manifest(
        month.month, month.currency, month.policy, forward.policy_version, (whole,), forward.adjustments
    )


def part_of(manifest: Manifest, number: int) -> FrozenPart:
    """Raises Changed when it is not what was frozen."""
    name = manifest.parts[number]
    if name.forward:
        return FrozenPart(read_month(BytesIO(store.kept(name.key))), store.forward(name.forward))
    return parts.unpacked(_checked(name), manifest)


def part_with(state: MonthState, member: str) -> FrozenPart:
    """The part that has this member; an empty one where none has."""
    manifest = manifest_of(state)
    for number, name in enumerate(manifest.parts):
        if name.may_have(member):
            found = part_of(manifest, number)
            if any(each.id == member for each in found.frozen.members):
                return found
    return FrozenPart(_joined(manifest, ()), _brought(manifest, ()))


def whole(state: MonthState) -> FrozenPart:
    """All parts together: for a month that memory has room for."""
    manifest = manifest_of(state)
    found = [part_of(manifest, number) for number in range(len(manifest.parts))]
    if len(found) == 1 and manifest.parts[0].forward:
        return found[0]
    return FrozenPart(_joined(manifest, found), _brought(manifest, found))


def file_of(state: MonthState) -> Iterator[bytes]:
    """The month's file in pieces, in the format of earnings.md."""
    if state.forward:
        yield store.kept(state.inputs)
        return
    manifest = store.manifest(state.inputs)
    yield from parts.whole_file(manifest, lambda: map(_checked, manifest.parts))


@contextmanager
def opened(state: MonthState) -> Iterator[BinaryIO]:
    """The month's file, on disk while it is read: it may be larger than memory."""
    with TemporaryFile() as file:
        file.writelines(file_of(state))
        file.seek(0)
        yield file


def _checked(name: FrozenName) -> bytes:
    body = store.kept(name.key)
    if hashlib.sha256(body).hexdigest() != name.sha256:
        raise Changed(f"{name.key} is not what was frozen")
    return body


def _joined(manifest: Manifest, found: Iterable[FrozenPart]) -> FrozenMonth:
    months = [each.frozen for each in found]
    reads = Reads()
    for month in months:
        reads.join(month.reads)
    return FrozenMonth(
        month=manifest.month,
        currency=manifest.currency,
        policy=manifest.policy,
        members=[member for month in months for member in month.members],
        stories={story: each for month in months for story, each in month.stories.items()},
        reads=reads,
    )


def _brought(manifest: Manifest, found: Iterable[FrozenPart]) -> BroughtForward:
    forwards = [each.forward for each in found]
    return BroughtForward(
        policy_version=manifest.policy_version,
        carried={member: carried for each in forwards for member, carried in each.carried.items()},
        held_members=tuple(sorted(member for each in forwards for member in each.held_members)),
        waiting=tuple(waits for each in forwards for waits in each.waiting),
        ended_members=tuple(sorted(member for each in forwards for member in each.ended_members)),
        adjustments=manifest.adjustments,
        grants=manifest.grants,
    )
