"""A close of many parts is that of one: in any order, told twice, by two at once, and after any crash."""

import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import msgspec
import pytest

from chalicelib.earnings import service
from chalicelib.earnings.books import ledger
from chalicelib.earnings.month_end import closing, estimating, line
from chalicelib.earnings.month_file import frozen, store
from chalicelib.earnings.month_file.reading import read_month
from chalicelib.earnings.records import forward, runs, sheets
from chalicelib.earnings.rules import parts
from chalicelib.earnings.rules.carry import CarriedPart
from chalicelib.earnings.rules.forward import BroughtForward, Closing
from chalicelib.earnings.rules.ledger import Entry
from chalicelib.earnings.rules.month import compute
from chalicelib.earnings.rules.reads import MemberId
from chalicelib.earnings.rules.runs import ESTIMATE, STEPS, Run
from chalicelib.earnings.rules.sheets import sheets_of
from chalicelib.kit import clock, ids
from chalicelib.kit.aws import client
from chalicelib.kit.refusals import Unavailable
from chalicelib.kit.settings import settings
from infra.faults import Crash, Plan, planted
from infra.recompute.__main__ import recompute
from tests.earnings.a_month import AFTER_NOVEMBER, NOVEMBER, OLD_CARD, a_card, a_payment, reads_it
from tests.earnings.messages import Queue, close_by_messages
from tests.earnings.money_back import a_refund

MONTH, CALENDAR = "2026-11", ["2026-12", "2027-01"]


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a member or two, stories and partners dealt out over three, two lanes."""
    monkeypatch.setattr("chalicelib.members.service.PART", 1)
    steps = "chalicelib.earnings.month_end"
    monkeypatch.setattr(f"{steps}.collecting.MEMBERS_A_PART", 1)
    monkeypatch.setattr(f"{steps}.collecting.ROWS_A_PART", 2)
    monkeypatch.setattr(f"{steps}.collecting.ROWS_A_READ", 2)
    monkeypatch.setattr(f"{steps}.splitting.PARTNERS_A_PART", 1)
    monkeypatch.setattr("chalicelib.earnings.dues.booking.LOOKED_A_PART", 1)
    monkeypatch.setattr("chalicelib.earnings.dues.taking.BOOKED_A_PART", 1)
    monkeypatch.setattr("chalicelib.earnings.rules.runs.READINGS_A_BUCKET", 6)
    monkeypatch.setattr(line, "_width", lambda: 2)


def a_busy_month(readers: int = 6) -> dict[str, list[str]]:
    """Readers of each other's stories: one with a young card, one who carries, one refunded, one who owes."""
    members, writers = [ids.new() for _ in range(readers)], [ids.new() for _ in range(4)]
    cards = [a_card(writer) for writer in writers]
    for number, member in enumerate(members):
        invoice = a_payment(
            member,
            net=5_000_001 + number,
            tier=("member", "friend")[number % 2],
            first_charged=OLD_CARD if number % 3 else NOVEMBER,
        )
        for at, card in enumerate(cards[: 1 + number % 4]):
            reads_it(
                member, card, seconds=60 + number, at=NOVEMBER + timedelta(days=2 + at), follower=bool(at)
            )
        if number == 1:
            a_refund(member, invoice, 1_000_000, at=NOVEMBER + timedelta(days=9))
    idle, owing = ids.new(), ids.new()
    forward.carry(MemberId(idle), [CarriedPart("2026-09", 4_000_000)], "2026-10")
    forward.carry(MemberId(owing), [CarriedPart("2026-10", -3_000_000)], "2026-10")
    return {"members": members, "writers": writers}


def posted() -> dict[str, Entry]:
    """Everything in the ledger, by id."""
    return {each.id: each for month in CALENDAR for each in ledger.entries(month)}


def what_stands(writers: list[str]) -> dict[str, object]:
    """All that a close leaves, for a comparison: entries, statements, what is carried and held."""
    return {
        "entries": posted(),
        "balances": ledger.trial_balance(),
        "statements": [sheets.statements(each) for each in writers],
        "sums": closing.state_of(MONTH).sums,
        "forward": [forward.carried_in(bucket, MONTH, after="", limit=500) for bucket in range(2)],
        "held": [forward.waiting_in(bucket, after="", limit=500) for bucket in range(2)],
    }


@pytest.fixture
def writers(aws: None, few_buckets: None) -> Iterator[list[str]]:
    yield a_busy_month()["writers"]
    assert sum(ledger.trial_balance().values()) == 0
    assert ledger.differences(CALENDAR) == []


