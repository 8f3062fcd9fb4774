"""The pages that a person clicks through in place of Stripe's: plain, and the same without a mouse."""

from html import escape

from infra.stripe_stand_in import billing, checkout, connect
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.catalogue import CARDS
from infra.stripe_stand_in.clock import rfc3339
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.shapes import Json
from infra.stripe_stand_in.subscriptions import item_of

STYLE = """
:root{color-scheme:light dark}
body{font:1.05rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem}
fieldset{margin:1rem 0;padding:.5rem 1rem}label{display:block;padding:.5rem 0}
button{font:inherit;padding:.6rem 1.2rem;margin:.25rem .5rem .25rem 0}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .6rem .3rem 0;overflow-wrap:anywhere}
th,td:nth-child(2){overflow-wrap:normal;white-space:nowrap}
a{color:inherit}
.note{border-left:.3rem solid;padding-left:.8rem}
"""


def page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main><h1>{escape(title)}</h1>"
        '<p class="note">This is a stand-in for Stripe on your own machine. No money moves.</p>'
        f"{body}</main></body></html>"
    )


def money(cents: int, currency: str) -> str:
    return f"{cents / 100:.2f} {currency.upper()}"


def checkout_page(books: Books, name: str, trouble: str = "") -> str:
    session = checkout.present_session(books, name)
    if session["status"] != "open":
        return page("This checkout is over", f"<p>It is {session['status']}. You can close this page.</p>")
    price = books.get("price", books.get("wish", name)["price"])
    title = books.get("product", price["product"])["name"]
    cost = f"{money(price['unit_amount'], price['currency'])} a {price['recurring']['interval']}"
    cards = "".join(_card(choice, text, digits) for choice, (text, digits, _) in CARDS.items())
    alert = f'<p role="alert"><strong>{escape(trouble)}</strong></p>' if trouble else ""
    back = _link(session["cancel_url"], "Go back without paying")
    return page(
        "Pay",
        f"<p>{escape(title)}, <strong>{cost}</strong></p>{alert}"
        f'<form method="post"><fieldset><legend>Which card?</legend>{cards}</fieldset>'
        f'<button name="deed" value="pay">Pay and subscribe</button></form>{back}',
    )


def pay(books: Books, name: str, form: Json) -> tuple[str, str]:
    """Where to go next, or the page again with what went wrong."""
    session = checkout.present_session(books, name)
    try:
        done = checkout.complete(books, session, form.get("card", "own"))
    except checkout.Declined as declined:
        return "", checkout_page(books, name, str(declined))
    if done["status"] != "complete":
        return "", checkout_page(books, name)
    return done["success_url"].replace("{CHECKOUT_SESSION_ID}", done["id"]), ""


def portal_page(books: Books, name: str) -> str:
    portal = books.get("portal_session", name)
    owned = [each for each in books.all("subscription") if each["customer"] == portal["customer"]]
    rows = "".join(_subscription(books, each) for each in owned if each["status"] in billing.LIVE)
    back = (
        f'<p><a href="{escape(portal["return_url"])}">Back to Longhand</a></p>'
        if portal["return_url"]
        else ""
    )
    return page("Your subscription", (rows or "<p>You have no subscription.</p>") + back)


def use_portal(books: Books, name: str, form: Json) -> tuple[str, str]:
    portal = books.get("portal_session", name)
    subscription = books.get("subscription", form.get("subscription", ""))
    if subscription["customer"] != portal["customer"]:
        raise ApiError(404, "This is somebody else's subscription.")
    billing.cancel_at_end(books, subscription, form.get("deed") == "cancel")
    return f"/portal/{name}", ""


def onboarding_page(books: Books, name: str) -> tuple[str, str]:
    """The page, or the address to which an old link leads."""
    link = connect.present_link(books, name)
    if link is None:
        return connect.link_case(books.get("link", name))["refresh_url"], ""
    account = books.get("account", link["account"])
    country = escape(str(account["identity"]["country"]).upper())
    return "", page(
        "Receive payments",
        f"<p>Stripe would now ask who you are and where your bank is ({country}).</p>"
        '<form method="post"><fieldset><legend>What do you tell Stripe?</legend>'
        '<label><input type="radio" name="told" value="all" checked> Everything that it asks</label>'
        '<label><input type="radio" name="told" value="part"> Not everything yet</label></fieldset>'
        "<button>Continue</button></form>",
    )


def onboard(books: Books, name: str, form: Json) -> tuple[str, str]:
    link = connect.present_link(books, name)
    case = connect.link_case(books.get("link", name))
    if link is None:
        return case["refresh_url"], ""
    link["used"] = True
    connect.onboard(books, books.get("account", link["account"]), complete=form.get("told") == "all")
    return case.get("return_url") or case["refresh_url"], ""


def transfers_page(books: Books) -> str:
    """Every transfer, for people to look at."""
    rows = "".join(
        f"<tr><td>{each['id']}</td><td>{money(each['amount'], each['currency'])}</td>"
        f"<td>{escape(each['destination'])}</td><td>{escape(each['transfer_group'] or '')}</td></tr>"
        for each in reversed(books.all("transfer"))
    )
    head = (
        '<tr><th scope="col">Transfer</th><th scope="col">Amount</th>'
        '<th scope="col">To</th><th scope="col">Group</th></tr>'
    )
    table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"
    return page("Transfers", table if rows else "<p>Nothing has been transferred yet.</p>")


def _link(to: str | None, words: str) -> str:
    return f'<p><a href="{escape(to)}">{words}</a></p>' if to else ""


def _card(choice: str, text: str, digits: str) -> str:
    checked = " checked" if choice == "own" else ""
    return (
        f'<label><input type="radio" name="card" value="{choice}"{checked}> '
        f"{escape(text)} (ends in {digits})</label>"
    )


def _subscription(books: Books, subscription: Json) -> str:
    item = item_of(subscription)
    until = _day(item["current_period_end"])
    title = escape(books.get("product", item["price"]["product"])["name"])
    ending = subscription["cancel_at_period_end"]
    words = f"ends on {until}" if ending else f"renews on {until}"
    deed, label = ("keep", "Keep it") if ending else ("cancel", "Cancel at the end of the period")
    return (
        f'<h2>{title}</h2><p>{words}</p><form method="post">'
        f'<input type="hidden" name="subscription" value="{subscription["id"]}">'
        f'<button name="deed" value="{deed}">{label}</button></form>'
    )


def _day(epoch_s: int) -> str:
    return rfc3339(epoch_s)[:10]
