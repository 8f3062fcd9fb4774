"""Changing a membership over HTTP: another plan at its price, an end, a withdrawal, what is paid and was."""

from typing import Literal

import msgspec

from chalicelib.kit import clock
from chalicelib.kit.http import Ask, Nothing, Routes, Who
from chalicelib.kit.money import whole_minor
from chalicelib.kit.refusals import Conflict, Invalid, NotFound, TooMany, Unavailable, Unpaid
from chalicelib.members import billing, changing, service, withdrawing
from chalicelib.members.routes import MembershipOut, membership_out

routes = Routes(__name__)


class PlanQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The plan to change to."""

    tier: Literal["member", "friend"]
    interval: Literal["month", "year"]


class NewPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The plan to change to, with what was shown that it costs now, and as of when."""

    tier: Literal["member", "friend"]
    interval: Literal["month", "year"]
    due: int
    as_of: str


class PlanLineOut(msgspec.Struct, frozen=True):
    """Time at a plan, in minor units before tax: below zero what is left of the plan so far."""

    says: str
    amount: int


class PlanChangeOut(msgspec.Struct, frozen=True):
    """What a change would charge now (`due`, with `tax`), or leave as `credit` for the next payments."""

    tier: str
    interval: str
    due: int
    tax: int
    credit: int
    lines: list[PlanLineOut]
    as_of: str


class WithdrawalOut(msgspec.Struct, frozen=True):
    """What withdrawing gives back now, with its tax in minor units, and until when; or a bank decides.

    So much `credit` is credit again then; below zero, so much of it is none any more.
    """

    until: str
    back: int
    credit: int
    disputed: bool


class NextPaymentOut(msgspec.Struct, frozen=True):
    """What is charged next, in minor units: of `due` so much is `tax`, and `credit` was taken off before."""

    at: str
    due: int
    tax: int
    credit: int


class InvoiceOut(msgspec.Struct, frozen=True):
    """What was paid, in millionths, and what of it went back; `gift` where it was for somebody else."""

    id: str
    at: str
    paid_micros: int
    back_micros: int
    gift: bool


class InvoicesOut(msgspec.Struct, frozen=True):
    """All that one paid lately, the newest first."""

    items: list[InvoiceOut]
    next: str


class InvoiceLinksOut(msgspec.Struct, frozen=True):
    """Where Stripe shows an invoice, and where it is as a PDF."""

    url: str
    pdf: str


@routes.get(
    "/api/membership/plan-change",
    who=Who.SIGNED_IN,
    query=PlanQuery,
    answer=PlanChangeOut,
    refuses=(Conflict, Invalid, TooMany, Unavailable),
)
def preview_plan(ask: Ask[Nothing]) -> PlanChangeOut:
    """What another plan would cost me now"""
    shown = changing.preview(ask.me.person_id, ask.query.tier, ask.query.interval, at=clock.now())
    return PlanChangeOut(
        shown.tier,
        shown.interval,
        shown.preview.due_minor,
        shown.preview.tax_minor,
        shown.credit_minor,
        [PlanLineOut(line.says, line.amount_minor) for line in shown.preview.lines],
        clock.rfc3339(shown.at),
    )


@routes.put(
    "/api/membership/plan",
    who=Who.SIGNED_IN,
    body=NewPlan,
    answer=MembershipOut,
    refuses=(Unpaid, Conflict, Invalid, TooMany, Unavailable),
)
def change_plan(ask: Ask[NewPlan]) -> MembershipOut:
    """Change to another plan at the price that I was shown"""
    wish, at = ask.body, clock.now()
    shown_at = changing.moment_of(wish.as_of)
    mine = changing.change(
        ask.me.person_id, wish.tier, wish.interval, due_minor=wish.due, as_of=shown_at, at=at
    )
    return membership_out(mine, at)


@routes.put(
    "/api/membership/cancellation",
    who=Who.SIGNED_IN,
    answer=MembershipOut,
    refuses=(Conflict, TooMany, Unavailable),
)
def cancel(ask: Ask[Nothing]) -> MembershipOut:
    """End my membership with the period that is paid"""
    at = clock.now()
    return membership_out(changing.cancel(ask.me.person_id, at=at), at)


@routes.delete(
    "/api/membership/cancellation",
    who=Who.SIGNED_IN,
    answer=MembershipOut,
    refuses=(Conflict, TooMany, Unavailable),
)
def keep_on(ask: Ask[Nothing]) -> MembershipOut:
    """Keep my membership after all"""
    at = clock.now()
    return membership_out(changing.keep_on(ask.me.person_id, at=at), at)


@routes.get("/api/membership/withdrawal", who=Who.SIGNED_IN, answer=WithdrawalOut, refuses=(Conflict,))
def show_withdrawal(ask: Ask[Nothing]) -> WithdrawalOut:
    """What I get back if I withdraw now"""
    found = withdrawing.offer(service.membership(ask.me.person_id), clock.now())
    back, credit = whole_minor(found.back_micros), whole_minor(found.credit_micros)
    return WithdrawalOut(clock.rfc3339(found.until), back, credit, found.is_disputed)


@routes.put(
    "/api/membership/withdrawal",
    who=Who.SIGNED_IN,
    answer=MembershipOut,
    refuses=(Conflict, TooMany, Unavailable),
)
def withdraw(ask: Ask[Nothing]) -> MembershipOut:
    """Withdraw: what I paid in these first days goes back to me, and my membership ends"""
    at = clock.now()
    return membership_out(withdrawing.withdraw(ask.me.person_id, at=at), at)


@routes.get(
    "/api/membership/next-payment",
    who=Who.SIGNED_IN,
    answer=NextPaymentOut,
    refuses=(NotFound, Unavailable),
)
def show_next_payment(ask: Ask[Nothing]) -> NextPaymentOut:
    """What I am charged next, as Stripe reckons it"""
    found = billing.coming(service.membership(ask.me.person_id))
    return NextPaymentOut(clock.rfc3339(found.at), found.due_minor, found.tax_minor, found.credit_minor)


@routes.get("/api/membership/invoices", who=Who.SIGNED_IN, answer=InvoicesOut)
def show_invoices(ask: Ask[Nothing]) -> InvoicesOut:
    """What I paid, and what of it went back"""
    items = [
        InvoiceOut(each.id, clock.rfc3339(each.at), each.paid_micros, each.back_micros, each.is_gift)
        for each in billing.paid_by(ask.me.person_id)
    ]
    return InvoicesOut(items, "")


@routes.get(
    "/api/membership/invoices/{invoice_id}",
    who=Who.SIGNED_IN,
    answer=InvoiceLinksOut,
    refuses=(NotFound, Unavailable),
)
def show_invoice(ask: Ask[Nothing], invoice_id: str) -> InvoiceLinksOut:
    """Where Stripe shows one of my invoices"""
    found = billing.invoice(invoice_id, ask.me.person_id)
    return InvoiceLinksOut(found.page, found.pdf)
