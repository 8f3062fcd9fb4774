"""Each row of the ledger's table: its id, its lines and their signs, and that it is written once."""

from datetime import UTC, datetime

import pytest

from chalicelib.earnings.books import ledger
from chalicelib.earnings.rules import ledger as rules
from chalicelib.earnings.rules.ledger import DISPUTED, ENTRY_KINDS, STRIPE, Entry, TakenParts, Unbalanced
from chalicelib.earnings.rules.reads import MemberId, PartnerId
from chalicelib.earnings.rules.taking import Returned, TakenBack
from chalicelib.earnings.rules.takings import taken_pieces
from chalicelib.kit import ids

AT = datetime(2026, 11, 24, 8, tzinfo=UTC)
ANNA, MAREN = MemberId("anna"), PartnerId("maren")
TAKEN = TakenParts(deferred=4, platform=3, carried=2, held={"maren": 5, "pia": 1}, loss=6)
PAID = rules.Payment("in_1", ANNA, cash=120, tax=20, credit_used=7, nets=104)
REFUND = rules.refund_entry("refund:re_1", source=STRIPE, gross=25, tax=4, member=ANNA, parts=TAKEN)
assert REFUND
MORE = rules.more_held_entry("refund:re_1:2", {"maren": 5})
assert MORE


def a_taking(name: str, *, gross: int, deferred: int) -> Entry:
    (piece,) = taken_pieces(TakenBack(Returned(name, ANNA, gross, 4), "2026-11", deferred=deferred))
    return piece.entry