def follows_from_its_inputs(writers: list[str]) -> None:
    """What was posted is what the rules give for the whole month, read from the export."""
    state = closing.state_of(MONTH)
    exported = b"".join(service.export(MONTH))
    whole = Closing(compute(read_month(BytesIO(exported))), frozen.whole(state).forward)
    found = posted()
    assert {each.id: each for each in whole.entries()}.items() <= found.items()
    ours = {name for name in found if name.split(":")[0] in ("close", "release", "commons", "ended")}
    assert ours == {each.id for each in whole.entries()}
    assert state.sums == whole.sums()
    stated = {each.partner: each for each in sheets_of(whole)}
    for writer in writers:
        assert sheets.statements(writer) == [each for each in stated.values() if each.partner == writer]
    assert recompute(BytesIO(exported))["platform_micros"] == whole.sums().platform


def test_a_close_in_many_parts_is_what_the_rules_give_for_the_whole_month(
    writers: list[str], small_parts: None
) -> None:
    told: list[str] = []
    closing.close(MONTH, AFTER_NOVEMBER, told.append)
    manifest = store.manifest(closing.state_of(MONTH).inputs)
    assert len(manifest.parts) > 5
    assert manifest.buckets >= 3
    follows_from_its_inputs(writers)


def test_refunds_are_booked_part_after_part_before_the_month_is_sealed(
    writers: list[str], small_parts: None
) -> None:
    member, told = ids.new(), []
    invoice = a_payment(member, net=5_000_000)
    refunds = [a_refund(member, invoice, 1_000, at=NOVEMBER + timedelta(days=day)) for day in range(3, 7)]
    closing.close(MONTH, AFTER_NOVEMBER, told.append)
    assert [each for each in told if "back" in each] == ["2026-11: back, 6 parts"]  # the last finds none
    assert set(refunds) <= posted().keys()


def test_so_it_is_in_one_part(writers: list[str]) -> None:
    closing.close(MONTH, AFTER_NOVEMBER)
    manifest = store.manifest(closing.state_of(MONTH).inputs)
    assert len(manifest.parts) == 2  # of who paid, and of who only carries
    follows_from_its_inputs(writers)


