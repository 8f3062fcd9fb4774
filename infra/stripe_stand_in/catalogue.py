"""Products, prices, customers and the cards that a person may choose from."""

import hashlib

import stripe

from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call, page_of
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.shapes import Json, shaped

# The catalogue of one machine; STRIPE_PRICES names these prices.
PRICES = {
    "price_member_month": ("Member", 500, "month"),
    "price_member_year": ("Member", 5000, "year"),
    "price_friend_month": ("Friend", 1500, "month"),
    "price_friend_year": ("Friend", 15000, "year"),
}
# A card: how it is called, its last four digits, and what becomes of a payment with it.
CARDS = {
    "own": ("A card of your own", "4242", "paid"),
    "shared": ("A card that others use, too", "1111", "paid"),
    "later": ("A card that pays today and is declined at renewal", "0341", "first"),
    "declined": ("A card that is declined", "0002", "declined"),
    "refund_fails": ("A card that pays, and whose refunds fail", "5126", "refund_fails"),
    "refund_waits": ("A card that pays, and whose refunds take a while", "7726", "refund_waits"),
}


def stock(books: Books) -> None:
    """Our two products and four prices, once."""
    for name, (title, cents, interval) in PRICES.items():
        product = f"prod_{title.lower()}"
        if product not in books.objects.get("product", {}):
            books.put("product", _product(books, product, {"name": f"{title} of Longhand"}))
        if name not in books.objects.get("price", {}):
            params = {"product": product, "unit_amount": cents, "recurring": {"interval": interval}}
            books.put("price", _price(books, name, params | {"currency": books.currency}))


def create_product(books: Books, call: Call) -> Json:
    return books.put("product", _product(books, call.params.get("id") or books.name("prod"), call.params))


def create_price(books: Books, call: Call) -> Json:
    books.get("product", call.params.get("product", ""), param="product")
    return books.put("price", _price(books, books.name("price"), call.params))


def list_prices(books: Books, call: Call) -> Json:
    keys = call.params.get("lookup_keys")
    found = [each for each in books.all("price") if keys is None or each["lookup_key"] in keys]
    return page_of(found, call, "/v1/prices")


def create_customer(books: Books, call: Call) -> Json:
    given = {name: call.params[name] for name in ("email", "name", "description") if name in call.params}
    customer = shaped(
        stripe.Customer,
        id=books.name("cus"),
        created=books.clock.epoch(),
        balance=0,
        delinquent=False,
        metadata=call.params.get("metadata", {}),
        **given,
    )
    books.put("customer", customer)
    books.record("customer.created", customer, key=call.key)
    return customer


def update_customer(books: Books, call: Call) -> Json:
    customer = books.get("customer", call.name)
    customer |= {
        name: value for name, value in call.params.items() if name in ("email", "name", "description")
    }
    customer["metadata"] |= call.params.get("metadata", {})
    books.record("customer.updated", customer, key=call.key)
    return customer


def attach_card(books: Books, customer: str, choice: str) -> Json:
    """The chosen card of this customer: the same number always has the same fingerprint."""
    if choice not in CARDS:
        raise ApiError(400, f"No such card: {choice}", param="card")
    _, last4, _ = CARDS[choice]
    number = last4 if choice == "shared" else f"{customer}{last4}"
    card = shaped(
        stripe.PaymentMethod.Card,
        brand="visa",
        country="US",
        exp_month=12,
        exp_year=2040,
        fingerprint=hashlib.sha256(number.encode()).hexdigest()[:16],
        funding="credit",
        last4=last4,
    )
    method = shaped(
        stripe.PaymentMethod,
        id=books.name("pm"),
        billing_details=shaped(stripe.PaymentMethod.BillingDetails),
        card=card,
        created=books.clock.epoch(),
        customer=customer,
        type="card",
    )
    books.put("payment_method", method)
    books.put("card_choice", {"id": method["id"], "choice": choice})
    books.record("payment_method.attached", method)
    return method


def fate_of(books: Books, method: str) -> str:
    """What becomes of payments with this method, and of their refunds."""
    return CARDS[books.get("card_choice", method)["choice"]][2]


def _product(books: Books, name: str, params: Json) -> Json:
    return shaped(
        stripe.Product,
        id=name,
        active=True,
        created=books.clock.epoch(),
        updated=books.clock.epoch(),
        images=[],
        marketing_features=[],
        name=params["name"],
        description=params.get("description"),
        type="service",
        metadata=params.get("metadata", {}),
    )


def _price(books: Books, name: str, params: Json) -> Json:
    recurring = params.get("recurring")
    return shaped(
        stripe.Price,
        id=name,
        active=True,
        billing_scheme="per_unit",
        created=books.clock.epoch(),
        currency=params["currency"],
        lookup_key=params.get("lookup_key"),
        nickname=params.get("nickname"),
        product=params["product"],
        recurring=recurring
        and shaped(
            stripe.Price.Recurring,
            interval=recurring["interval"],
            interval_count=recurring.get("interval_count", 1),
            usage_type="licensed",
        ),
        tax_behavior="exclusive",
        type="recurring" if recurring else "one_time",
        unit_amount=params.get("unit_amount"),
        unit_amount_decimal=str(params.get("unit_amount")),
        metadata=params.get("metadata", {}),
    )
