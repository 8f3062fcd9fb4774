"""Mistakes of gifts, trials, withdrawals, and of what partners are told of their banks."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from infra.simulator.mutants import Change, everywhere, mutant, often


@mutant
def gifts_run_side_by_side() -> Iterator[Change]:
    from chalicelib.members import gift_rules

    real = gift_rules.period
    yield often("gives", "redeems")
    yield from everywhere(real, lambda gift, others, at: real(gift, (), at))


@mutant
def a_gift_brings_its_tax_too() -> Iterator[Change]:
    from chalicelib.members import gift_rules

    real = gift_rules.line
    yield often("gives", "redeems")

    def line(gift: Any, payment: Any, given: Any, **more: Any) -> Any:
        return replace(real(gift, payment, given, **more), net_micros=payment.cash_micros)

    yield from everywhere(real, line)


@mutant
def a_gift_that_was_paid_back_is_good() -> Iterator[Change]:
    from chalicelib.members import gift_rules

    yield often("gives", "gets_money_back")
    yield from everywhere(gift_rules.is_void, lambda payment, backs: False)


@mutant
def who_withdraws_stays_a_member() -> Iterator[Change]:
    from chalicelib.members import keeping

    yield often("joins", "withdraws")
    yield keeping, "is_live", lambda subscription, person_id: False


@mutant
def who_withdraws_gets_nothing_back() -> Iterator[Change]:
    from chalicelib.members import giving_back

    yield often("joins", "withdraws")
    yield giving_back, "give_back", lambda invoice_id, at: True


@mutant
def a_card_may_be_tried_again() -> Iterator[Change]:
    from chalicelib.members import trials
    from infra.simulator import history

    yield history, "TRIALS_DAYS", (30,)
    yield trials, "judge", lambda subscription, person_id, at: True


@mutant
def an_end_is_not_noted() -> Iterator[Change]:
    from chalicelib.members import rules

    real = rules.standing
    yield often("ends_or_keeps")
    yield from everywhere(real, lambda subscribed: replace(real(subscribed), cancels=False))


@mutant
def a_bank_that_was_paid_at_last_is_still_waited_for() -> Iterator[Change]:
    from chalicelib.earnings.records import troubles

    yield often("partners_bank_is_paid", "partners_bank_sends_back")
    yield troubles, "end", lambda partner: None


@mutant
def nobody_hears_what_a_partners_bank_sent_back() -> Iterator[Change]:
    from chalicelib.earnings.records import troubles

    yield often("partners_bank_is_paid", "partners_bank_sends_back")
    yield troubles, "note", lambda trouble: None
