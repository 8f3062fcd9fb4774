"""Mistakes of paying, and of the ledger."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from infra.simulator.mutants import Change, everywhere, mutant, named, writes


@mutant
def a_transfer_has_no_key_that_lasts() -> Iterator[Change]:
    from chalicelib.kit import ids
    from chalicelib.kit.stripe_partners import PartnersBank

    real = PartnersBank.transfer

    def transfer(self: Any, amount_minor: int, *, to: str, group: str, key: str) -> Any:
        return real(self, amount_minor, to=to, group=group, key=f"{key}{ids.new()}")

    yield PartnersBank, "transfer", transfer
    yield PartnersBank, "find_transfers", lambda self, group, to="": ()


@mutant
def the_attempt_rises_after_a_timeout_and_nobody_looks() -> Iterator[Change]:
    from chalicelib.earnings.records import payouts
    from chalicelib.kit.stripe_partners import PartnersBank

    yield payouts, "leave", lambda payout: payouts.refuse(payout, code="unknown", why="No answer.")
    yield PartnersBank, "find_transfers", lambda self, group, to="": ()


@mutant
def nobody_looks_after_a_day() -> Iterator[Change]:
    from chalicelib.earnings.pay import paying

    yield paying, "_sent_before", lambda payout, at: paying._send(payout, at)


@mutant
def marked_sent_before_it_is_sent() -> Iterator[Change]:
    from chalicelib.earnings.pay import paying

    real = paying._send

    def send(payout: Any, at: Any) -> Any:
        booked = paying._book(payout, "unknown", at)
        real(payout, at)
        return booked

    yield paying, "_send", send


@mutant
def a_cent_more_than_is_owed() -> Iterator[Change]:
    from chalicelib.earnings.rules import pay

    real = pay.payable_minor
    yield from everywhere(real, lambda *rest, **more: real(*rest, **more) and real(*rest, **more) + 1)


@mutant
def what_is_on_its_way_is_not_reserved() -> Iterator[Change]:
    reserving = named("ReserveRecord")
    yield writes("update", without=lambda model, more: reserving(model, more) and "condition" in more)


@mutant
def withheld_is_sent_all_the_same() -> Iterator[Change]:
    from chalicelib.earnings.rules.payouts import Payout

    yield Payout, "sent_minor", property(lambda payout: payout.amount_minor)


@mutant
def all_of_a_transfer_comes_back_where_some_did() -> Iterator[Change]:
    from chalicelib.kit import stripe_books_values

    real = stripe_books_values.read_reversal
    yield from everywhere(real, lambda thing: replace(real(thing), amount_minor=real(thing).amount_minor + 1))


@mutant
def an_entry_is_written_on_no_condition() -> Iterator[Change]:
    yield writes("save", unguarded="EntryRecord")
    from chalicelib.earnings.dues import booking

    yield booking, "wanted_entry", lambda name: _nothing(name)


def _nothing(name: str) -> Any:
    from chalicelib.earnings.records.ledger import wanted_entry

    return replace(wanted_entry(name), read=lambda item: None)


@mutant
def a_balance_is_not_moved() -> Iterator[Change]:
    yield writes("update", without=named("BalanceRecord", "platform"))


@mutant
def an_entry_is_not_in_the_journal() -> Iterator[Change]:
    yield writes("save", without=named("JournalRecord", "refund"))


@mutant
def everything_is_sealed_again() -> Iterator[Change]:
    from chalicelib.earnings.records import seals

    yield seals, "batches", lambda journal: iter(())


@mutant
def a_fee_is_booked_twice() -> Iterator[Change]:
    from chalicelib.earnings.rules import ledger

    real = ledger.fee_entry
    yield from everywhere(real, lambda transaction, micros: real(transaction, 2 * micros))
