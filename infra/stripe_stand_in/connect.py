"""Accounts of v2 that receive: their capabilities, and the link and page by which a person onboards."""

from stripe.v2.core import Account, AccountLink

from infra.stripe_stand_in.balance import sums
from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call
from infra.stripe_stand_in.clock import rfc3339
from infra.stripe_stand_in.errors import ApiError, no_such
from infra.stripe_stand_in.shapes import Json, shaped

LINK_S = 300
# Sections that the API leaves null unless `include` asks for them.
SECTIONS = ("configuration", "defaults", "identity", "requirements", "future_requirements")
# What each status of a capability comes with; other reasons are told by hand.
DETAILS = {
    "pending": ("determining_status", "no_resolution"),
    "rejected": ("rejected_other", "contact_stripe"),
    "restricted": ("requirements_past_due", "provide_info"),
    "unsupported": ("unsupported_country", "no_resolution"),
}
BALANCE_CAPABILITIES = ("stripe_transfers", "payouts")
CAPABILITY_EVENT = "v2.core.account[configuration.recipient].capability_status_updated"


def create_account(books: Books, call: Call) -> Json:
    params = call.params
    _check(params)
    wished = params["configuration"]["recipient"]
    account = shaped(
        Account,
        id=books.name("acct"),
        applied_configurations=["recipient"],
        closed=False,
        configuration={"recipient": _recipient("restricted", wished), "customer": None, "merchant": None},
        contact_email=params.get("contact_email"),
        created=rfc3339(books.clock.epoch()),
        dashboard=params["dashboard"],
        defaults={
            "responsibilities": params["defaults"]["responsibilities"] | {"requirements_collector": "stripe"}
        },
        display_name=params.get("display_name"),
        identity=params.get("identity"),
        metadata=params.get("metadata", {}),
        requirements={"entries": [_missing()], "summary": {"minimum_deadline": {"status": "currently_due"}}},
    )
    books.put("account", account)
    books.record_thin("v2.core.account.created", account["id"])
    return _shown(account, params.get("include", []))


def retrieve_account(books: Books, call: Call) -> Json:
    return _shown(books.get("account", call.name), call.params.get("include", []))


def create_link(books: Books, call: Call) -> Json:
    account = destination(books, call.params["account"])
    use_case = call.params["use_case"]
    if use_case.get("type") not in use_case:
        raise ApiError(
            400, f"use_case.{use_case.get('type')} is missing.", code="parameter_missing", param="use_case"
        )
    name = books.name("link")
    expires = books.clock.epoch() + LINK_S
    books.put(
        "link", {"id": name, "account": account["id"], "expires": expires, "used": False, "case": use_case}
    )
    return shaped(
        AccountLink,
        account=account["id"],
        created=rfc3339(books.clock.epoch()),
        expires_at=rfc3339(expires),
        url=f"{books.url}/onboarding/{name}",
        use_case=use_case,
    )


def retrieve_event(books: Books, call: Call) -> Json:
    event = books.get("thin_event", call.name)
    return event | {"data": books.get("thin_event_data", call.name)["data"], "changes": None}


def link_case(link: Json) -> Json:
    case: Json = link["case"][link["case"]["type"]]
    return case


def present_link(books: Books, name: str) -> Json | None:
    """The link, unless it was used or is too old; such a one leads to its refresh address."""
    link = books.get("link", name)
    return None if link["used"] or link["expires"] <= books.clock.epoch() else link


def onboard(books: Books, account: Json, *, complete: bool) -> Json:
    """The person has filled in the form: the account may receive, or Stripe wants more."""
    set_capability(books, account, "active" if complete else "restricted")
    account["requirements"] = {"entries": [] if complete else [_missing()], "summary": None}
    books.record_thin("v2.core.account[requirements].updated", account["id"])
    return account


def set_capability(
    books: Books, account: Json, status: str, *, of: tuple[str, ...] = BALANCE_CAPABILITIES, reason: str = ""
) -> None:
    """Also without the person: a lapse, a rejection."""
    balance = account["configuration"]["recipient"]["capabilities"]["stripe_balance"]
    for name in of:
        balance[name] = balance["stripe_transfers"] and _capability(status, reason)
        books.record_thin(CAPABILITY_EVENT, account["id"], updated_capability=f"stripe_balance.{name}")


