"""Withholding: a rate by a document, a line of its own in the ledger, and what is handed on."""

from datetime import timedelta

import pytest

from chalicelib.earnings import service
from chalicelib.earnings.books import ledger
from chalicelib.earnings.pay import deciding, partners, paying, standings, withholding
from chalicelib.earnings.records import payouts as records
from chalicelib.earnings.records import sheets
from chalicelib.earnings.rules.ledger import Entry
from chalicelib.earnings.rules.pay import payout_due
from chalicelib.earnings.rules.reads import PartnerId
from chalicelib.earnings.rules.sheets import Sheet
from chalicelib.earnings.rules.withholding import withheld_minor
from chalicelib.kit import table
from chalicelib.kit.refusals import Conflict, Invalid, NotFound
from tests.earnings.arranging import (
    LATER,
    MONTH,
    NOW,
    a_closed_month,
    a_partner,
    books_agree,
    owed,
    sent_to,
)
from tests.stripe_stand_in import Here

BY = "keeper"


def taxed(here: Here, rate_bps: int = 3_000, micros: int = 12_345_678) -> str:
    here.control("topup", amount=100_000)
    partner = a_partner(here)
    owed(partner, micros)
    a_closed_month()
    withhold(partner, rate_bps)
    return partner


def withhold(partner: str, rate_bps: int, authority: str = "us-irs", reference: str = "W-8BEN") -> None:
    withholding.set_rate(partner, rate_bps, BY, NOW, authority=authority, reference=reference)


def remit(name: str, amount_minor: int, authority: str = "us-irs") -> None:
    withholding.remit(name, amount_minor, BY, LATER, authority=authority, reference="form 1042")


@pytest.mark.parametrize(
    ("paid", "rate", "withheld"),
    [(1234, 3_000, 370), (1, 9_999, 0), (10_000, 9_999, 9_999), (1_000, 0, 0), (999, 1, 0), (3, 3_333, 0)],
)
def test_what_is_withheld_is_floored_to_whole_minor_units(paid: int, rate: int, withheld: int) -> None:
    assert withheld_minor(paid, rate) == withheld


def test_the_pay_entry_has_a_line_of_its_own_for_the_authority(aws: None, here: Here) -> None:
    partner = taxed(here)
    assert paying.pay_here(MONTH, NOW) == 1
    lines = (("stripe", -8_640_000), (f"partner:{partner}", 12_340_000), ("withheld:us-irs", -3_700_000))
    assert ledger.entry(f"pay:{MONTH}:{partner}") == Entry(f"pay:{MONTH}:{partner}", tuple(sorted(lines)))
    assert sent_to(here, partner) == [864]
    assert ledger.balance_micros(f"partner:{partner}") == -5_678
    books_agree(here)


def test_whatever_the_rate_something_is_sent(aws: None, here: Here) -> None:
    partner = taxed(here, rate_bps=9_999, micros=10_000_000)
    paying.pay_here(MONTH, NOW)
    assert sent_to(here, partner) == [1]
    books_agree(here)


def test_the_statement_and_the_payout_show_it(aws: None, here: Here) -> None:
    partner = taxed(here)
    sheet = Sheet(MONTH, PartnerId(partner), 1, (), earned_micros=12_345_678)
    sheets.keep("statement", sheet, "2026-12-04T08:00:00.000Z")
    paying.pay_here(MONTH, NOW)
    paper = service.statement(partner, MONTH)
    assert paper.statement.movements.paid_minor == 864
    assert paper.statement.movements.withheld_minor == 370
    (payout,) = paper.payouts
    assert (payout.sent_minor, payout.withheld_minor, payout.authority) == (864, 370, "us-irs")


def test_a_rate_is_dated_and_its_history_is_kept(aws: None, here: Here) -> None:
    partner = taxed(here, 3_000)
    later = NOW + timedelta(days=1)
    withholding.set_rate(partner, 1_000, "other", later, authority="us-irs", reference="W-8BEN of December")
    found = withholding.history(partner)
    assert [(each.rate_bps, each.set_by, each.version) for each in found] == [
        (3_000, BY, 1),
        (1_000, "other", 2),
    ]
    assert found[1].set_at == "2026-12-05T08:00:00.000Z"
    assert table.fetch_one(withholding.wanted_withholding(partner)) == found[1]


def test_the_same_rate_again_changes_nothing(aws: None, here: Here) -> None:
    partner = taxed(here)
    withhold(partner, 3_000)
    assert len(withholding.history(partner)) == 1


