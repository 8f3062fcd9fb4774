"""What one may do to the money that is not a member's: `POST /_stand_in/{name}`."""

from typing import TYPE_CHECKING

from infra.stripe_stand_in import balance, connect, payouts, reversals, topups
from infra.stripe_stand_in.shapes import Json

if TYPE_CHECKING:
    from infra.stripe_stand_in.server import StandIn


def _top_up(stand_in: "StandIn", wish: Json) -> Json:
    """{amount} in minor units, from the platform's bank."""
    with stand_in.books.lock:
        return topups.top_up(stand_in.books, int(wish["amount"]))


def _take_back(stand_in: "StandIn", wish: Json) -> Json:
    """{topup}: the platform's bank wants it back."""
    with stand_in.books.lock:
        return topups.take_back(stand_in.books, stand_in.books.get("topup", wish["topup"]))


def _pay_out(stand_in: "StandIn", wish: Json) -> Json:
    """{amount, account}: to the platform's bank, or the account's, all that is there; by its schedule."""
    with stand_in.books.lock:
        account = wish.get("account", "")
        amount = int(wish.get("amount") or balance.sums(stand_in.books, account)[0])
        return payouts.pay_out(stand_in.books, amount, account=account, automatic=True)


def _fail(stand_in: "StandIn", wish: Json) -> Json:
    """{payout, code}: the bank sends it back."""
    with stand_in.books.lock:
        return payouts.fail(stand_in.books, wish["payout"], wish.get("code", "account_closed"))


def _reverse(stand_in: "StandIn", wish: Json) -> Json:
    """{transfer, amount}: as if from the Dashboard; without an amount all that is left."""
    with stand_in.books.lock:
        transfer = stand_in.books.get("transfer", wish["transfer"])
        return reversals.reverse(stand_in.books, transfer, wish.get("amount"))


def _take_fee(stand_in: "StandIn", wish: Json) -> Json:
    """{amount, description}: Stripe charges for something that is no payment."""
    with stand_in.books.lock:
        return balance.take_fee(stand_in.books, int(wish["amount"]), wish.get("description", "Connect"))


def _close(stand_in: "StandIn", wish: Json) -> Json:
    """{account}: Stripe or its owner closes it, whatever is in it."""
    with stand_in.books.lock:
        return connect.close(stand_in.books, stand_in.books.get("account", wish["account"]))


def _capability(stand_in: "StandIn", wish: Json) -> Json:
    """{account, status, of: [stripe_transfers, payouts], reason}: as if Stripe had decided."""
    with stand_in.books.lock:
        account = stand_in.books.get("account", wish["account"])
        of = tuple(wish.get("of", connect.BALANCE_CAPABILITIES))
        connect.set_capability(stand_in.books, account, wish["status"], of=of, reason=wish.get("reason", ""))
        return account


def _limit(stand_in: "StandIn", wish: Json) -> Json:
    """{path, per_second}: more than so many POSTs in a second are answered 429; 0 lifts the limit."""
    stand_in.faults.limit(wish.get("path", "/v1/transfers"), int(wish["per_second"]))
    return {}


DEEDS = {
    "topup": _top_up,
    "take_back": _take_back,
    "payout": _pay_out,
    "payout_fails": _fail,
    "reverse": _reverse,
    "fee": _take_fee,
    "close_account": _close,
    "capability": _capability,
    "rate_limit": _limit,
}
