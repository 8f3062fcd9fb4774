"""The portal's page, where a member changes plan and card, cancels and finds invoices; and an invoice's."""

from html import escape

from infra.stripe_stand_in import billing, portal
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.catalogue import CARDS
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.pages import alert, cards, day, link, money, page, table
from infra.stripe_stand_in.shapes import Json
from infra.stripe_stand_in.subscriptions import item_of

# What of the page each flow shows; without a flow all of it.
SHOWN = {
    "payment_method_update": {"card"},
    "subscription_cancel": {"cancel"},
    "subscription_update": {"plans"},
    "subscription_update_confirm": {"plans"},
}
ALL = {"card", "cancel", "plans", "invoices"}


def portal_page(books: Books, name: str, trouble: str = "") -> str:
    session = books.get("portal_session", name)
    flow = session["flow"]
    shown = SHOWN[flow["type"]] if flow else ALL
    live = [each for each in portal.owned(books, session, "subscription") if each["status"] in billing.LIVE]
    body = "".join(_subscription(books, session, each, shown) for each in live)
    body = body or "<p>You have no subscription.</p>"
    body += _card(books, live) if "card" in shown else ""
    body += _invoices(books, session) if "invoices" in shown else ""
    return page(
        "Your subscription", f"{alert(trouble)}{body}{link(session['return_url'], 'Back to Longhand')}"
    )


def use_portal(books: Books, name: str, form: Json) -> tuple[str, str]:
    session = books.get("portal_session", name)
    try:
        portal.do(books, session, form)
    except ApiError as refused:
        if refused.status == 404:
            raise
        return "", portal_page(books, name, str(refused))
    return portal.after(session), ""


def invoice_page(books: Books, name: str) -> str:
    """What Stripe shows at an invoice's hosted_invoice_url."""
    invoice = books.get("invoice", name)
    rows = [(each["description"], each["amount"]) for each in invoice["lines"]["data"]]
    rows += [("Discount", -each["amount"]) for each in invoice["total_discount_amounts"]]
    rows += [("Tax", each["amount"]) for each in invoice["total_taxes"]]
    rows += [("Total", invoice["total"]), ("Amount due", invoice["amount_due"])]
    rows += [("Paid", invoice["amount_paid"])]
    cells = "".join(
        f"<tr><td>{escape(words)}</td><td>{money(cents, books.currency)}</td></tr>" for words, cents in rows
    )
    head = f"<p>{day(invoice['created'])}, {invoice['status']}</p>"
    return page(f"Invoice {invoice['number']}", head + table(("", "Amount"), cells))


def _subscription(books: Books, session: Json, subscription: Json, shown: set[str]) -> str:
    item = item_of(subscription)
    title = escape(books.get("product", item["price"]["product"])["name"])
    body = f"<h2>{title}, {_cost(item['price'])}</h2><p>{_until(subscription)}</p>"
    if subscription["status"] == "past_due":
        body += _unpaid(books, subscription)
    if "cancel" in shown:
        ending = subscription["cancel_at_period_end"]
        deed, label = ("keep", "Keep it") if ending else ("cancel", "Cancel at the end of the period")
        body += _form(subscription, "", deed, label)
    if "plans" in shown:
        body += _form(subscription, _plans(books, session, item["price"]), "change", "Change the plan")
    return body


def _form(subscription: Json, fields: str, deed: str, label: str) -> str:
    return (
        f'<form method="post"><input type="hidden" name="subscription" value="{subscription["id"]}">{fields}'
        f'<button name="deed" value="{deed}">{label}</button></form>'
    )


def _plans(books: Books, session: Json, present: Json) -> str:
    flow = session["flow"] or {}
    wanted = [each["price"] for each in flow.get("subscription_update_confirm", {}).get("items", ())]
    offered = [
        each
        for each in books.all("price")
        if each["type"] == "recurring" and each["active"] and each["id"] != present["id"]
        if not wanted or each["id"] in wanted
    ]
    rows = "".join(
        f'<label><input type="radio" name="price" value="{each["id"]}"{"" if place else " checked"}> '
        f"{escape(books.get('product', each['product'])['name'])}, {_cost(each)}</label>"
        for place, each in enumerate(offered)
    )
    return f"<fieldset><legend>Which plan? The difference is settled at once.</legend>{rows}</fieldset>"


def _unpaid(books: Books, subscription: Json) -> str:
    invoice = books.get("invoice", subscription["latest_invoice"])
    again = invoice["next_payment_attempt"]
    words = f", and is tried again on {day(again)}" if again else ""
    return (
        f"<p>The last payment failed{words}.</p>"
        f'<form method="post"><input type="hidden" name="invoice" value="{invoice["id"]}">'
        '<button name="deed" value="pay">Pay it now</button></form>'
    )


def _card(books: Books, live: list[Json]) -> str:
    used = "".join(f"<p>Paid with the card that ends in {_digits(books, each)}.</p>" for each in live[:1])
    return (
        f'<h2>Card</h2>{used}<form method="post">{cards()}'
        '<button name="deed" value="card">Use this card from now on</button></form>'
    )


def _digits(books: Books, subscription: Json) -> str:
    return CARDS[books.get("card_choice", subscription["default_payment_method"])["choice"]][1]


def _invoices(books: Books, session: Json) -> str:
    rows = "".join(
        f'<tr><td><a href="{escape(each["hosted_invoice_url"])}">{each["number"]}</a></td>'
        f"<td>{money(each['total'], each['currency'])}</td><td>{day(each['created'])}</td>"
        f"<td>{each['status']}</td></tr>"
        for each in portal.owned(books, session, "invoice")
    )
    return f"<h2>Invoices</h2>{table(('Invoice', 'Amount', 'Of', ''), rows)}" if rows else ""


def _cost(price: Json) -> str:
    return f"{money(price['unit_amount'], price['currency'])} a {price['recurring']['interval']}"


def _until(subscription: Json) -> str:
    end = day(item_of(subscription)["current_period_end"])
    if subscription["cancel_at_period_end"]:
        return f"ends on {end}"
    return f"free until {end}" if subscription["status"] == "trialing" else f"renews on {end}"
