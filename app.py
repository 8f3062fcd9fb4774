"""The table of contents: every feature's routes, and every handler of a stream, a queue and a schedule.

Handlers live here because Chalice deploys a blueprint's handlers without this file. What is not needed to
answer a request is imported where it is used: this file is read at every cold start.
"""

from typing import Any

from chalicelib.earnings.routes import books, grants, months, papers, partners, policies, striking
from chalicelib.earnings.routes import dues as dues_routes
from chalicelib.earnings.routes import payouts as payout_routes
from chalicelib.engagement import routes as engagement
from chalicelib.feeds import routes as feeds
from chalicelib.follows import routes as follows
from chalicelib.kit import clock, health
from chalicelib.kit.gateway import App
from chalicelib.kit.replies import render_refusals_by
from chalicelib.kit.requests import resolve_viewers_by
from chalicelib.media import routes as media
from chalicelib.members import gift_routes as given_routes
from chalicelib.members import plan_routes
from chalicelib.members import routes as members
from chalicelib.notices import routes as notices
from chalicelib.people import routes as people
from chalicelib.people import service as accounts
from chalicelib.reads import gift_routes
from chalicelib.reads import routes as reads
from chalicelib.stories import link_routes
from chalicelib.stories import routes as stories
from chalicelib.web import books as books_pages
from chalicelib.web import (
    changing_policies,
    commons,
    connecting,
    console,
    console_front,
    console_gifts,
    docs,
    dues,
    friend_links,
    gifts,
    ledger,
    membership,
    payouts,
    plans,
    reading,
    refusing,
    rule_of_pay,
    signing_in,
    struck,
    writing,
)
from chalicelib.web import earnings as earnings_pages
from chalicelib.web import people as people_pages

app = App("longhand")
app.register_blueprint(health.routes)
app.register_blueprint(media.routes)
app.register_blueprint(people.routes)
app.register_blueprint(members.routes)
app.register_blueprint(plan_routes.routes)
app.register_blueprint(given_routes.routes)
app.register_blueprint(follows.routes)
app.register_blueprint(stories.routes)
app.register_blueprint(link_routes.routes)
app.register_blueprint(engagement.routes)
app.register_blueprint(reads.routes)
app.register_blueprint(gift_routes.routes)
app.register_blueprint(feeds.routes)
app.register_blueprint(partners.routes)
app.register_blueprint(papers.routes)
app.register_blueprint(months.routes)
app.register_blueprint(books.routes)
app.register_blueprint(dues_routes.routes)
app.register_blueprint(striking.routes)
app.register_blueprint(policies.routes)
app.register_blueprint(payout_routes.routes)
app.register_blueprint(grants.routes)
app.register_blueprint(notices.routes)
app.register_blueprint(reading.routes)
app.register_blueprint(friend_links.routes)
app.register_blueprint(writing.routes)
app.register_blueprint(connecting.routes)
app.register_blueprint(signing_in.routes)
app.register_blueprint(people_pages.routes)
app.register_blueprint(membership.routes)
app.register_blueprint(plans.routes)
app.register_blueprint(gifts.routes)
app.register_blueprint(dues.routes)
app.register_blueprint(earnings_pages.routes)
app.register_blueprint(books_pages.routes)
app.register_blueprint(console_front.routes)
app.register_blueprint(console_gifts.routes)
app.register_blueprint(changing_policies.routes)
app.register_blueprint(console.routes)
app.register_blueprint(ledger.routes)
app.register_blueprint(payouts.routes)
app.register_blueprint(struck.routes)
app.register_blueprint(commons.routes)
app.register_blueprint(rule_of_pay.routes)
app.register_blueprint(docs.routes)

resolve_viewers_by(lambda credential: accounts.viewer_of(credential, at=clock.now()))
render_refusals_by(refusing.page_of)

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
