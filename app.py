"""The table of contents: every room of routes, and every handler of a stream, a queue and a schedule.

Handlers live here because Chalice deploys a blueprint's handlers without this file. This file is read at
every cold start, so it imports no feature: a room is opened when one of its paths is asked for.
"""

from typing import Any

from chalicelib.kit import clock
from chalicelib.kit.answers import Page
from chalicelib.kit.gateway import App
from chalicelib.kit.operations import Viewer
from chalicelib.kit.refusals import Refusal
from chalicelib.kit.replies import render_refusals_by
from chalicelib.kit.requests import Credential, resolve_viewers_by

ROOMS = {
    "kit.health": ["/healthz"],
    "media.routes": ["/api/images"],
    "people.routes": ["/api/sign-in", "/api/sessions", "/api/me", "/api/people"],
    "members.routes": [
        "/api/membership",
        "/api/membership/checkout",
        "/api/membership/portal",
        "/hooks/stripe",
    ],
    "members.plan_routes": [
        "/api/membership/plan",
        "/api/membership/plan-change",
        "/api/membership/cancellation",
        "/api/membership/withdrawal",
        "/api/membership/next-payment",
        "/api/membership/invoices",
    ],
    "members.gift_routes": ["/api/gifts", "/api/gift-codes", "/api/operator/gifts"],
    "members.withdrawal_routes": ["/api/operator/withdrawals"],
    "follows.routes": ["/api/people/{handle}/follow", "/api/me/following"],
    "stories.routes": [
        "/api/stories",
        "/api/stories/{story_id}",
        "/api/drafts",
        "/api/people/{handle}/stories",
    ],
    "stories.link_routes": ["/api/stories/{story_id}/friend-links"],
    "engagement.routes": ["/api/stories/{story_id}/applause"],
    "reads.routes": ["/api/readings"],
    "reads.gift_routes": ["/api/gift-readings"],
    "feeds.routes": ["/api/stories/{story_id}", "/api/feeds", "/api/topics", "/feed", "/topic/{topic}/feed"],
    "earnings.routes.partners": ["/api/partner", "/hooks/stripe/accounts"],
    "earnings.routes.papers": [
        "/api/partner/statements/{month}/csv",
        "/api/partner/statements/{month}/pdf",
        "/api/partner/months",
    ],
    "earnings.routes.months": ["/api/operator/months"],
    "earnings.routes.books": ["/api/operator/ledger", "/api/operator/books"],
    "earnings.routes.dues": ["/api/membership/dues"],
    "earnings.routes.striking": ["/api/operator/strikes"],
    "earnings.routes.policies": ["/api/policies", "/api/operator/policies"],
    "earnings.routes.payouts": [
        "/api/partner/departure",
        "/api/operator/months/{month}/payouts",
        "/api/operator/partners",
        "/api/operator/remittances",
        "/api/operator/bank-troubles",
    ],
    "earnings.routes.grants": ["/api/grants", "/api/operator/grants"],
    "notices.routes": ["/api/notices"],
    "web.reading": ["/", "/{handle}/{slug}", "/p/{story_id}", "/following", "/topic"],
    "web.friend_links": ["/p/{story_id}/friend", "/p/{story_id}/links"],
    "web.writing": ["/write", "/drafts"],
    "web.connecting": ["/{handle}/follow", "/{handle}/unfollow", "/p/{story_id}/applaud", "/notices"],
    "web.signing_in": ["/signin", "/signout", "/welcome"],
    "web.people": ["/{handle}", "/you", "/settings"],
    "web.membership": ["/membership", "/membership/join", "/membership/portal", "/membership/thanks"],
    "web.plans": [
        "/membership/plan",
        "/membership/cancel",
        "/membership/keep",
        "/membership/withdrawal",
        "/membership/invoices",
    ],
    "web.gifts": ["/membership/gifts", "/gifts"],
    "web.dues": ["/membership/dues"],
    "web.earnings": ["/earnings"],
    "web.books": ["/console/books"],
    "web.console_front": ["/console", "/console/memberships"],
    "web.console_gifts": ["/console/gifts"],
    "web.console_withdrawals": ["/console/withdrawals"],
    "web.changing_policies": ["/console/policies"],
    "web.console": ["/console/{month}"],
    "web.ledger": ["/console/ledger"],
    "web.payouts": ["/console/{month}/payouts", "/console/{month}/proposal", "/console/{month}/approval"],
    "web.struck": ["/console/readings"],
    "web.commons": ["/commons", "/console/commons"],
    "web.rule_of_pay": ["/rules"],
    "web.docs": ["/openapi.json", "/docs"],
}

app = App("longhand", ROOMS)
app.open("kit.health")  # Chalice packages an API only for an app that has a route


def viewer_of(credential: Credential) -> Viewer | None:
    from chalicelib.people import service

    return service.viewer_of(credential, at=clock.now())


def page_of(refusal: Refusal, path: str) -> Page:
    from chalicelib.web import refusing

    return refusing.page_of(refusal, path)


resolve_viewers_by(viewer_of)
render_refusals_by(page_of)


# A stream's real address comes in from infra/resources.yaml; here stands its table's name.


@app.on_dynamodb_record(stream_arn="people", batch_size=100)
def people_facts(event: Any) -> Any:
    from chalicelib.people import service

    return service.spread(event.to_dict())


@app.on_dynamodb_record(stream_arn="follows", batch_size=100)
def follow_facts(event: Any) -> Any:
    from chalicelib.follows import service

    return service.spread(event.to_dict())


@app.on_dynamodb_record(stream_arn="stories", batch_size=100)
def story_facts(event: Any) -> Any:
    from chalicelib.stories import service

    return service.spread(event.to_dict())


@app.on_dynamodb_record(stream_arn="engagement", batch_size=100)
def applause_facts(event: Any) -> Any:
    from chalicelib.engagement import service

    return service.spread(event.to_dict())


@app.on_sqs_message(queue="notices", batch_size=10)
def tell_followers(event: Any) -> Any:
    from chalicelib.notices import service

    return service.hear(event.to_dict())


@app.on_sqs_message(queue="topics", batch_size=10)
def file_topics(event: Any) -> Any:
    from chalicelib.feeds import service

    return service.hear(event.to_dict())


@app.on_sqs_message(queue="cards", batch_size=10)
def refresh_cards(event: Any) -> Any:
    from chalicelib.stories import service

    return service.hear(event.to_dict())


@app.on_sqs_message(queue="months", batch_size=1)
def run_month(event: Any) -> Any:
    from chalicelib.earnings import service

    return service.hear(event.to_dict())


@app.on_sqs_message(queue="payouts", batch_size=1)
def pay_partner(event: Any) -> Any:
    from chalicelib.earnings.pay import paying

    return paying.hear(event.to_dict())


@app.on_sqs_message(queue="reconciling", batch_size=1)
def reconcile_step(event: Any) -> Any:
    from chalicelib.members import service

    return service.hear(event.to_dict())


@app.schedule("rate(1 day)")
def reconcile_nightly(event: Any) -> None:
    from chalicelib.members import service

    service.reconcile_soon(clock.now())


@app.schedule("rate(1 day)")
def estimate_daily(event: Any) -> None:
    from chalicelib.earnings import service

    service.estimate_all(clock.now())


@app.schedule("rate(1 day)")
def judge_daily(event: Any) -> None:
    from chalicelib.reads import striking

    striking.judge_due(clock.now())


@app.schedule("rate(1 hour)")
def sweep_hourly(event: Any) -> None:
    from chalicelib.stories import service

    service.erase_due(clock.now())
