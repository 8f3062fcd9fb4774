"""The first half: book what came in, seal the month, gather what decides it, and freeze that by name."""

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

import msgspec

from chalicelib.earnings import policies
from chalicelib.earnings.dues import booking, taking
from chalicelib.earnings.dues.payers import payers
from chalicelib.earnings.month_end import gathering
from chalicelib.earnings.month_end.gathering import Gathered
from chalicelib.earnings.month_file import store
from chalicelib.earnings.month_file.parts import packed
from chalicelib.earnings.pay import granting
from chalicelib.earnings.records import forward as forward_records
from chalicelib.earnings.records import ledger as ledger_records
from chalicelib.earnings.records import months, runs
from chalicelib.earnings.rules.months import cut_off, month_after
from chalicelib.earnings.rules.reads import MemberId, PartnerId
from chalicelib.earnings.rules.runs import Done, FrozenName, Manifest, Run, place_in_lane, share_of
from chalicelib.kit import table
from chalicelib.kit.settings import settings
from chalicelib.members import service as members
from chalicelib.members.rules import DuesLine

# What one part takes on. A member takes some 60 ms in all, nearly all of it waiting for DynamoDB; in a month
# in which all are new, and held for thirty partners each, a quarter of a second.
MEMBERS_A_PART, READINGS_A_PART = 1_000, 75_000
ROWS_A_PART, ROWS_A_READ = 20_000, 500
CARRIED, HELD = "carried", "held"


@dataclass
class Sealed:
    """What was found when the month was sealed, and every part of it has to know."""

    late: dict[str, list[DuesLine]] = field(default_factory=dict)
    adjustments: dict[PartnerId, int] = field(default_factory=dict)
    grants: dict[PartnerId, int] = field(default_factory=dict)


def book(run: Run, part: str, place: str, at: datetime) -> Done:
    lane, _ = place_in_lane(part)
    return Done(next=booking.book_some(place, at, lane=lane, lanes=run.width))


def back(run: Run, part: str, place: str, at: datetime) -> Done:
    """Some of what was refunded or disputed; one part after another, as far as it may be booked now."""
    return Done(next="more" if taking.book_some(at) else "")


def seal(run: Run, part: str, place: str, at: datetime) -> Done:
    """Nothing is taken or granted in the month from now on; what was is noted."""
    booking.note_all_booked(at)
    taking.book_money_back(at)
    if run.is_close:
        taking.seal(run.month, at)
    found = Sealed(
        taking.late_lines(run.month), taking.adjustments(run.month), granting.granted_in(run.month)
    )
    if found == Sealed():
        return Done()
    return Done(key=store.keep_part(workings(run, "seal"), _zipped(found))[0])


def gather(run: Run, part: str, place: str, at: datetime) -> Done:
    """Some members who paid for the month, with all that they carry and did."""
    (lane, _), found = place_in_lane(part), _nothing_yet(run)
    place, late = place or members.first_place(lane, run.width), _sealed(run).late
    while place and _has_room(found):
        page = members.dues(run.month, place)
        gathering.take_members(found, payers(page.items, late, run.month, found.cut_off))
        place = members.within(page.next, lane, run.width)
    done = _keep(run, found, place)
    if done.key:
        ids = [member.id for member in found.members]
        store.keep_working(_ids_of(run, done), _zipped(ids))
    return done


def left(run: Run, part: str, place: str, at: datetime) -> Done:
    """Who pays for nothing in the month, and carries something or was refunded; and what is still held."""
    (lane, _), found = place_in_lane(part), _nothing_yet(run)
    buckets = share_of(lane, run.width, ledger_records.BUCKETS)
    place = place or f"{buckets.start}/{CARRIED}/"
    known, late, rows = _known(run), _sealed(run).late, 0
    while place and _has_room(found) and rows < ROWS_A_PART:
        bucket, kind, after = place.split("/")
        if kind == CARRIED:
            looked, last = _look_at_carried(found, (int(bucket), after), known, late)
            place = f"{bucket}/{CARRIED}/{last}" if last else f"{bucket}/{HELD}/"
        else:
            looked, last = _look_at_held(found, int(bucket), after)
            following = f"{int(bucket) + 1}/{CARRIED}/" if int(bucket) + 1 in buckets else ""
            place = f"{bucket}/{HELD}/{last}" if last else following
        rows += looked
    return _keep(run, found, place)