def test_a_rate_may_end_and_still_names_its_document(aws: None, here: Here) -> None:
    partner = taxed(here)
    withhold(partner, 0, authority="", reference="treaty, article 12")
    paying.pay_here(MONTH, NOW)
    assert sent_to(here, partner) == [1234]


def test_what_was_decided_keeps_its_rate(aws: None, here: Here) -> None:
    partner = taxed(here)
    deciding.decide(MONTH, NOW)
    withhold(partner, 0)
    paying.pay_here(MONTH, NOW)
    assert sent_to(here, partner) == [864]
    books_agree(here)


def test_a_rate_that_changes_while_it_is_decided_is_the_one_that_counts(aws: None, here: Here) -> None:
    partner = taxed(here)
    seen = standings.standing(MONTH, partner)
    withhold(partner, 1_000)
    payout = payout_due(seen, "2026-12-04T08:00:00.000Z")
    assert payout
    with pytest.raises(table.Refused):
        records.decide(payout, seen)
    (decided,) = deciding.decide(MONTH, NOW)
    assert decided.withheld_minor == 123


@pytest.mark.parametrize(
    ("rate", "authority", "reference", "says"),
    [
        (-1, "us-irs", "W-8BEN", "0 to 9999"),
        (10_000, "us-irs", "W-8BEN", "0 to 9999"),
        (3_000, "", "W-8BEN", "Name the authority"),
        (3_000, "US IRS", "W-8BEN", "small letters"),
        (3_000, "us:irs", "W-8BEN", "small letters"),
        (3_000, "-irs", "W-8BEN", "small letters"),
        (3_000, "us-irs", " ", "Name the document"),
        (3_000, "us-irs", "x" * 201, "Name the document"),
    ],
)
def test_a_rate_out_of_bounds_is_refused(
    aws: None, here: Here, rate: int, authority: str, reference: str, says: str
) -> None:
    partner = a_partner(here)
    with pytest.raises(Invalid, match=says):
        withhold(partner, rate, authority, reference)


def test_who_is_no_partner_has_no_rate(aws: None) -> None:
    with pytest.raises(NotFound):
        withhold("nobody", 3_000)


def test_what_was_withheld_is_handed_on_from_the_bank(aws: None, here: Here) -> None:
    taxed(here)
    paying.pay_here(MONTH, NOW)
    remit("q4", 300)
    assert ledger.balance_micros("withheld:us-irs") == -700_000
    assert ledger.balance_micros("bank") == -3_000_000
    books_agree(here)


def test_a_remittance_is_booked_once_by_its_key(aws: None, here: Here) -> None:
    taxed(here)
    paying.pay_here(MONTH, NOW)
    remit("q4", 300)
    remit("q4", 300)
    assert withholding.withheld("us-irs") == 700_000
    with pytest.raises(Conflict, match="under this key"):
        remit("q4", 50)


def test_no_more_is_handed_on_than_is_owed(aws: None, here: Here) -> None:
    taxed(here)
    paying.pay_here(MONTH, NOW)
    with pytest.raises(Conflict, match=r"Only 3\.70 is owed to us-irs"):
        remit("q4", 371)
    with pytest.raises(Conflict, match=r"Only 0\.00 is owed to de-finanzamt"):
        remit("q5", 1, "de-finanzamt")
    with pytest.raises(Conflict, match="members"):
        remit("q6", 1, "")
    with pytest.raises(Invalid, match="minor units"):
        remit("q7", 0)
    assert ledger.entry("remit:q4") is None


def test_of_two_who_hand_on_the_same_money_at_once_one_is_refused(
    aws: None, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    taxed(here)
    paying.pay_here(MONTH, NOW)
    owed_before, meanwhile = withholding.withheld, ["q4"]

    def another_is_faster(authority: str) -> int:
        found = owed_before(authority)
        if meanwhile:
            remit(meanwhile.pop(), 370)
        return found

    monkeypatch.setattr(withholding, "withheld", another_is_faster)
    with pytest.raises(Conflict, match="at this moment"):
        remit("q5", 370)
    assert ledger.balance_micros("withheld:us-irs") == 0
    assert ledger.entry("remit:q5") is None
    with pytest.raises(Conflict, match="Only"):
        remit("q5", 370)


def test_who_leaves_is_withheld_from_too(aws: None, here: Here) -> None:
    partner = taxed(here, micros=1_000_000)
    partners.leave(partner, confirmed=True, at=NOW)
    paying.pay_here(MONTH, NOW)
    assert sent_to(here, partner) == [70]
    assert ledger.balance_micros("withheld:us-irs") == -300_000
    books_agree(here)
