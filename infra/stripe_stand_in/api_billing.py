"""The part of the API's table of contents that is about what members pay, get back and dispute."""

import stripe.params as v1

from infra.stripe_stand_in import disputes, payments, refunds
from infra.stripe_stand_in.call import Route

ROUTES = (
    Route("GET", "/v1/charges", v1.ChargeListParams, payments.list_charges),
    Route("GET", "/v1/charges/{id}", v1.ChargeRetrieveParams, payments.retrieve_charge),
    Route("POST", "/v1/refunds", v1.RefundCreateParams, refunds.create_refund),
    Route("GET", "/v1/refunds", v1.RefundListParams, refunds.list_refunds),
    Route("GET", "/v1/refunds/{id}", v1.RefundRetrieveParams, refunds.retrieve_refund),
    Route("POST", "/v1/refunds/{id}", v1.RefundUpdateParams, refunds.update_refund),
    Route("GET", "/v1/disputes", v1.DisputeListParams, disputes.list_disputes),
    Route("GET", "/v1/disputes/{id}", v1.DisputeRetrieveParams, disputes.retrieve_dispute),
    Route("POST", "/v1/disputes/{id}", v1.DisputeUpdateParams, disputes.update_dispute),
    Route("POST", "/v1/disputes/{id}/close", v1.DisputeCloseParams, disputes.close_dispute),
)
