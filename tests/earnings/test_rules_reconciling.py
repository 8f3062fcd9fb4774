"""Which entry each movement at Stripe must have, and what is said where it has not."""

from datetime import UTC, datetime

import pytest

from chalicelib.earnings.rules.ledger import Entry, entry
from chalicelib.earnings.rules.reconciling import (
    Difference,
    Report,
    booked_here,
    compare,
    entry_of,
    expected,
)
from chalicelib.kit.stripe_books_values import Movement

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def moved(kind: str, source: str = "x_1", amount: int = 100, *, fee: int = 0, **more: str) -> Movement:
    category = more.pop("category", kind)
    return Movement("txn_1", kind, category, source, amount, fee, amount - fee, NOW, more.get("group", ""))


@pytest.mark.parametrize(
    ("movement", "name"),
    [
        (moved("refund", "re_1", -5), "refund:re_1"),
        (moved("payment_refund", "re_1", -5), "refund:re_1"),
        (moved("refund_failure", "re_1"), "refund:re_1:failed"),
        (moved("adjustment", "du_1", -5, category="dispute"), "dispute:du_1:opened"),
        (moved("adjustment", "du_1", category="dispute_reversal"), "dispute:du_1:won"),
        (moved("transfer", "tr_1", -5, group="pay:2026-11:p"), "pay:2026-11:p"),
        (moved("transfer", "tr_1", -5, group="pay:leave:2026-11:p"), "pay:leave:2026-11:p"),
        (moved("transfer_refund", "trr_1"), "reversal:trr_1"),
        (moved("payout", "po_1", -5), "payout:po_1"),
        (moved("payout_failure", "po_1"), "payout:po_1:failed"),
        (moved("payout_cancel", "po_1"), "payout:po_1:failed"),
        (moved("topup", "tu_1"), "topup:tu_1"),
        (moved("topup_reversal", "tu_1", -5), "payout:tu_1"),
        (moved("stripe_fee", "", -5), "fee:txn_1"),
    ],
)
def test_each_kind_has_its_entry(movement: Movement, name: str) -> None:
    assert entry_of(movement) == name


@pytest.mark.parametrize(
    "movement",
    [
        moved("adjustment", "x_1", category="other_adjustment"),
        moved("reserve_hold", "x_1"),
        moved("contribution", "x_1"),
        moved("transfer", "tr_1", -5, group="somebody's own"),
        moved("charge", "ch_1"),
        moved("refund", "", -5),
    ],
)
def test_of_what_nobody_can_say_which_nothing_is_made_up(movement: Movement) -> None:
    assert entry_of(movement) == ""
    assert booked_here(movement) is None
    assert [each.entry for each in compare(movement, expected(movement), {})] == [""]


def test_a_charge_is_the_payment_that_we_know_it_to_be() -> None:
    charge = moved("charge", "ch_1", 500, fee=44)
    assert expected(charge, "payment:in_1") == {"payment:in_1": 5_000_000, "fee:txn_1": -440_000}


@pytest.mark.parametrize(
    ("movement", "lines"),
    [
        (moved("payout", "po_1", -100), {"bank": 1_000_000, "stripe": -1_000_000}),
        (moved("payout_failure", "po_1", 100), {"bank": -1_000_000, "stripe": 1_000_000}),
        (moved("topup", "tu_1", 100), {"bank": -1_000_000, "stripe": 1_000_000}),
        (moved("topup_reversal", "tu_1", -100), {"bank": 1_000_000, "stripe": -1_000_000}),
        (moved("stripe_fee", "", -100), {"fees": 1_000_000, "stripe": -1_000_000}),
        (moved("stripe_fee", "", 100), {"fees": -1_000_000, "stripe": 1_000_000}),
    ],
)
def test_what_is_booked_here_is_what_is_then_expected(movement: Movement, lines: dict[str, int]) -> None:
    made = booked_here(movement)
    assert made
    assert dict(made.lines) == lines
    assert list(compare(movement, expected(movement), {made.id: made})) == []


def test_what_others_book_is_left_to_them() -> None:
    for kind in ("charge", "refund", "refund_failure", "adjustment", "transfer", "transfer_refund"):
        assert booked_here(moved(kind)) is None


def written(name: str, micros: int) -> dict[str, Entry]:
    made = entry(name, {"stripe": micros, "platform": -micros})
    assert made
    return {name: made}


def test_another_amount_is_named_with_both() -> None:
    refund = moved("refund", "re_1", -100)
    found = list(compare(refund, expected(refund), written("refund:re_1", -999_999)))
    assert found == [Difference("another amount", "txn_1", "refund:re_1", -1_000_000, -999_999)]
    assert found[0].micros == 1


def test_a_report_says_what_it_cannot_explain() -> None:
    named = Difference("no entry", "txn_1", "", 100, 0)
    report = Report("2026-11-24", "", ledger_micros=850, stripe_micros=1000, differences=(named,))
    assert report.unexplained_micros == -50
    assert not report.agrees


def test_it_agrees_only_if_nothing_is_named() -> None:
    both = (Difference("no movement", "", "a", 0, 5), Difference("no movement", "", "b", 0, -5))
    assert not Report("2026-11-24", "", 1000, 1000, both).agrees
    assert Report("2026-11-24", "", 1000, 1000).agrees
