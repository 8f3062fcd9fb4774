"""What Stripe and banks do to the platform's and to partners' money, and to partners' accounts."""

from infra.simulator.life import Life, chosen
from infra.simulator.world import declined

MENDED = 0.6  # of bank accounts that sent money back, at once


def account_changes(life: Life) -> None:
    """A partner's account lapses or comes back."""
    account = chosen(life.chance, [e for e in life.world.things("account") if not e.get("closed")])
    if account:
        status = life.chance.choice(("active", "active", "restricted"))
        with declined():
            life.world.control("capability", account=account["id"], status=status)
            life.says(f"{account['id']} is {status}")


def transfer_comes_back(life: Life) -> None:
    transfer = chosen(life.chance, [e for e in life.world.things("transfer") if not e["reversed"]])
    if transfer:
        left = transfer["amount"] - transfer["amount_reversed"]
        amount = life.chance.choice((left, life.chance.randrange(1, left + 1)))
        with declined():
            life.world.control("reverse", transfer=transfer["id"], amount=amount)
            life.says(f"{amount} cents of {transfer['id']} come back")


def platform_moves(life: Life) -> None:
    """The platform's own bank, and Stripe's own fees."""
    amount = life.chance.randrange(1, 2_000)
    deed = life.chance.choice(("topup", "topup", "payout", "fee"))
    with declined():
        life.world.control(deed, amount=amount)
        life.says(f"{deed} of {amount} cents")


def partners_bank_is_paid(life: Life) -> None:
    """What lies on a partner's own account at Stripe goes to their bank, or some of it."""
    account = chosen(life.chance, [e for e in life.world.things("account") if not e.get("closed")])
    if account:
        _pays_bank(life, account["id"], **life.chance.choice(({}, {"amount": life.chance.randrange(1, 200)})))


def partners_bank_sends_back(life: Life) -> None:
    """Before or after it seemed to have arrived; nothing more goes there until the partner mends it."""
    owners = {each["id"]: each["account"] for each in life.world.things("payout_owner")}
    payout = chosen(life.chance, [each for each in life.world.things("payout") if owners[each["id"]]])
    if not payout:
        return
    with declined():
        life.world.control("payout_fails", payout=payout["id"])
        life.says(f"{payout['id']} comes back from a partner's bank")
    if life.chance.random() < MENDED:
        account = owners[payout["id"]]
        life.world.clock.passes(hours=1)
        with declined():
            life.world.control("capability", account=account, status="active", of=["payouts"])
        _pays_bank(life, account)


def _pays_bank(life: Life, account: str, **wish: int) -> None:
    with declined():
        life.world.control("payout", account=account, **wish)
        life.says(f"{account} pays its partner's bank")