TABLE: dict[str, tuple[Entry | None, dict[str, int]]] = {
    "payment:in_1": (
        rules.payment_entry(PAID),
        {"stripe": 120, "tax:payable": -20, "credit:anna": 7, "dues:deferred": -104, "platform": -3},
    ),
    "fee:txn_1": (rules.fee_entry("txn_1", 9), {"fees": 9, "stripe": -9}),
    "payout:po_1": (rules.payout_entry("po_1", 3), {"bank": 30_000, "stripe": -30_000}),
    "payout:po_1:failed": (rules.payout_failed_entry("po_1", 3), {"bank": -30_000, "stripe": 30_000}),
    "topup:tu_1": (rules.topup_entry("tu_1", 3), {"bank": -30_000, "stripe": 30_000}),
    "remit:1": (rules.remit_entry("1", 3), {"tax:payable": 30_000, "bank": -30_000}),
    "close:2026-11:platform": (
        rules.close_platform_entry("2026-11", 8),
        {"dues:deferred": 8, "platform": -8},
    ),
    "close:2026-11:maren": (
        rules.close_partner_entry("2026-11", MAREN, earned=10, held=4),
        {"dues:deferred": 10, "partner:maren": -6, "held:maren": -4},
    ),
    "close:2026-11:member:anna": (
        rules.close_member_entry("2026-11", ANNA, carried_in=3, carried_out=10),
        {"dues:deferred": 7, "carried:anna": -7},
    ),
    "release:2026-11:maren": (
        rules.release_entry("2026-11", MAREN, 4),
        {"held:maren": 4, "partner:maren": -4},
    ),
    "commons:2026-11:anna": (rules.commons_entry("2026-11", ANNA, 4), {"carried:anna": 4, "commons": -4}),
    "grant:g1": (rules.grant_entry("g1", MAREN, 4), {"commons": 4, "partner:maren": -4}),
    "pay:2026-11:maren": (
        rules.pay_entry("2026-11", MAREN, 10, withheld_minor=3, authority="us"),
        {"partner:maren": 100_000, "stripe": -70_000, "withheld:us": -30_000},
    ),
    "pay:leave:2026-11:maren": (
        rules.leave_entry("2026-11", MAREN, 10),
        {"partner:maren": 100_000, "stripe": -100_000},
    ),
    "reversal:trr_1": (
        rules.reversal_entry("trr_1", MAREN, 4),
        {"stripe": 40_000, "partner:maren": -40_000},
    ),
    "refund:re_1": (
        REFUND,
        {
            "stripe": -25,
            "tax:payable": 4,
            "dues:deferred": 4,
            "platform": 3,
            "carried:anna": 2,
            "held:maren": 5,
            "held:pia": 1,
            "loss": 6,
        },
    ),
    "refund:re_1:failed": (
        rules.refund_failed_entry("re_1", REFUND),
        {
            "stripe": 25,
            "tax:payable": -4,
            "dues:deferred": -4,
            "platform": -3,
            "carried:anna": -2,
            "held:maren": -5,
            "held:pia": -1,
            "loss": -6,
        },
    ),
    "repaid:in_1": (
        a_taking("repaid:in_1", gross=25, deferred=21),
        {"bank": -25, "tax:payable": 4, "dues:deferred": 21},
    ),
    "credit:in_1": (
        a_taking("credit:in_1", gross=-25, deferred=-29),
        {"credit:anna": 25, "tax:payable": 4, "dues:deferred": -29},
    ),
    "dispute:du_1:opened": (rules.dispute_opened_entry("du_1", 25), {"disputed": 25, "stripe": -25}),
    "dispute:du_1:won": (rules.dispute_won_entry("du_1", 25), {"disputed": -25, "stripe": 25}),
    "dispute:du_1:lost": (
        rules.dispute_lost_entry("du_1", gross=25, tax=4, member=ANNA, parts=TAKEN),
        {
            "disputed": -25,
            "tax:payable": 4,
            "dues:deferred": 4,
            "platform": 3,
            "carried:anna": 2,
            "held:maren": 5,
            "held:pia": 1,
            "loss": 6,
        },
    ),
    "refund:re_1:2": (MORE, {"loss": -5, "held:maren": 5}),
    "refund:re_1:failed:2": (
        rules.reversed_entry("refund:re_1:failed:2", MORE),
        {"loss": 5, "held:maren": -5},
    ),
    "repaid:in_1:2": (
        rules.more_held_entry("repaid:in_1:2", {"maren": 5}),
        {"loss": -5, "held:maren": 5},
    ),
    "credit:in_1:2": (
        rules.more_held_entry("credit:in_1:2", {"maren": 5}),
        {"loss": -5, "held:maren": 5},
    ),
    "dispute:du_1:lost:2": (
        rules.more_held_entry("dispute:du_1:lost:2", {"maren": 5}),
        {"loss": -5, "held:maren": 5},
    ),
    "dispute:du_1:won:2": (
        rules.reversed_entry("dispute:du_1:won:2", MORE),
        {"loss": 5, "held:maren": -5},
    ),
    "ended:2026-11:anna": (rules.ended_entry("2026-11", ANNA, 4), {"loss": 4, "carried:anna": -4}),
    "adjust:a1": (
        rules.adjust_entry("a1", MAREN, -4, cause="struck"),
        {"partner:maren": 4, "commons": -4},
    ),
    "writeoff:2026-11:maren": (
        rules.writeoff_entry("2026-11", MAREN, 4),
        {"loss": 4, "partner:maren": -4},
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_a_row_of_the_table_has_its_id_and_its_signs(name: str) -> None:
    made, lines = TABLE[name]
    assert made is not None
    assert made.id == name
    assert dict(made.lines) == lines
    assert sum(lines.values()) == 0


def test_every_kind_of_entry_is_in_this_table() -> None:
    found = [rules.kind_of(name) for name in TABLE]
    assert found == list(ENTRY_KINDS)


def test_a_correction_may_name_its_cause_and_whom_it_is_for() -> None:
    kind = rules.kind_of("adjust:strike1:maren")
    assert kind is not None
    assert kind.form == "adjust:{id}"


def test_an_id_of_no_kind_is_known_as_such() -> None:
    assert rules.kind_of("pay:2026-11") is None
    assert rules.kind_of("gift:1") is None
    assert rules.kind_of("payment:in_1:again") is None


def test_what_was_withheld_is_remitted_to_whom_it_is_owed() -> None:
    made = rules.remit_entry("2", 3, authority="us")
    assert made is not None
    assert dict(made.lines) == {"withheld:us": 30_000, "bank": -30_000}


def test_our_own_mistake_is_made_good_by_the_platform() -> None:
    made = rules.adjust_entry("a2", MAREN, 4, cause="ours")
    assert made is not None
    assert dict(made.lines) == {"platform": 4, "partner:maren": -4}


def test_credit_that_an_invoice_made_is_owed_to_its_member() -> None:
    made = rules.payment_entry(rules.Payment("in_2", ANNA, cash=0, tax=0, credit_used=-5, nets=-5))
    assert made is not None
    assert dict(made.lines) == {"credit:anna": -5, "dues:deferred": 5}


def test_parts_that_are_not_all_that_was_refunded_are_refused() -> None:
    with pytest.raises(Unbalanced):
        rules.refund_entry("refund:re_2", source=DISPUTED, gross=26, tax=4, member=ANNA, parts=TAKEN)


def test_an_account_that_the_ledger_does_not_have_is_refused() -> None:
    with pytest.raises(Unbalanced, match="no account"):
        Entry("adjust:1", (("partner:", 4), ("platform", -4)))


@pytest.mark.parametrize("name", TABLE)
def test_an_entry_is_written_once_and_never_otherwise(aws: None, name: str) -> None:
    made, lines = TABLE[name]
    assert made is not None
    assert ledger.post(made, AT)
    assert not ledger.post(made, AT.replace(month=12))
    other = Entry(name, tuple((account, 2 * micros) for account, micros in made.lines))
    with pytest.raises(ledger.Contradiction):
        ledger.post(other, AT)
    assert ledger.entry(name) == made
    assert ledger.trial_balance() == dict(sorted(lines.items()))


def test_whatever_is_posted_twice_the_ledger_sums_to_zero(aws: None) -> None:
    for made, _ in [*TABLE.values(), *reversed(TABLE.values())]:
        ledger.post(made, AT)
    assert sum(ledger.trial_balance().values()) == 0
    assert ledger.differences(["2026-11"]) == []
    assert len(list(ledger.entries("2026-11"))) == len(TABLE)


def test_an_entry_that_is_not_there_is_none(aws: None) -> None:
    assert ledger.entry(f"payment:{ids.new()}") is None
