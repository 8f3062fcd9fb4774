"""Mistakes of the close, and of what it computes."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from infra.simulator.mutants import Change, everywhere, mutant


@mutant
def dues_are_rounded_up() -> Iterator[Change]:
    from chalicelib.earnings.rules import dues

    real = dues.recognised_by
    yield from everywhere(
        real, lambda line, day: real(line, day) and min(real(line, day) + 1, line.net_micros)
    )


@mutant
def a_month_closes_without_its_cut_off() -> Iterator[Change]:
    from chalicelib.earnings.rules import chain

    real = chain.first_open_at
    yield from everywhere(real, lambda recorded, hours: real(recorded - timedelta(days=3), hours))


@mutant
def a_new_card_is_not_held() -> Iterator[Change]:
    from chalicelib.earnings.rules import held

    yield from everywhere(held.is_held, lambda charges, **more: False)


@mutant
def released_while_disputed() -> Iterator[Change]:
    from chalicelib.earnings.rules import held

    real = held.is_released

    def is_released(charges: Any, **more: Any) -> bool:
        return real(charges, **more | {"in_dispute": False})

    yield from everywhere(real, is_released)


@mutant
def released_and_still_held() -> Iterator[Change]:
    from chalicelib.earnings.records import forward

    yield from everywhere(forward.let_go, lambda *rest, **more: None)


@mutant
def nothing_is_held_for_a_refund_to_take() -> Iterator[Change]:
    from chalicelib.earnings.records import forward

    yield from everywhere(forward.hold, lambda *rest, **more: None)


@mutant
def what_is_carried_is_forgotten() -> Iterator[Change]:
    from chalicelib.earnings.records import forward

    yield from everywhere(forward.carry, lambda *rest, **more: None)


@mutant
def all_that_was_carried_is_split_at_once() -> Iterator[Change]:
    from chalicelib.earnings.rules import carry

    yield from everywhere(carry.available_micros, lambda own, carried: own + carried)


@mutant
def the_platform_takes_what_is_left_over() -> Iterator[Change]:
    from chalicelib.earnings.rules import dues
    from chalicelib.kit.money import BPS

    def own_micros(policy: Any, dues_micros: Any) -> int:
        shares = policy.partner_share_bps
        return sum(-(-micros * shares[tier] // BPS) for tier, micros in dues_micros.items())

    yield from everywhere(dues.own_micros, own_micros)


@mutant
def reading_counts_without_end() -> Iterator[Change]:
    from chalicelib.earnings.rules.points import QualifiedRead

    yield QualifiedRead, "ratio_bps", lambda self, policy: 10_000


@mutant
def a_statement_says_a_little_more() -> Iterator[Change]:
    from chalicelib.earnings.rules.sheets import Sheet

    real = Sheet.__init__

    def init(self: Any, *rest: Any, **more: Any) -> None:
        real(self, *rest, **more)
        object.__setattr__(self, "earned_micros", self.earned_micros + 1)

    yield Sheet, "__init__", init