def close_account(books: Books, call: Call) -> Json:
    """The platform closes it: with nothing left in it, and all that it is for named."""
    account = books.get("account", call.name)
    named = set(call.params.get("applied_configurations", []))
    if named != set(account["applied_configurations"]):
        raise ApiError(400, "Name all configurations of the account.", param="applied_configurations")
    if sum(sums(books, account["id"])):
        raise ApiError(400, "The account's balance is not 0.", code="balance_not_zero")
    return _shown(close(books, account), [])


def close(books: Books, account: Json) -> Json:
    """It is no more: what can still be seen is that it was."""
    if account["closed"]:
        raise no_such("account", account["id"])
    account |= {"closed": True, "applied_configurations": [], "configuration": None, "requirements": None}
    books.record_thin("v2.core.account.closed", account["id"])
    return account


def may_receive(account: Json) -> bool:
    return _is_active(account, "stripe_transfers")


def may_pay_out(account: Json) -> bool:
    return _is_active(account, "payouts")


def destination(books: Books, name: str) -> Json:
    account = books.objects.get("account", {}).get(name)
    if account is None or account["closed"]:
        error = no_such("destination", name, param="destination")
        raise ApiError(400, str(error), code="resource_missing", param="destination")
    return account


def _is_active(account: Json, name: str) -> bool:
    recipient = (account["configuration"] or {}).get("recipient")
    balance = recipient["capabilities"]["stripe_balance"] if recipient else {}
    return bool((balance.get(name) or {}).get("status") == "active")


def _check(params: Json) -> None:
    """What the API demands of a recipient with the Express dashboard."""
    collectors = params.get("defaults", {}).get("responsibilities", {})
    if not {"fees_collector", "losses_collector"} <= collectors.keys():
        raise ApiError(
            400, "defaults.responsibilities must name fees_collector and losses_collector.", param="defaults"
        )
    if "recipient" not in params.get("configuration", {}):
        raise ApiError(501, "The stand-in knows recipients alone.", kind="api_error")
    if not params.get("identity", {}).get("country"):
        raise ApiError(
            400, "identity.country is required.", code="parameter_missing", param="identity.country"
        )
    if params.get("dashboard") not in ("express", "full", "none"):
        raise ApiError(400, "dashboard is required.", code="parameter_missing", param="dashboard")


def _recipient(status: str, wished: Json) -> Json:
    asked = wished.get("capabilities", {}).get("stripe_balance", {})
    transfers = _capability(status) if asked.get("stripe_transfers") else None
    # Payouts to the bank come with the transfers.
    balance = {"stripe_transfers": transfers, "payouts": transfers}
    stripe_balance = Account.Configuration.Recipient.Capabilities.StripeBalance
    return {"applied": True, "capabilities": {"stripe_balance": shaped(stripe_balance, **balance)}}


def _capability(status: str, reason: str = "") -> Json:
    if status == "active":
        return {"status": status, "status_details": []}
    code, resolution = DETAILS[status]
    return {"status": status, "status_details": [{"code": reason or code, "resolution": resolution}]}


def _missing() -> Json:
    return {
        "awaiting_action_from": "user",
        "description": "identity.individual",
        "errors": [],
        "impact": {"restricts_capabilities": [_restricts()]},
        "minimum_deadline": {"status": "currently_due"},
        "reference": None,
        "requested_reasons": [{"code": "routine_onboarding"}],
    }


def _restricts() -> Json:
    deadline = {"status": "currently_due"}
    return {
        "capability": "stripe_balance.stripe_transfers",
        "configuration": "recipient",
        "deadline": deadline,
    }


def _shown(account: Json, include: list[str]) -> Json:
    asked = {each.split(".")[0] for each in include}
    return {
        name: None if name in SECTIONS and name not in asked else value for name, value in account.items()
    }
