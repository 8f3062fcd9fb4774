"""Coupons, and the codes that people type to have them."""

import stripe

from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call, found_by, page_of
from infra.stripe_stand_in.errors import ApiError
from infra.stripe_stand_in.shapes import Json, shaped


def create_coupon(books: Books, call: Call) -> Json:
    params = call.params
    name = params.get("id") or books.name("coupon")
    if name in books.objects.get("coupon", {}):
        raise ApiError(400, "Coupon already exists.", code="resource_already_exists", param="id")
    _check(params)
    coupon = shaped(
        stripe.Coupon,
        id=name,
        amount_off=params.get("amount_off"),
        created=books.clock.epoch(),
        currency=params.get("currency"),
        duration=params.get("duration", "once"),
        duration_in_months=params.get("duration_in_months"),
        max_redemptions=params.get("max_redemptions"),
        metadata=params.get("metadata") or {},
        name=params.get("name"),
        percent_off=params.get("percent_off"),
        redeem_by=params.get("redeem_by"),
        times_redeemed=0,
        valid=True,
    )
    books.put("coupon", coupon)
    books.record("coupon.created", coupon, key=call.key)
    return coupon


def retrieve_coupon(books: Books, call: Call) -> Json:
    return _present(books, books.get("coupon", call.name))


def list_coupons(books: Books, call: Call) -> Json:
    return page_of([_present(books, each) for each in books.all("coupon")], call, "/v1/coupons")


def create_code(books: Books, call: Call) -> Json:
    params = call.params
    coupon = books.get("coupon", params["promotion"].get("coupon", ""), param="promotion[coupon]")
    code = shaped(
        stripe.PromotionCode,
        id=books.name("promo"),
        active=params.get("active", True),
        code=params.get("code") or books.name("CODE")[5:13].upper(),
        created=books.clock.epoch(),
        customer=params.get("customer"),
        expires_at=params.get("expires_at"),
        max_redemptions=params.get("max_redemptions"),
        metadata=params.get("metadata") or {},
        promotion={"type": "coupon", "coupon": coupon["id"]},
        restrictions=shaped(stripe.PromotionCode.Restrictions, first_time_transaction=False),
        times_redeemed=0,
    )
    books.put("promotion_code", code)
    books.record("promotion_code.created", code, key=call.key)
    return code


def retrieve_code(books: Books, call: Call) -> Json:
    return books.get("promotion_code", call.name)


def list_codes(books: Books, call: Call) -> Json:
    found = found_by(call, books.all("promotion_code"), "code", "active", "customer")
    return page_of(found, call, "/v1/promotion_codes")


def code_called(books: Books, text: str, customer: str | None) -> Json:
    """The promotion code that somebody typed; raises ApiError when it gives nothing."""
    for each in books.all("promotion_code"):
        if each["code"].upper() == text.strip().upper():
            check_code(books, each, customer)
            return each
    raise ApiError(400, "This code is invalid.", param="promotion_code")


def check_code(books: Books, code: Json, customer: str | None) -> None:
    late = code["expires_at"] is not None and code["expires_at"] <= books.clock.epoch()
    used = code["max_redemptions"] is not None and code["times_redeemed"] >= code["max_redemptions"]
    if late or used or not code["active"] or code["customer"] not in (None, customer):
        raise ApiError(400, "This promotion code cannot be redeemed.", param="discounts")
    check_coupon(books, code["promotion"]["coupon"])


def check_coupon(books: Books, name: str) -> Json:
    coupon = _present(books, books.get("coupon", name, param="coupon"))
    if not coupon["valid"]:
        raise ApiError(400, f"Coupon {name} is no longer valid.", code="coupon_expired", param="coupon")
    return coupon


def wished(books: Books, wish: Json, customer: str | None) -> Json:
    """`{coupon, promotion_code}` of what a call or a page asks for, checked."""
    if wish.get("promotion_code"):
        code = books.get("promotion_code", wish["promotion_code"], param="promotion_code")
        check_code(books, code, customer)
        return {"coupon": None, "promotion_code": code["id"]}
    return {"coupon": check_coupon(books, wish.get("coupon", ""))["id"], "promotion_code": None}


def coupon_of(books: Books, wish: Json) -> Json:
    """The coupon behind `{coupon, promotion_code}`."""
    code = wish["promotion_code"]
    name = books.get("promotion_code", code)["promotion"]["coupon"] if code else wish["coupon"]
    return books.get("coupon", name)


def _present(books: Books, coupon: Json) -> Json:
    """With `valid` as of now."""
    late = coupon["redeem_by"] is not None and coupon["redeem_by"] <= books.clock.epoch()
    used = coupon["max_redemptions"] is not None and coupon["times_redeemed"] >= coupon["max_redemptions"]
    return coupon | {"valid": not late and not used}


def _check(params: Json) -> None:
    percent, amount = params.get("percent_off"), params.get("amount_off")
    if (percent is None) == (amount is None):
        raise ApiError(400, "You must specify one of percent_off and amount_off.", param="percent_off")
    if percent is not None and not 0 < percent <= 100:
        raise ApiError(400, "percent_off is above 0 and at most 100.", param="percent_off")
    if amount is not None and (amount < 1 or not params.get("currency")):
        raise ApiError(400, "amount_off is at least 1 and needs a currency.", param="amount_off")
    if (params.get("duration") == "repeating") != ("duration_in_months" in params):
        raise ApiError(400, "duration_in_months goes with duration=repeating.", param="duration_in_months")