def freeze(run: Run, part: str, place: str, at: datetime) -> Done:
    """Name all parts, once; of two that try, one is heard, and both go on from it."""
    published, sealed = policies.in_force(run.month), _sealed(run)
    parts = [*runs.marks(run, "gather").values(), *runs.marks(run, "left").values()]
    manifest = Manifest(
        month=run.month,
        currency=settings().currency,
        policy=published.policy,
        policy_version=published.version,
        parts=tuple(map(_name, (each for each in parts if each.key))),
        adjustments=sealed.adjustments,
        grants=sealed.grants,
    )
    name = store.keep_manifest(folder(run), manifest)
    if run.is_close:
        months.freeze(run.month, inputs=name, policy_version=published.version, at=at)
    else:
        runs.freeze_estimate(run, name)
    return Done(key=name)


def folder(run: Run) -> str:
    """Where its frozen parts lie: a close's are kept for good."""
    return f"months/{run.month}" if run.is_close else workings(run, "frozen")


def workings(run: Run, step: str) -> str:
    return f"workings/{run.id.replace(':', '')}/{step}"


def _name(done: Done) -> FrozenName:
    return FrozenName(done.key, done.sha256, done.members, done.readings, done.first, done.last)


def _nothing_yet(run: Run) -> Gathered:
    published = policies.in_force(run.month)
    shut = cut_off(run.month, published.policy.grace_hours)
    return Gathered(run.month, published, shut if run.is_close else run.at)


def _has_room(found: Gathered) -> bool:
    return len(found.members) < MEMBERS_A_PART and len(found.readings) < READINGS_A_PART


def _keep(run: Run, found: Gathered, place: str) -> Done:
    if not found.members and not found.waiting:
        return Done(next=place)
    key, digest = store.keep_part(f"{folder(run)}/parts", packed(found.inputs(), found.brought()))
    ids = sorted(str(member.id) for member in found.members) or [""]
    return Done(key, digest, place, len(found.members), len(found.readings), ids[0], ids[-1])


def _look_at_carried(
    found: Gathered, where: tuple[int, str], known: set[str], late: Mapping[str, list[DuesLine]]
) -> tuple[int, str]:
    bucket, after = where
    if not after:
        found_late = [line for member in _of_bucket(late, bucket) - known for line in late[member]]
        gathering.take_members(found, payers(found_late, {}, found.month, found.cut_off))
    before = month_after(found.month, -1)
    carried, last = forward_records.carried_in(bucket, before, after=after, limit=ROWS_A_READ)
    for member, parts in carried:
        if member not in known and member not in late:
            gathering.carry_on(found, member, parts)
    return len(carried), last


def _look_at_held(found: Gathered, bucket: int, after: str) -> tuple[int, str]:
    held, last = forward_records.waiting_in(bucket, after=after, limit=ROWS_A_READ)
    gathering.await_release(found, held)
    return len(held), last


def _of_bucket(members_of: Mapping[str, object], bucket: int) -> set[str]:
    return {member for member in members_of if ledger_records.bucket_of(member) == bucket}


def _known(run: Run) -> set[str]:
    """Who was gathered."""
    gathered = [each for each in runs.marks(run, "gather").values() if each.key]
    return set(chain.from_iterable(_ids(run, each) for each in gathered))


def _ids(run: Run, done: Done) -> Iterator[str]:
    yield from msgspec.json.decode(gzip.decompress(store.kept(_ids_of(run, done))), type=list[MemberId])


def _ids_of(run: Run, done: Done) -> str:
    return f"{workings(run, 'gathered')}/{done.sha256}"


def _sealed(run: Run) -> Sealed:
    done = table.fetch_one(runs.wanted_mark(run, "seal", SEAL_PART))
    if not done or not done.key:
        return Sealed()
    return msgspec.json.decode(gzip.decompress(store.kept(done.key)), type=Sealed)


def _zipped(value: object) -> bytes:
    return gzip.compress(msgspec.json.encode(value, order="sorted"), mtime=0)


SEAL_PART = "000000"
