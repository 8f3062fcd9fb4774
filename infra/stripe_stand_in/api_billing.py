"""The part of the API's table of contents that is about what members pay, get back and dispute."""

import stripe.params as v1
import stripe.params.billing_portal as portal_params
import stripe.params.checkout as checkout_params

from infra.stripe_stand_in import (
    checkout,
    coupons,
    credit,
    credit_notes,
    disputes,
    events,
    giving_up,
    payments,
    plans,
    portal,
    previews,
    refunds,
)
from infra.stripe_stand_in.call import Route

CREDIT = "/v1/customers/{id}/balance_transactions"

ROUTES = (
    Route("GET", "/v1/events", v1.EventListParams, events.list_events),
    Route("GET", "/v1/checkout/sessions", checkout_params.SessionListParams, checkout.list_sessions),
    Route("POST", "/v1/billing_portal/sessions", portal_params.SessionCreateParams, portal.create_portal),
    Route("POST", "/v1/subscriptions/{id}", v1.SubscriptionUpdateParams, plans.update_subscription),
    Route("POST", "/v1/invoices/create_preview", v1.InvoiceCreatePreviewParams, previews.create_preview),
    Route("POST", "/v1/invoices/{id}/void", v1.InvoiceVoidInvoiceParams, giving_up.void_invoice),
    Route(
        "POST",
        "/v1/invoices/{id}/mark_uncollectible",
        v1.InvoiceMarkUncollectibleParams,
        giving_up.mark_uncollectible,
    ),
    Route("POST", CREDIT, v1.CustomerBalanceTransactionCreateParams, credit.create_transaction),
    Route("GET", CREDIT, v1.CustomerBalanceTransactionListParams, credit.list_transactions),
    Route(
        "GET",
        CREDIT + "/{transaction}",
        v1.CustomerBalanceTransactionRetrieveParams,
        credit.retrieve_transaction,
    ),
    Route("POST", "/v1/coupons", v1.CouponCreateParams, coupons.create_coupon),
    Route("GET", "/v1/coupons", v1.CouponListParams, coupons.list_coupons),
    Route("GET", "/v1/coupons/{id}", v1.CouponRetrieveParams, coupons.retrieve_coupon),
    Route("POST", "/v1/promotion_codes", v1.PromotionCodeCreateParams, coupons.create_code),
    Route("GET", "/v1/promotion_codes", v1.PromotionCodeListParams, coupons.list_codes),
    Route("GET", "/v1/promotion_codes/{id}", v1.PromotionCodeRetrieveParams, coupons.retrieve_code),
    Route("POST", "/v1/credit_notes", v1.CreditNoteCreateParams, credit_notes.create_note),
    Route("GET", "/v1/credit_notes", v1.CreditNoteListParams, credit_notes.list_notes),
    Route("GET", "/v1/credit_notes/{id}", v1.CreditNoteRetrieveParams, credit_notes.retrieve_note),
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
