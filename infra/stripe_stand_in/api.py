"""The API's table of contents, with the library's own type for the parameters of each."""

from functools import cache
from typing import Any

import stripe.params as v1
import stripe.params.checkout as checkout_params
import stripe.params.v2.core as v2

from infra.stripe_stand_in import (
    api_billing,
    api_books,
    billing,
    catalogue,
    checkout,
    connect,
    invoices,
    transfers,
)
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call, Route
from infra.stripe_stand_in.errors import ApiError, Unstarted
from infra.stripe_stand_in.params import checked
from infra.stripe_stand_in.shapes import Json


def _get(kind: str) -> Any:
    return lambda books, call: books.get(kind, call.name)


def _list_accounts(books: Books, call: Call) -> Json:
    shown = [connect.retrieve_account(books, Call("", {}, (each["id"],))) for each in books.all("account")]
    return {"data": shown, "next_page_url": None, "previous_page_url": None}


ROUTES = (
    Route("POST", "/v1/products", v1.ProductCreateParams, catalogue.create_product),
    Route("GET", "/v1/products/{id}", v1.ProductRetrieveParams, _get("product")),
    Route("POST", "/v1/prices", v1.PriceCreateParams, catalogue.create_price),
    Route("GET", "/v1/prices", v1.PriceListParams, catalogue.list_prices),
    Route("GET", "/v1/prices/{id}", v1.PriceRetrieveParams, _get("price")),
    Route("POST", "/v1/customers", v1.CustomerCreateParams, catalogue.create_customer),
    Route("GET", "/v1/customers/{id}", v1.CustomerRetrieveParams, _get("customer")),
    Route("POST", "/v1/customers/{id}", v1.CustomerUpdateParams, catalogue.update_customer),
    Route("GET", "/v1/payment_methods/{id}", v1.PaymentMethodRetrieveParams, _get("payment_method")),
    Route("GET", "/v1/payment_intents/{id}", v1.PaymentIntentRetrieveParams, _get("payment_intent")),
    Route("POST", "/v1/checkout/sessions", checkout_params.SessionCreateParams, checkout.create_session),
    Route(
        "GET", "/v1/checkout/sessions/{id}", checkout_params.SessionRetrieveParams, checkout.retrieve_session
    ),
    Route(
        "POST",
        "/v1/checkout/sessions/{id}/expire",
        checkout_params.SessionExpireParams,
        checkout.expire_session,
    ),
    Route("GET", "/v1/subscriptions", v1.SubscriptionListParams, billing.list_subscriptions),
    Route("GET", "/v1/subscriptions/{id}", v1.SubscriptionRetrieveParams, billing.retrieve_subscription),
    Route("DELETE", "/v1/subscriptions/{id}", v1.SubscriptionCancelParams, billing.cancel_subscription),
    Route("GET", "/v1/invoices", v1.InvoiceListParams, invoices.list_invoices),
    Route("GET", "/v1/invoices/{id}", v1.InvoiceRetrieveParams, invoices.retrieve_invoice),
    Route("GET", "/v1/invoice_payments", v1.InvoicePaymentListParams, invoices.list_invoice_payments),
    Route("POST", "/v1/transfers", v1.TransferCreateParams, transfers.create_transfer),
    Route("GET", "/v1/transfers", v1.TransferListParams, transfers.list_transfers),
    Route("GET", "/v1/transfers/{id}", v1.TransferRetrieveParams, transfers.retrieve_transfer),
    Route("GET", "/v1/events/{id}", v1.EventRetrieveParams, _get("event")),
    Route("POST", "/v2/core/accounts", v2.AccountCreateParams, connect.create_account),
    Route("GET", "/v2/core/accounts", v2.AccountListParams, _list_accounts),
    Route("GET", "/v2/core/accounts/{id}", v2.AccountRetrieveParams, connect.retrieve_account),
    Route("POST", "/v2/core/account_links", v2.AccountLinkCreateParams, connect.create_link),
    Route("GET", "/v2/core/events/{id}", v2.EventRetrieveParams, connect.retrieve_event),
    *api_billing.ROUTES,
    *api_books.ROUTES,
)
EXPAND_DEPTH_MAX = 4
# What `expand` may fetch that is not an id in the object itself.
ADDED = {("invoice", "payments"): invoices.payments_of}


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    for route in _routes(method, path.count("/")):
        names = route.match(method, path)
        if names is not None:
            return route, names
    raise Unstarted(404, f"Unrecognized request URL ({method}: {path}).")


@cache
def _routes(method: str, slashes: int) -> list[Route]:
    return [each for each in ROUTES if each.method == method and each.pattern.count("/") == slashes]


def checked_call(
    method: str, path: str, params: Json, *, key: str | None, account: str = ""
) -> tuple[Route, Call]:
    route, names = find(method, path)
    return route, Call(path, checked(route.params, params), names, key, account)


def perform(books: Books, route: Route, call: Call) -> Json:
    """Does the deed and fetches what `expand` asks for."""
    answer = route.deed(books, call)
    for path in call.params.get("expand", []):
        if path.count(".") >= EXPAND_DEPTH_MAX:
            raise ApiError(
                400, f"You cannot expand more than 4 levels of a property ({path}).", param="expand"
            )
        answer = _expanded(books, answer, path.split("."))
    return answer


def _expanded(books: Books, thing: Json, path: list[str]) -> Json:
    if thing.get("object") == "list" and path[0] == "data":
        return thing | {"data": [_expanded(books, each, path[1:]) for each in thing["data"]]}
    head, rest = path[0], path[1:]
    inner = _fetched(books, thing, head)
    if isinstance(inner, dict) and rest:
        inner = _expanded(books, inner, rest)
    return thing | {head: inner}


def _fetched(books: Books, thing: Json, field: str) -> Any:
    added = ADDED.get((str(thing.get("object")), field))
    if added:
        return added(books, thing)
    if field not in thing:
        raise ApiError(400, f"This property cannot be expanded ({field}).", param="expand")
    value = thing[field]
    if isinstance(value, list):
        return [(books.anything(each) or each) if isinstance(each, str) else each for each in value]
    return (books.anything(value) or value) if isinstance(value, str) else value
