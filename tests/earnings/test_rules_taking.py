"""What a refund takes back, in its order and at each boundary."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.earnings.rules.carry import CarriedPart
from chalicelib.earnings.rules.dues import DuesLine, Taking, recognised_in
from chalicelib.earnings.rules.held import HeldPart
from chalicelib.earnings.rules.ledger import LINES_MAX, sums_of
from chalicelib.earnings.rules.reads import MemberId, PartnerId
from chalicelib.earnings.rules.taken import Dispute, InvoiceBack
from chalicelib.earnings.rules.taking import (
    Found,
    Returned,
    TakenBack,
    carried_after,
    share_month,
    take_back,
    take_deferred,
)
from chalicelib.earnings.rules.takings import HELD_MAX, adjustments, back_pieces, taken_pieces
from tests.earnings.builders import a_line, at

NOVEMBER = a_line("2026-11-01", "2026-12-01", net=3_000_000)
INTO_DECEMBER = a_line("2026-11-16", "2026-12-16", net=3_000_000)


def carries(**months: int) -> list[CarriedPart]:
    """`carries(oct=5)`."""
    numbers = {"sep": "09", "oct": "10", "nov": "11"}
    return [CarriedPart(f"2026-{numbers[name]}", micros) for name, micros in months.items()]


def holds(month: str, **partners: int) -> list[HeldPart]:
    return [HeldPart(month, PartnerId(name), MemberId("m1"), micros) for name, micros in partners.items()]


def taken(
    micros: int,
    *lines: DuesLine,
    window: str = "2026-12",
    takings: Sequence[Taking] = (),
    shares: Mapping[str, int] | None = None,
    carried: Sequence[CarriedPart] = (),
    held: Sequence[HeldPart] = (),
) -> TakenBack:
    lines = lines or (NOVEMBER,)
    shares = shares or dict.fromkeys((line.id for line in lines), 5_000)
    found = Found(lines, takings, shares, carried, held)
    return take_back(Returned("refund:re_1", MemberId("m1"), micros), window=window, found=found)


def sources(found: TakenBack) -> tuple[int, int, int, int, int]:
    return found.deferred, found.platform, found.carried_micros, found.held_micros, found.loss


def test_what_no_closed_month_has_recognised_goes_first() -> None:
    found = taken(1_000_000, INTO_DECEMBER, carried=carries(nov=9_000_000))
    assert sources(found) == (1_000_000, 0, 0, 0, 0)


def test_to_the_last_micro_of_what_is_unrecognised_nobody_else_pays() -> None:
    assert sources(taken(1_500_000, INTO_DECEMBER)) == (1_500_000, 0, 0, 0, 0)
    assert sources(taken(1_500_001, INTO_DECEMBER)) == (1_500_000, 1, 0, 0, 0)
    assert sources(taken(1_500_002, INTO_DECEMBER)) == (1_500_000, 1, 0, 0, 1)


def test_nothing_is_unrecognised_of_a_month_that_is_closed() -> None:
    assert taken(3_000_000, window="2026-11").deferred == 3_000_000
    assert taken(3_000_000, window="2026-12").deferred == 0


def test_of_the_rest_the_platform_gives_its_share_rounded_up() -> None:
    assert sources(taken(3, shares={"li1": 6_667})) == (0, 1, 0, 0, 2)
    assert taken(1, shares={"li1": 10_000}).platform == 0
    assert taken(1, shares={"li1": 0}).platform == 1


def test_then_what_the_member_carries_the_oldest_first() -> None:
    found = taken(1_000_000, carried=carries(nov=300_000, oct=400_000))
    assert found.carried == (CarriedPart("2026-10", 400_000), CarriedPart("2026-11", 100_000))
    assert sources(found) == (0, 500_000, 500_000, 0, 0)


def test_to_the_last_micro_that_is_carried_nothing_held_is_touched() -> None:
    held = holds("2026-11", p1=800_000)
    assert sources(taken(1_000_000, carried=carries(nov=500_000), held=held))[2:] == (500_000, 0, 0)
    assert sources(taken(1_000_000, carried=carries(nov=499_999), held=held))[2:] == (499_999, 1, 0)


def test_a_debt_gives_nothing_and_grows_by_nothing() -> None:
    found = taken(1_000_000, carried=carries(nov=-7), held=holds("2026-11", p1=500_000))
    assert sources(found) == (0, 500_000, 0, 500_000, 0)
    assert carried_after(carries(nov=-7), found, back=False) == tuple(carries(nov=-7))


def test_then_what_is_held_the_newest_month_first() -> None:
    held = [*holds("2026-09", p1=400_000), *holds("2026-11", p2=300_000)]
    found = taken(1_000_000, held=held)
    assert found.held == (*holds("2026-11", p2=300_000), *holds("2026-09", p1=200_000))


def test_in_a_month_over_partners_by_what_each_has_held() -> None:
    found = taken(20, held=holds("2026-11", pa=1, pb=2, pc=30))
    assert {part.partner: part.micros for part in found.held} == {"pb": 1, "pc": 9}
    assert found.held_micros == 10


def test_equal_remainders_go_to_the_smaller_id() -> None:
    found = taken(2, held=holds("2026-11", pb=5, pa=5))
    assert {part.partner: part.micros for part in found.held} == {"pa": 1}


def test_what_then_remains_is_the_platforms_loss() -> None:
    held = holds("2026-11", p1=499_999)
    assert sources(taken(1_000_000, held=held)) == (0, 500_000, 0, 499_999, 1)
    assert sources(taken(1_000_000)) == (0, 500_000, 0, 0, 500_000)


def test_all_sources_in_their_order() -> None:
    found = taken(
        3_000_000,
        INTO_DECEMBER,
        carried=carries(oct=100_000, nov=200_000),
        held=[*holds("2026-10", p1=50_000), *holds("2026-11", p1=60_000, p2=40_000)],
    )
    assert sources(found) == (1_500_000, 750_000, 300_000, 150_000, 300_000)
    assert found.micros == 3_000_000


def test_a_refund_is_split_over_the_positive_lines_by_net() -> None:
    lines = (
        a_line("2026-11-01", "2026-12-01", net=-2_500_000, name="unused"),
        a_line("2026-11-01", "2026-12-01", net=2, name="a"),
        a_line("2026-11-01", "2026-12-01", net=1, name="b"),
    )
    found = taken(2, *lines, window="2026-11")
    assert {each.line_id: each.micros for each in found.lines} == {"a": 1, "b": 1}


def test_each_line_gives_back_by_the_share_of_its_own_tier() -> None:
    lines = (
        a_line("2026-11-01", "2026-12-01", net=3_000_000, name="a"),
        a_line("2026-11-01", "2026-12-01", net=3_000_000, tier="friend", name="b"),
    )
    found = taken(2_000_000, *lines, shares={"a": 5_000, "b": 6_667})
    assert (found.platform, found.loss) == (500_000 + 333_300, 500_000 + 666_700)


def test_a_line_that_was_taken_before_gives_only_what_is_left_of_it() -> None:
    before = [Taking("li1", "2026-12", 1_000_000)]
    found = taken(1_000_000, INTO_DECEMBER, takings=before)
    assert sources(found) == (500_000, 250_000, 0, 0, 250_000)


def test_a_second_refund_in_a_later_month_finds_what_the_first_left() -> None:
    first = taken(600_000, INTO_DECEMBER, window="2026-12")
    assert recognised_in(INTO_DECEMBER, "2026-12", first.takings()) == 900_000
    second = taken(600_000, INTO_DECEMBER, window="2027-01", takings=first.takings())
    assert sources(second) == (0, 300_000, 0, 0, 300_000)


def test_more_than_the_line_ever_brought_is_taken_from_the_others_in_order() -> None:
    found = taken(3_000_001, window="2026-11")
    assert (found.deferred, found.micros) == (3_000_000, 3_000_001)


A_GIFT = Returned("refund:re_1", MemberId("m1"), 5)


def test_a_gift_that_waits_to_be_redeemed_gives_what_is_deferred() -> None:
    assert sources(take_deferred(A_GIFT, window="2026-11", deferred=4)) == (4, 0, 0, 0, 1)


def test_the_share_is_that_of_the_newest_closed_month_that_recognised_some() -> None:
    assert share_month(INTO_DECEMBER, "2027-03", [], oldest="2026-01") == "2026-12"
    assert share_month(INTO_DECEMBER, "2026-12", [], oldest="2026-01") == "2026-11"
    assert share_month(INTO_DECEMBER, "2026-11", [], oldest="2026-01") == "2026-11"
    gone = [Taking("li1", "2026-12", 1_500_000)]
    assert share_month(INTO_DECEMBER, "2027-03", gone, oldest="2026-01") == "2026-11"


def test_what_failed_goes_back_to_where_it_came_from() -> None:
    before = carries(sep=400_000, nov=300_000)
    found = taken(1_000_000, carried=before)
    after = carried_after(before, found, back=False)
    assert after == (CarriedPart("2026-11", 200_000),)
    assert carried_after(after, found, back=True) == tuple(before)


def test_what_goes_back_pays_a_debt_first() -> None:
    found = taken(1_000_000, carried=carries(oct=500_000))
    assert carried_after(carries(nov=-200_000), found, back=True) == (CarriedPart("2026-10", 300_000),)
    assert carried_after(carries(nov=-600_000), found, back=True) == (CarriedPart("2026-11", -100_000),)
    assert carried_after(carries(nov=-500_000), found, back=True) == ()


def of_many_partners() -> TakenBack:
    partners = {f"p{number:03}": 1_000 for number in range(70)}
    return taken(140_000, INTO_DECEMBER, window="2027-01", held=holds("2026-12", **partners))


def test_many_partners_take_more_entries_its_own_the_last() -> None:
    found = of_many_partners()
    several = taken_pieces(found)
    assert [len(each.held) for each in several] == [HELD_MAX, 10, HELD_MAX]
    assert [each.entry.id for each in several] == ["refund:re_1:2", "refund:re_1:3", "refund:re_1"]
    assert max(len(each.entry.lines) for each in several) <= LINES_MAX
    sums = sums_of(each.entry for each in several)
    assert (sums["stripe"], sums["platform"], sums["held:p042"]) == (-140_000, 70_000, 1_000)


def test_one_partner_held_in_two_months_is_one_line() -> None:
    found = taken(1_000_000, held=[*holds("2026-10", p1=200_000), *holds("2026-11", p1=100_000)])
    (piece,) = taken_pieces(found)
    assert dict(piece.entry.lines)["held:p1"] == 300_000
    assert adjustments(found, back=False) == {"p1": -300_000}


def test_what_is_given_back_are_the_same_lines_back() -> None:
    failed = replace(of_many_partners(), given_back_as="refund:re_1:failed")
    several = back_pieces(failed)
    assert [each.entry.id for each in several] == [
        "refund:re_1:failed:2",
        "refund:re_1:failed:3",
        "refund:re_1:failed",
    ]
    entries = [each.entry for each in (*taken_pieces(failed), *several)]
    assert set(sums_of(entries).values()) == {0}


def test_a_lost_dispute_takes_what_was_disputed_and_a_late_win_gives_it_to_stripe() -> None:
    returned = Returned("dispute:du_1:lost", MemberId("m1"), 1_100, tax=100)
    lost = take_back(returned, window="2026-11", found=Found([NOVEMBER], [], {"li1": 5_000}, [], []))
    (piece,) = taken_pieces(lost)
    assert dict(piece.entry.lines) == {"disputed": -1_100, "tax:payable": 100, "dues:deferred": 1_000}
    (won,) = back_pieces(replace(lost, given_back_as="dispute:du_1:won"))
    assert dict(won.entry.lines) == {"stripe": 1_100, "tax:payable": -100, "dues:deferred": -1_000}


def test_what_was_taken_of_a_gift_before_it_was_redeemed_is_taken_of_its_line() -> None:
    gift = a_line("2027-01-10", "2027-02-10", net=3_100_000, open_from="2027-01", name="gift")
    refunded = Returned("refund:re_1", MemberId("m1"), 1_000_000)
    before = back(take_deferred(refunded, window="2026-11", deferred=3_100_000))
    found = before.placed([gift])
    assert sum(recognised_in(gift, month, found.takings()) for month in ("2027-01", "2027-02")) == 2_100_000
    assert before.placed([]) == before


CUT_OFF = at("2026-12-03")


def back(*taken_back: TakenBack, disputes: Sequence[Dispute] = ()) -> InvoiceBack:
    return InvoiceBack(taken_back, tuple(disputes))


def test_a_line_that_is_wholly_refunded_opens_no_reading() -> None:
    whole, almost = taken(3_000_000, window="2026-11"), taken(2_999_999, window="2026-11")
    assert not back(whole).counts_for_reading(NOVEMBER, "2026-11", CUT_OFF)
    assert back(almost).counts_for_reading(NOVEMBER, "2026-11", CUT_OFF)


def test_a_refund_after_the_cut_off_changes_nothing_for_the_month_before() -> None:
    assert back(taken(3_000_000, window="2026-12")).counts_for_reading(NOVEMBER, "2026-11", CUT_OFF)


def test_a_refund_that_failed_by_the_cut_off_was_none() -> None:
    whole = taken(3_000_000, window="2026-11")
    failed = replace(whole, given_back_in="2026-11")
    assert back(failed).counts_for_reading(NOVEMBER, "2026-11", CUT_OFF)


@pytest.mark.parametrize(
    ("dispute", "counts", "is_open"),
    [
        (Dispute("du", CUT_OFF - timedelta(milliseconds=1)), False, True),
        (Dispute("du", CUT_OFF), True, False),
        (Dispute("du", at("2026-11-20"), at("2026-12-01")), True, False),
        (Dispute("du", at("2026-11-20"), at("2026-12-01"), is_lost=True), False, False),
        (Dispute("du", at("2026-11-20"), CUT_OFF), False, True),
        (Dispute("du", at("2026-11-20"), CUT_OFF, is_lost=True), False, True),
    ],
    ids=["open", "opened too late", "won", "lost", "won too late", "lost too late"],
)
def test_a_dispute_bars_reading_while_it_is_open_and_when_it_is_lost(
    dispute: Dispute, counts: bool, is_open: bool
) -> None:
    assert back(disputes=[dispute]).counts_for_reading(NOVEMBER, "2026-11", CUT_OFF) == counts
    assert dispute.is_open(CUT_OFF) == is_open


amounts = st.integers(0, 5_000_000)
held_parts = st.lists(
    st.tuples(st.sampled_from(["2026-09", "2026-10", "2026-11"]), st.sampled_from("abcde"), amounts),
    unique_by=lambda part: part[:2],
)


@settings(deadline=None)
@given(
    micros=st.integers(0, 10**7),
    nets=st.lists(st.integers(-(10**6), 4 * 10**6), min_size=1, max_size=4).filter(lambda n: max(n) > 0),
    window=st.sampled_from(["2026-11", "2026-12", "2027-01"]),
    share=st.integers(0, 10_000),
    carried=st.lists(amounts.filter(bool), max_size=3),
    held=held_parts,
)
def test_nothing_is_taken_that_is_not_there_and_all_is_accounted_for(
    micros: int,
    nets: list[int],
    window: str,
    share: int,
    carried: list[int],
    held: list[tuple[str, str, int]],
) -> None:
    lines = [
        a_line("2026-11-16T14:00", "2026-12-16T14:00", net=net, name=f"l{number}")
        for number, net in enumerate(nets)
    ]
    carries = [CarriedPart(f"2026-{number + 1:02}", each) for number, each in enumerate(carried)]
    parts = [HeldPart(month, PartnerId(name), MemberId("m"), each) for month, name, each in held]
    shares = {line.id: share for line in lines}
    found = taken(micros, *lines, window=window, shares=shares, carried=carries, held=parts)
    assert found.micros == micros
    assert min(sources(found)) >= 0
    for line in lines:
        rest = [recognised_in(line, month, found.takings()) for month in ("2026-11", "2026-12", "2027-01")]
        assert line.net_micros <= 0 or min(rest) >= 0
    at_most = {(part.month, part.partner): part.micros for part in parts}
    assert all(0 < part.micros <= at_most[part.month, part.partner] for part in found.held)
    assert not found.held_micros or found.carried_micros == sum(carried)
    assert not found.loss or found.held_micros == sum(part.micros for part in parts)
    by_line = {line.id: line for line in lines}
    for each in found.lines:
        later = [month for month in ("2026-11", "2026-12", "2027-01") if month >= window]
        left = [recognised_in(by_line[each.line_id], month, found.takings()) for month in later]
        assert each.unrecognised == each.micros or sum(left) == 0
    still = carried_after(carries, found, back=False)
    assert sum(part.micros for part in still) == sum(carried) - found.carried_micros
    assert carried_after(still, found, back=True) == tuple(carries)
