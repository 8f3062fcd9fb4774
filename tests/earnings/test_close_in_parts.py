"""A close of many parts is that of one: in any order, told twice, by two at once, and after any crash."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import pytest

from chalicelib.earnings import closing, frozen, ledger, service, store
from chalicelib.earnings.month_file.reading import read_month
from chalicelib.earnings.records import forward, sheets
from chalicelib.earnings.rules.carry import CarriedPart
from chalicelib.earnings.rules.forward import Closing
from chalicelib.earnings.rules.ledger import Entry
from chalicelib.earnings.rules.month import compute
from chalicelib.earnings.rules.reads import MemberId
from chalicelib.earnings.rules.sheets import sheets_of
from chalicelib.earnings.steps import line
from chalicelib.kit import ids
from infra.recompute.__main__ import recompute
from tests.earnings.a_month import (
    AFTER_NOVEMBER,
    NOVEMBER,
    OLD_CARD,
    a_card,
    a_payment,
    reads_it,
)
from tests.earnings.messages import Queue
from tests.earnings.money_back import a_refund

MONTH, CALENDAR = "2026-11", ["2026-12", "2027-01"]
DECEMBER = NOVEMBER.replace(month=12)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a member or two, stories and partners dealt out over three, two lanes."""
    monkeypatch.setattr("chalicelib.members.service.PART", 1)
    steps = "chalicelib.earnings.steps"
    monkeypatch.setattr(f"{steps}.collecting.MEMBERS_A_PART", 1)
    monkeypatch.setattr(f"{steps}.collecting.ROWS_A_PART", 2)
    monkeypatch.setattr(f"{steps}.collecting.ROWS_A_READ", 2)
    monkeypatch.setattr(f"{steps}.splitting.PARTNERS_A_PART", 1)
    monkeypatch.setattr("chalicelib.earnings.booking.LOOKED_A_PART", 1)
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
        assert sheets.statements(writer) == [stated[writer]]  # type: ignore[index]
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


def test_one_part_and_many_give_the_same_month(writers: list[str], request: pytest.FixtureRequest) -> None:
    closing.close(MONTH, AFTER_NOVEMBER)
    one = closing.closing_of(closing.state_of(MONTH))
    assert len(store.manifest(closing.state_of(MONTH).inputs).parts) <= 2
    follows_from_its_inputs(writers)
    assert one.sums() == closing.state_of(MONTH).sums


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
