"""Mistakes of membership, refunds and disputes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from infra.simulator.mutants import Change, everywhere, mutant, writes


@mutant
def an_event_is_done_before_anything_is() -> Iterator[Change]:
    """And the nightly comparison, which would find what is missing, looks at nothing."""
    from chalicelib.members import comparing
    from chalicelib.members.records import events

    real = events.note

    def note(event_id: str, event_type: str, at: Any) -> bool:
        fresh = real(event_id, event_type, at)
        events.mark_done(event_id, at)
        return fresh

    yield events, "note", note
    yield comparing, "compare", lambda kind, span, at: ""


@mutant
def the_first_told_is_believed_for_ever() -> Iterator[Change]:
    from chalicelib.members import keeping

    real = keeping.refresh

    def refresh(person_id: str) -> Any:
        before = keeping.membership(person_id)
        return before if before.state == "active" else real(person_id)

    yield from everywhere(real, refresh)


@mutant
def the_tax_of_a_refund_is_kept() -> Iterator[Change]:
    from chalicelib.members import rules

    yield from everywhere(rules.tax_back_micros, lambda back, **more: 0)


@mutant
def tax_counts_as_dues() -> Iterator[Change]:
    from chalicelib.members import rules

    real = rules.net_micros
    yield from everywhere(real, lambda amount, **more: real(amount + 1, **more))


@mutant
def granted_credit_is_money() -> Iterator[Change]:
    from chalicelib.earnings.rules import ledger

    real = ledger.payment_entry
    yield from everywhere(real, lambda paid: real(replace(paid, cash=paid.cash + paid.credit_used + 10_000)))


@mutant
def a_refund_is_booked_in_a_closed_month() -> Iterator[Change]:
    from chalicelib.earnings.dues import refunding
    from chalicelib.earnings.records import months
    from chalicelib.earnings.rules.months import month_after

    real = refunding._window
    yield refunding, "_window", lambda case, known: month_after(real(case, known), -1)
    yield from everywhere(months.require_unsealed, lambda transaction, month: None)


@mutant
def a_failed_refund_gives_nothing_back() -> Iterator[Change]:
    from chalicelib.earnings.dues import refunding

    yield refunding, "_give_back", lambda case, taken, at: True


@mutant
def a_dispute_takes_half() -> Iterator[Change]:
    from chalicelib.earnings.rules import ledger

    real = ledger.dispute_opened_entry
    yield from everywhere(real, lambda name, micros: real(name, micros // 2))


@mutant
def a_refund_takes_nothing_of_what_is_held() -> Iterator[Change]:
    from chalicelib.earnings.records import forward

    yield from everywhere(forward.take_held, lambda *rest, **more: None)


@mutant
def a_payment_is_kept_on_no_condition() -> Iterator[Change]:
    from chalicelib.members.records import dues

    yield dues, "is_kept", lambda invoice_id: False
    yield writes("save", unguarded="PaymentRecord")
