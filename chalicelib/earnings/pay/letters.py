"""The letters that partners are sent when something stands between them and their pay."""

from chalicelib.earnings.rules.partners import Partner, why_not_paid
from chalicelib.earnings.rules.troubles import BankTrouble
from chalicelib.kit import mail
from chalicelib.kit.settings import settings
from chalicelib.people import service as people


def tell_of_lapse(partner: Partner) -> None:
    """Stripe no longer lets us pay them."""
    _send(
        partner.person_id,
        subject="You cannot be paid at present",
        text=f"You are a partner of Longhand who {why_not_paid(partner)}.",
    )


def tell_of_bank(trouble: BankTrouble) -> None:
    """Their bank sent a payout back to Stripe."""
    amount = f"{trouble.amount_minor // 100:,}.{trouble.amount_minor % 100:02} {settings().currency.upper()}"
    why = trouble.why or "It did not say why."
    text = f"Stripe paid {amount} out to your bank, and your bank sent it back. {why}"
    _send(trouble.partner, subject="Your bank sent money back", text=text)


def _send(person_id: str, *, subject: str, text: str) -> None:
    """To nobody who has no address any more."""
    address = people.address_of(person_id)
    if address:
        mail.send(address, subject=subject, text=f"{text}\n\n{_foot()}")


def _foot() -> str:
    site = settings().site_url
    return f"""\
Nothing is lost: your balance stays yours. What to do stands at {site}/earnings

Longhand, {site}
"""
