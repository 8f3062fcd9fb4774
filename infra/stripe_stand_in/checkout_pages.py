"""Checkout's page: what is bought, for how much today, with which code and which card."""

from html import escape

from infra.stripe_stand_in import coupons, paying
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.checkout import trial_days_of
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.pages import alert, cards, link, money, page
from infra.stripe_stand_in.shapes import Json


def checkout_page(books: Books, name: str, trouble: str = "") -> str:
    session = paying.present_session(books, name)
    if session["status"] != "open":
        return page("This checkout is over", f"<p>It is {session['status']}. You can close this page.</p>")
    label = "Pay" if session["mode"] == "payment" else "Pay and subscribe"
    label = "Start the trial" if trial_days_of(books.get("wish", name)) else label
    return page(
        "Pay",
        f"{_offer(books, session)}{alert(trouble)}"
        f'<form method="post">{_code_field(session)}{cards()}'
        f'<button name="deed" value="pay">{label}</button></form>'
        f"{link(session['cancel_url'], 'Go back without paying')}",
    )


def pay(books: Books, name: str, form: Json) -> tuple[str, str]:
    """Where to go next, or the page again with what went wrong, or with the code's price."""
    session = paying.present_session(books, name)
    try:
        if form.get("deed") == "apply":
            paying.type_code(books, session, form.get("code", ""))
            return "", checkout_page(books, name)
        done = paying.complete(books, session, form.get("card", "own"))
    except (paying.Declined, ApiError) as refused:
        return "", checkout_page(books, name, str(refused))
    if done["status"] != "complete":
        return "", checkout_page(books, name)
    return done["success_url"].replace("{CHECKOUT_SESSION_ID}", done["id"]), ""


def _offer(books: Books, session: Json) -> str:
    wish = books.get("wish", session["id"])
    price = books.get("price", wish["price"])
    title = escape(books.get("product", price["product"])["name"])
    cost = money(price["unit_amount"] * wish["quantity"], price["currency"])
    cost += f" a {price['recurring']['interval']}" if price["recurring"] else ""
    days = trial_days_of(wish)
    rows = [f"{title}, <strong>{cost}</strong>"]
    rows += [f"Free for {days} days, then {cost}"] if days else []
    rows += [_reduction(books, each) for each in wish["discounts"]]
    rows.append(f"Due today: <strong>{money(session['amount_total'], session['currency'])}</strong>")
    return "".join(f"<p>{each}</p>" for each in rows)


def _reduction(books: Books, wish: Json) -> str:
    coupon = coupons.coupon_of(books, wish)
    off = (
        money(coupon["amount_off"], coupon["currency"])
        if coupon["amount_off"]
        else f"{coupon['percent_off']:g} %"
    )
    lasts = {"once": "once", "forever": "for good"}.get(
        coupon["duration"], f"for {coupon['duration_in_months']} months"
    )
    return f"{escape(coupon['name'] or coupon['id'])}: {off} off, {lasts}"


def _code_field(session: Json) -> str:
    if not session["allow_promotion_codes"]:
        return ""
    return (
        '<fieldset><legend>Do you have a code?</legend><label>Code <input name="code"></label>'
        '<button name="deed" value="apply">Apply</button></fieldset>'
    )
