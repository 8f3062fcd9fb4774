"""The API's table of contents about the platform's own money and what connected accounts do with theirs."""

import stripe.params as v1
import stripe.params.v2.core as v2

from infra.stripe_stand_in import balance, connect, payouts, reversals, topups
from infra.stripe_stand_in.call import Route

ROUTES = (
    Route("GET", "/v1/balance", v1.BalanceRetrieveParams, balance.balance),
    Route("GET", "/v1/balance_transactions", v1.BalanceTransactionListParams, balance.list_transactions),
    Route(
        "GET",
        "/v1/balance_transactions/{id}",
        v1.BalanceTransactionRetrieveParams,
        balance.retrieve_transaction,
    ),
    Route("POST", "/v1/topups", v1.TopupCreateParams, topups.create_topup),
    Route("GET", "/v1/topups", v1.TopupListParams, topups.list_topups),
    Route("GET", "/v1/topups/{id}", v1.TopupRetrieveParams, topups.retrieve_topup),
    Route("POST", "/v1/payouts", v1.PayoutCreateParams, payouts.create_payout),
    Route("GET", "/v1/payouts", v1.PayoutListParams, payouts.list_payouts),
    Route("GET", "/v1/payouts/{id}", v1.PayoutRetrieveParams, payouts.retrieve_payout),
    Route("POST", "/v1/payouts/{id}/cancel", v1.PayoutCancelParams, payouts.cancel_payout),
    Route("POST", "/v1/transfers/{id}/reversals", v1.TransferReversalCreateParams, reversals.create_reversal),
    Route("GET", "/v1/transfers/{id}/reversals", v1.TransferReversalListParams, reversals.list_reversals),
    Route(
        "GET",
        "/v1/transfers/{id}/reversals/{reversal}",
        v1.TransferReversalRetrieveParams,
        reversals.retrieve_reversal,
    ),
    Route("POST", "/v2/core/accounts/{id}/close", v2.AccountCloseParams, connect.close_account),
)
