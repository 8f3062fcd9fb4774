"""A young card's money waits, is let go once, and a minimum is kept."""

from chalicelib.earnings.rules.held import held_parts, is_held, is_released
from chalicelib.earnings.rules.pay import payable_minor
from chalicelib.earnings.rules.policy import EarningsPolicy
from chalicelib.earnings.rules.reads import MemberId, PartnerId
from chalicelib.earnings.rules.statement import Movements, Statement, stories_of
from tests.earnings.builders import a_computed_month, a_member, a_reading, a_story, at

POLICY = EarningsPolicy()
CUT_OFF = at("2026-12-03")


def test_a_card_is_young_for_sixty_days() -> None:
    assert is_held([at("2026-10-04T00:01")], cut_off=CUT_OFF, policy=POLICY)
    assert not is_held([at("2026-10-04")], cut_off=CUT_OFF, policy=POLICY)


def test_one_young_card_among_old_ones_is_enough() -> None:
    assert is_held([at("2020-01-01"), at("2026-11-30")], cut_off=CUT_OFF, policy=POLICY)
    assert not is_held([], cut_off=CUT_OFF, policy=POLICY)


def test_it_is_let_go_when_no_card_is_young_and_no_dispute_open() -> None:
    charges = [at("2026-11-01")]
    assert not is_released(charges, cut_off=CUT_OFF, policy=POLICY, in_dispute=False)
    assert is_released(charges, cut_off=at("2027-01-03"), policy=POLICY, in_dispute=False)
    assert not is_released(charges, cut_off=at("2027-01-03"), policy=POLICY, in_dispute=True)


def test_each_partners_part_of_what_a_member_gave_is_held() -> None:
    month = a_computed_month(
        a_reading("m1", "s1"),
        a_reading("m2", "s1"),
        a_reading("m1", "s2"),
        members=[a_member("m1", dues=40), a_member("m2", dues=20)],
        stories=[a_story("s1", shares={"p1": 6667, "p2": 3333}), a_story("s2", by="p2")],
    )
    held = {(part.partner, part.micros) for part in held_parts(month, [MemberId("m1")])}
    # s1 has 20 micros, 13 and 7 by its shares; m1 gave it 10: floor(6.5) and floor(3.5). And 10 to s2.
    assert held == {("p1", 6), ("p2", 13)}
    assert {part.month for part in held_parts(month, [MemberId("m1"), MemberId("m1")])} == {"2026-11"}


def test_of_nothing_nothing_is_held() -> None:
    month = a_computed_month(a_reading(), members=[a_member(dues=0)])
    assert held_parts(month, [MemberId("m1")]) == []


def test_less_than_the_minimum_is_not_paid() -> None:
    assert payable_minor(9_999_999, minimum_minor=1_000) == 0
    assert payable_minor(10_000_000, minimum_minor=1_000) == 1_000


def test_whole_cents_are_paid_and_the_rest_is_carried() -> None:
    assert payable_minor(12_345_678, minimum_minor=1_000) == 1_234
    assert payable_minor(9_999, minimum_minor=0) == 0
    assert payable_minor(-50_000, minimum_minor=0) == 0


def test_a_statement_says_what_came_from_where_and_where_it_went() -> None:
    month = a_computed_month(
        a_reading(story="s1"), a_reading(story="s2", seconds=30), stories=[a_story("s2", by="p1")]
    )
    rows = stories_of(month, PartnerId("p1"))
    assert [(row.story, row.reads, row.seconds) for row in rows] == [("s1", 1, 240), ("s2", 1, 30)]
    moved = Movements(balance_before_micros=9, held_micros=500_000, released_micros=20_000, paid_minor=200)
    statement = Statement("2026-11", "usd", 1, PartnerId("p1"), rows, moved)
    assert statement.earned_micros == 2_500_000
    assert statement.balance_after_micros == 9 + 2_500_000 - 500_000 + 20_000 - 2_000_000
