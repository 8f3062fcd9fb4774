"""The list of events, from which somebody who missed deliveries fills the gaps."""

from infra.stripe_stand_in.books import Books
from infra.stripe_stand_in.call import Call, page_of
from infra.stripe_stand_in.shapes import Json

# Stripe keeps events for so long; whoever looks later has to ask about the things themselves.
KEPT_S = 30 * 86400


def list_events(books: Books, call: Call) -> Json:
    """The platform's own, by type (`charge.*` too), time, and whether they have been delivered."""
    params = call.params
    wished = params.get("types") or ([params["type"]] if "type" in params else [])
    since = books.clock.epoch() - KEPT_S
    ours = [each for each in books.all("event") if not each["account"] and each["created"] > since]
    found = [each for each in ours if _is_one_of(each, wished)]
    if "delivery_success" in params:
        found = [each for each in found if (not each["pending_webhooks"]) == params["delivery_success"]]
    return page_of(found, call, "/v1/events")


def _is_one_of(event: Json, wished: list[str]) -> bool:
    return not wished or any(
        event["type"].startswith(each[:-1]) if each.endswith("*") else event["type"] == each
        for each in wished
    )