@pytest.mark.parametrize("seed", range(3))
def test_messages_in_any_order_and_told_again_leave_the_same(
    writers: list[str], small_parts: None, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    queue = Queue(monkeypatch, seed)
    closing.ask(MONTH, AFTER_NOVEMBER)
    queue.carry(AFTER_NOVEMBER, again=lambda chance: chance.random() < 0.3)
    assert closing.state_of(MONTH).closed_at
    follows_from_its_inputs(writers)


def test_what_messages_began_is_finished_here_and_the_other_way_round(
    writers: list[str], small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue(monkeypatch)
    closing.ask(MONTH, AFTER_NOVEMBER)
    for _ in range(20):
        line.hear(queue.take(), AFTER_NOVEMBER)
    closing.close(MONTH, AFTER_NOVEMBER + timedelta(minutes=1))
    before = what_stands(writers)
    queue.carry(AFTER_NOVEMBER + timedelta(minutes=2))
    assert what_stands(writers) == before
    follows_from_its_inputs(writers)


def test_asking_again_has_done_what_a_lost_message_left(
    writers: list[str], small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue(monkeypatch, 5)
    closing.ask(MONTH, AFTER_NOVEMBER)
    while not closing.state_of(MONTH).closed_at:
        for _ in range(min(7, len(queue.facts))):
            line.hear(queue.take(), AFTER_NOVEMBER)
        queue.facts.clear()
        closing.ask(MONTH, AFTER_NOVEMBER)
    follows_from_its_inputs(writers)


def test_a_month_that_was_frozen_as_one_file_still_opens(writers: list[str]) -> None:
    """As months were before there were parts: one file, and what was brought forward in another."""
    closing.close(MONTH, AFTER_NOVEMBER)
    state = closing.state_of(MONTH)
    before, found = closing.closing_of(state), frozen.whole(state)
    exported = b"".join(frozen.file_of(state))
    old = replace(state, inputs=keep("inputs", exported), forward=keep("forward", packed(found.forward)))
    again = closing.closing_of(old)
    assert again.sums() == before.sums()
    assert sorted(again.entries(), key=by_id) == sorted(before.entries(), key=by_id)
    assert b"".join(frozen.file_of(old)) == exported
    member = before.forward.held_members[0]
    assert member in {each.id for each in frozen.part_with(old, member).frozen.members}


def test_the_export_of_many_parts_is_one_file_with_each_story_once(
    writers: list[str], small_parts: None
) -> None:
    closing.close(MONTH, AFTER_NOVEMBER)
    exported = json.loads(b"".join(service.export(MONTH)))
    assert len({each["id"] for each in exported["stories"]}) == len(exported["stories"]) == 4
    assert len(exported["members"]) == 8
    assert list(exported) == ["month", "currency", "policy", "members", "stories", "readings", "engagements"]


def test_one_members_part_is_found_among_many(writers: list[str], small_parts: None) -> None:
    closing.close(MONTH, AFTER_NOVEMBER)
    state = closing.state_of(MONTH)
    for member in (each.id for each in frozen.whole(state).frozen.members):
        assert member in {each.id for each in frozen.part_with(state, member).frozen.members}
    assert frozen.part_with(state, "nobody").frozen.members == []


def test_parts_that_do_not_add_up_post_nothing(
    writers: list[str], small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reduce that loses a micro is found before the first entry."""
    lossy = parts.partner_sums
    monkeypatch.setattr(parts, "partner_sums", lambda sheets: replace(lossy(sheets), earned=0))
    with pytest.raises(AssertionError, match="do not add up"):
        closing.close(MONTH, AFTER_NOVEMBER)
    assert not any(name.startswith("close:") for name in posted())


def test_estimates_in_parts_are_what_the_close_finds_and_leave_no_marks(
    writers: list[str], small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue(monkeypatch, 3)
    monkeypatch.setattr("chalicelib.earnings.month_end.estimating._begun", lambda at: [MONTH])
    estimating.ask(AFTER_NOVEMBER)
    queue.carry(AFTER_NOVEMBER, again=lambda chance: chance.random() < 0.2)
    pencils = [service.estimate(each, MONTH) for each in writers]
    assert not any(name.startswith("close:") for name in posted())
    close_by_messages(queue, MONTH, AFTER_NOVEMBER)
    for writer, pencil in zip(writers, pencils, strict=True):
        assert pencil is not None
        ink = service.statement(writer, MONTH)
        assert (pencil.statement.stories, pencil.readers) == (ink.statement.stories, ink.readers)
    run = Run(f"{MONTH}~{clock.rfc3339(AFTER_NOVEMBER)}", MONTH, ESTIMATE, AFTER_NOVEMBER)
    assert not any(runs.marks(run, step) for step in STEPS)


@pytest.mark.ministack
def test_two_workers_at_once_leave_what_one_would(
    afresh: Callable[[], None], few_buckets: None, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    writers = a_busy_month()["writers"]
    queue = Queue(monkeypatch, 7)
    closing.ask(MONTH, AFTER_NOVEMBER)

    def work(number: int) -> None:
        while queue.facts:
            try:
                fact = queue.take()
            except (IndexError, ValueError):
                continue
            with suppress(Unavailable):
                line.hear(fact, AFTER_NOVEMBER + timedelta(seconds=number))
                continue
            queue.facts.append(fact)

    while not closing.state_of(MONTH).closed_at:
        closing.ask(MONTH, AFTER_NOVEMBER)
        queue.facts *= 2
        with ThreadPoolExecutor(2) as workers:
            list(workers.map(work, range(2)))
    follows_from_its_inputs(writers)
    assert ledger.differences(CALENDAR) == []


@pytest.mark.ministack
@pytest.mark.timeout(900)
def test_a_crash_after_any_write_of_a_part_is_made_good_by_its_message_coming_again(
    afresh: Callable[[], None], few_buckets: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each message dies once after each of its writes, and comes again each time."""
    monkeypatch.setattr(line, "_width", lambda: 2)
    writers = a_busy_month(readers=3)["writers"]
    queue = Queue(monkeypatch, 11)
    closing.ask(MONTH, AFTER_NOVEMBER)
    crashes = 0
    while queue.facts:
        fact = queue.take()
        at_write = 0
        while dies_at(at_write, lambda fact=fact: line.hear(fact, AFTER_NOVEMBER)):  # type: ignore[misc]
            crashes, at_write = crashes + 1, at_write + 1
    assert crashes > 30
    assert closing.state_of(MONTH).closed_at
    follows_from_its_inputs(writers)
    assert ledger.differences(CALENDAR) == []


def dies_at(write: int, deed: Callable[[], object]) -> bool:
    """Whether the deed made so many writes, and died after that one."""
    with planted(Plan("crash after", at=write, of_writes=True)) as watch, suppress(Crash):
        deed()
    return watch.struck != []


def keep(name: str, body: bytes) -> str:
    """As a month's one file was kept."""
    key = f"months/{MONTH}/{name}-{hashlib.sha256(body).hexdigest()}.json"
    client("s3").put_object(Bucket=settings().store_bucket, Key=key, Body=body)
    return key


def packed(brought: BroughtForward) -> bytes:
    return msgspec.json.encode(brought, order="sorted")


def by_id(entry: Entry) -> str:
    return entry.id
